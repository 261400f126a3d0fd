/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_rebuild.h"

#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "guest_rebuild.h"
#include "image.h"
#include "run_guests.h"
#include "run_host.h"

#include <string.h>

/* The same time as for a ping of the clock fit. */
#define PROBE_NS (10 * XB_NS_PER_S)

/*
 * The memory to build the guest with in this case. If the case names none, it is the memory that
 * the guest was made with, not another case's; 0 if the image is gone: keep the guest's memory.
 */
static uint64_t memory_for(const struct xb_run *run, size_t g, uint32_t case_no)
{
    const struct xb_exp_build *want = &run->exp->cases[case_no].parts[g].build;
    xb_auto_image struct xb_image image = {0};
    struct xb_err ignored = {0};
    if (want->memory_bytes || run->exp->guests[g].memory_bytes)
        return want->memory_bytes ? want->memory_bytes : run->exp->guests[g].memory_bytes;
    return xb_image_find(run->app, want->image, &image, &ignored) < 0
               ? 0
               : xb_image_default_memory(image.min_memory_bytes);
}

int xb_run_set_build(struct xb_run *run, size_t g, uint32_t case_no, struct xb_err *err)
{
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    const struct xb_exp_build *want = &c->parts[g].build;
    const char *pool = xb_exp_pool_of(c, g);
    struct xb_guest_build build = {
        .memory_bytes = memory_for(run, g, case_no),
        .pool = strcmp(pool, XB_POOL_0) != 0 ? pool : NULL,
        .tsc_mode = want->tsc_mode >= 0 ? xb_tsc_mode_words[want->tsc_mode] : NULL,
        .nodes = want->nodes[0] ? want->nodes : NULL,
    };
    run->guests[g].built_for = case_no;
    return xb_guest_rebuild(run->app, run->exp->guests[g].name, &build, err);
}

/* A resumed run does not know for which case its guests were built: build them anew if in doubt. */
static bool must_build(const struct xb_run *run, size_t g, uint32_t case_no)
{
    const struct xb_run_guest *guest = &run->guests[g];
    if (!guest->made)
        return false;
    if (guest->built_for == XB_EXP_NO_CASE) {
        for (uint32_t c = 0; c < run->exp->case_count; c++)
            if (xb_exp_build_differs(run->exp, c, case_no, g))
                return true;
        return false;
    }
    /* When the run's pools are removed and made again, the guests in them must be built anew. */
    return xb_exp_build_differs(run->exp, guest->built_for, case_no, g) ||
           (!xb_run_pools_are(run, case_no) && run->host.pools_resized &&
            strcmp(xb_exp_pool_of(&run->exp->cases[guest->built_for], g), XB_POOL_0) != 0);
}

size_t xb_run_find_lost(struct xb_run *run, bool *lost)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    Xb__Ping ping = XB__PING__INIT;
    struct xb_err stopped = {0};
    size_t count = 0;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_agent *agent = run->agents[g];
        bool in = !run->guests[g].left_out;
        lost[g] = in && (run->guests[g].unfit || !agent || !xb_agent_ready(agent));
        if (in && !lost[g])
            asks[g] = (struct xb_ask){
                .agent = agent, .type = XB_PING, .answer = XB_PONG, .msg = &ping.base};
    }
    xb_agents_ask(asks, run->count, PROBE_NS);
    bool stopping = xb_run_stopping(run, &stopped);
    for (size_t g = 0; g < run->count; g++) {
        if (asks[g].err.class != XB_E_NONE && !stopping) {
            xb_progress_done(&run->progress, "warning: %s", asks[g].err.msg);
            xb_run_unfit(run, g, &asks[g].err);
            xb_agent_drop(run->agents[g]);
            lost[g] = true;
        }
        count += lost[g];
    }
    xb_asks_clear(asks, run->count);
    return count;
}

/* Only xenbench's own guests can be started; what `xl create` started is connected to again. */
static bool can_start(const struct xb_run *run, size_t g)
{
    const struct xb_run_guest *guest = &run->guests[g];
    return guest->is_domain && (guest->made || xb_guest_exists(run->app, guest->exp->name));
}

/* Pick the guests to start anew; *names lists those that have a definition to start from. */
static size_t pick(struct xb_run *run, uint32_t case_no, bool *which, const char **names,
                   size_t *lost)
{
    size_t count = 0;
    *lost = run->exp->on_guest_failure != XB_POLICY_STOP ? xb_run_find_lost(run, which) : 0;
    for (size_t g = 0; g < run->count; g++) {
        which[g] = !run->guests[g].left_out && (which[g] || must_build(run, g, case_no));
        if (which[g] && can_start(run, g))
            names[count++] = run->exp->guests[g].name;
    }
    return count;
}

/* End the session, and forget what runs in the guest. */
static void forget(struct xb_run *run, size_t g)
{
    struct xb_run_guest *guest = &run->guests[g];
    xb_agent_free(run->agents[g]);
    run->agents[g] = NULL;
    memset(guest->prepared, 0, run->exp->workload_count * sizeof(*guest->prepared));
    guest->each = (struct xb_left){0};
    guest->unfit = false;
}

/* A guest that was running before the run is the user's, and keeps its domain and its work. */
static int destroy_domain(struct xb_run *run, size_t g, struct xb_err *err)
{
    const struct xb_run_guest *guest = &run->guests[g];
    bool ours = guest->is_domain && (guest->made || guest->started);
    return ours && xb_guest_exists(run->app, guest->exp->name)
               ? xb_guest_destroy(run->app, guest->exp->name, err)
               : 0;
}

static int destroy(struct xb_run *run, const bool *which, struct xb_err *err)
{
    for (size_t g = 0; g < run->count; g++) {
        if (!which[g])
            continue;
        forget(run, g);
        if (destroy_domain(run, g, err) < 0)
            return -1;
    }
    return 0;
}

int xb_run_end_lost(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free bool *lost = xb_calloc(run->count, sizeof(*lost));
    xb_run_find_lost(run, lost);
    return destroy(run, lost, err);
}

int xb_run_leave_out(struct xb_run *run, size_t g, struct xb_err *err)
{
    struct xb_run_guest *guest = &run->guests[g];
    struct xb_about about = XB_ABOUT_GUEST(guest->exp->name);
    forget(run, g);
    guest->left_out = true;
    if (xb_run_warn(
            run, about, XB_WARN_GUEST_LEFT_OUT, err,
            "guest %s was lost %u time%s in a row and is left out from here on; its samples "
            "are lost (%s)",
            guest->exp->name, guest->losses, xb_plural(guest->losses), guest->why) < 0)
        return -1;
    return destroy_domain(run, g, err);
}

bool xb_run_must_make(const struct xb_run *run, size_t g, uint32_t case_no)
{
    uint32_t now = run->guests[g].built_for;
    for (uint32_t c = 0; now == XB_EXP_NO_CASE && c < run->exp->case_count; c++)
        if (xb_exp_made_anew(run->exp, c, case_no, g))
            return true;
    return now != XB_EXP_NO_CASE && xb_exp_made_anew(run->exp, now, case_no, g);
}

int xb_run_build_guest(struct xb_run *run, size_t g, uint32_t case_no, struct xb_err *err)
{
    if (!xb_run_must_make(run, g, case_no))
        return xb_run_set_build(run, g, case_no, err);
    run->guests[g].remade = true;
    return xb_run_remove_guest(run, run->exp->guests[g].name, err) < 0
               ? -1
               : xb_run_make_guest(run, g, case_no, err);
}

static int build(struct xb_run *run, const bool *which, uint32_t case_no, struct xb_err *err)
{
    for (size_t g = 0; g < run->count; g++)
        if (which[g] && run->guests[g].made && xb_run_build_guest(run, g, case_no, err) < 0)
            return -1;
    return 0;
}

/* A new guest has a new baseline. */
static int read_remade(struct xb_run *run, struct xb_err *err)
{
    for (size_t g = 0; g < run->count; g++)
        if (run->guests[g].remade && run->agents[g] && xb_run_guest_baseline(run, g, err) < 0)
            return -1;
    return 0;
}

int xb_run_guests_fit(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    xb_auto_free bool *which = xb_calloc(run->count, sizeof(*which));
    xb_auto_free const char **names = xb_calloc(run->count, sizeof(*names));
    size_t lost;
    size_t count = pick(run, case_no, which, names, &lost);
    bool again = count > 0 || lost > 0;
    if (lost > 0)
        xb_progress_done(&run->progress, "%zu guest%s lost: bringing %s up again", lost,
                         lost == 1 ? " was" : "s were", lost == 1 ? "it" : "them");
    if (again && destroy(run, which, err) < 0)
        return -1;
    if (run->has_domains && xb_run_pools_apply(run, case_no, err) < 0)
        return -1;
    if (again &&
        (build(run, which, case_no, err) < 0 || xb_run_pools_schedule(run, case_no, err) < 0 ||
         xb_run_guests_start(run, names, count, err) < 0 ||
         xb_run_guests_connect(run, which, err) < 0))
        return -1;
    /* Also of guests that came up earlier, beside one that did not. */
    if (read_remade(run, err) < 0)
        return -1;
    run->tally.restarts += (uint32_t)count;
    return xb_job_prepare(run, case_no, err);
}
