/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_guests.h"

#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "run_facts.h"
#include "run_host.h"
#include "run_left.h"
#include "run_rebuild.h"
#include "store_guest.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define SETTLE_FIRST_MS 20
#define SETTLE_LONGEST_MS 500
#define REACH_NS (15 * XB_NS_PER_S)
#define STOP_NS (60 * XB_NS_PER_S)

static int mark_guest(struct xb_run *run, struct xb_run_guest *guest, struct xb_err *err)
{
    const struct xb_guest_owned owned = {guest->made, guest->started};
    return xb_store_guest_own(run->store, run->id, guest->exp->name, owned, err);
}

int xb_run_make_guest(struct xb_run *run, size_t g, uint32_t case_no, struct xb_err *err)
{
    struct xb_run_guest *guest = &run->guests[g];
    const struct xb_exp_guest *exp = guest->exp;
    const struct xb_exp_build *build = &run->exp->cases[case_no].parts[g].build;
    uint32_t vcpus = xb_exp_maxvcpus(run->exp, case_no, g);
    if (!exp->image)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "%s:%u: there is no guest %s, and no `image` to make it from (`xenbench image "
            "list` lists images)",
            run->exp->path, exp->line, exp->name);
    struct xb_guest_spec spec = {
        .name = exp->name,
        .image = build->image,
        .type = (enum xb_guest_type)build->type,
        .memory_bytes = exp->memory_bytes ? exp->memory_bytes : build->memory_bytes,
        .vcpus = vcpus,
        .max_vcpus = vcpus,
        .run = exp->keep ? NULL : run->id,
    };
    guest->made = !exp->keep;
    guest->started = true;
    /* Recorded first, so that a guest that the run makes always has a record. */
    if (mark_guest(run, guest, err) < 0)
        return -1;
    xb_progress_now(&run->progress, "making guest %s from image %s", exp->name, build->image);
    if (xb_guest_create(run->app, &spec, NULL, err) < 0)
        return -1;
    return xb_run_set_build(run, g, case_no, err);
}

static int check_owner(const struct xb_run *run, const struct xb_guest_info *info,
                       struct xb_err *err)
{
    if (!info->run[0] || strcmp(info->run, run->id) == 0)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s was made by run %.8s, which did not finish (`xenbench run --resume "
                   "%.8s` finishes it, "
                   "`xenbench clean` removes what it left)",
                   info->guest.name, info->run, info->run);
}

/* Make sure that a guest exists, stopped or running; *runs says which. */
static int have_guest(struct xb_run *run, struct xb_run_guest *guest,
                      const struct xb_guest_info *infos, size_t count, uint32_t case_no, bool *runs,
                      struct xb_err *err)
{
    *runs = false;
    for (size_t i = 0; i < count; i++) {
        const struct xb_guest_info *info = &infos[i];
        if (strcmp(info->guest.name, guest->exp->name) != 0)
            continue;
        *runs = info->guest.domid != 0;
        guest->made = info->run[0] && strcmp(info->run, run->id) == 0;
        guest->started = guest->started || !*runs || guest->made;
        if (check_owner(run, info, err) < 0 || mark_guest(run, guest, err) < 0)
            return -1;
        /* A resumed run does not know for which case it built a running guest. */
        return guest->made && !*runs
                   ? xb_run_build_guest(run, (size_t)(guest - run->guests), case_no, err)
                   : 0;
    }
    return xb_run_make_guest(run, (size_t)(guest - run->guests), case_no, err);
}

/* Note the guests that did not start: the others only started beside them. */
static void blame(struct xb_run *run, const char *name, const struct xb_err *why)
{
    for (size_t g = 0; g < run->count; g++)
        if (strcmp(run->guests[g].exp->name, name) == 0)
            xb_run_unfit(run, g, why);
}

int xb_run_guests_start(struct xb_run *run, const char *const *names, size_t count,
                        struct xb_err *err)
{
    if (count == 0)
        return 0;
    xb_progress_now(&run->progress, "starting %zu guest%s", count, xb_plural(count));
    uint64_t began_ns = xb_now_ns();
    xb_auto_free struct xb_guest_started *started = xb_calloc(count, sizeof(*started));
    /* Whoever connects waits for the agents, and judges each guest by itself. */
    int r = xb_guest_start_all(run->app, names, count, 0, started, err);
    for (size_t i = 0; i < count; i++)
        if (started[i].err.class != XB_E_NONE)
            blame(run, names[i], &started[i].err);
    if (r < 0)
        return -1;
    xb_progress_done(&run->progress, "%zu guest%s started in %.1f s", count, xb_plural(count),
                     (double)(xb_now_ns() - began_ns) / 1e9);
    return 0;
}

static int have_guests(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    xb_auto_free struct xb_guest_info *infos = NULL;
    xb_auto_free const char **names = xb_calloc(run->count, sizeof(*names));
    size_t info_count = 0, starting = 0;
    if (run->has_domains && xb_guest_list(run->app, &infos, &info_count, err) < 0)
        return -1;
    for (size_t g = 0; g < run->count; g++) {
        bool runs;
        if (!xb_run_has_domain(run, g))
            continue;
        if (xb_run_stopping(run, err) ||
            have_guest(run, &run->guests[g], infos, info_count, case_no, &runs, err) < 0)
            return -1;
        if (!runs)
            names[starting++] = run->guests[g].exp->name;
    }
    return xb_run_pools_schedule(run, case_no, err) < 0
               ? -1
               : xb_run_guests_start(run, names, starting, err);
}

/* which NULL: every guest that is not left out. */
static bool is_of(const struct xb_run *run, const bool *which, size_t g)
{
    return !run->guests[g].left_out && (!which || which[g]);
}

/* The guest ran, or was started: if it is gone already, it is lost, not a wrong name. */
static enum xb_err_class class_of_loss(const struct xb_err *why)
{
    return why->class == XB_E_INPUT ? XB_E_BENCH : why->class;
}

static int connect_guests(struct xb_run *run, const bool *which, struct xb_err *err)
{
    xb_auto_free const char **targets = xb_calloc(run->count, sizeof(*targets));
    xb_auto_free struct xb_agent **agents = xb_calloc(run->count, sizeof(struct xb_agent *));
    size_t count = 0;
    for (size_t g = 0; g < run->count; g++) {
        if (!is_of(run, which, g))
            continue;
        targets[count++] = run->guests[g].target;
        xb_agent_free(run->agents[g]);
        run->agents[g] = NULL;
    }
    xb_auto_free struct xb_err *errs = xb_calloc(count, sizeof(*errs));
    xb_agents_connect_each(agents, run->app, targets, count,
                           xb_now_ns() + run->exp->boot_timeout_ns, run->stop_fd, errs);
    int r = 0;
    for (size_t g = 0, i = 0; g < run->count; g++) {
        if (!is_of(run, which, g))
            continue;
        run->agents[g] = agents[i];
        if (errs[i].class != XB_E_NONE) {
            xb_run_unfit(run, g, &errs[i]);
            r = xb_fail(err, class_of_loss(&errs[i]), 0, "%s", errs[i].msg);
        }
        i++;
    }
    return r;
}

void xb_run_guests_reach(struct xb_run *run)
{
    for (size_t g = 0; g < run->count; g++) {
        struct xb_err ignored = {0};
        const char *target = run->guests[g].target;
        if (xb_agents_connect(&run->agents[g], run->app, &target, 1, xb_now_ns() + REACH_NS,
                              run->stop_fd, &ignored) < 0)
            run->agents[g] = NULL;
    }
}

void xb_run_disconnect(struct xb_run *run)
{
    xb_agents_free(run->agents, run->count);
}

static bool is_ours(const struct xb_run *run, const Xb__JobState *job)
{
    return strncmp(job->token, run->id, strlen(run->id)) == 0 || xb_job_is_step(job->token);
}

/*
 * End the jobs of this run and of any run's `prepare`, as no other run is alive (run_lock.h). The
 * guest makes the list, and must not hold up the others for every entry.
 */
static int end_our_jobs(struct xb_run *run, size_t g, struct xb_err *err)
{
    const Xb__Hello *hello = xb_agent_hello(run->agents[g]);
    uint64_t began_ns = xb_now_ns();
    for (size_t i = 0; i < hello->n_jobs; i++) {
        if (!is_ours(run, hello->jobs[i]))
            continue;
        if (xb_now_ns() - began_ns >= XB_JOB_END_NS) {
            xb_fail(err, XB_E_BENCH, 0, "guest %s: jobs of an earlier controller do not end",
                    run->guests[g].exp->name);
            xb_run_unfit(run, g, err);
            return -1;
        }
        xb_job_end(run, g, hello->jobs[i]->job_id, hello->jobs[i]->phase);
        if (xb_run_stopping(run, err))
            return -1;
    }
    return 0;
}

/* Jobs of others disturb the measurement. */
static int warn_of_jobs(struct xb_run *run, size_t g, struct xb_err *err)
{
    const Xb__Hello *hello = xb_agent_hello(run->agents[g]);
    for (size_t i = 0; i < hello->n_jobs; i++) {
        const Xb__JobState *job = hello->jobs[i];
        struct xb_about about = XB_ABOUT_GUEST(run->guests[g].exp->name);
        if (!is_ours(run, job) && job->phase != XB__JOB_PHASE__JOB_PHASE_DONE &&
            xb_run_warn(run, about, XB_WARN_OTHER_JOB, err,
                        "guest %s: somebody else's job is there (%.40s); it competes with "
                        "the measurement",
                        about.guest, job->token) < 0)
            return -1;
    }
    return 0;
}

/* Ask the guests that are open; guests that have settled or failed are no longer open. */
static int ask_settled(struct xb_run *run, bool *open, struct xb_err *err)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (size_t g = 0; g < run->count; g++)
        if (open[g])
            asks[g] = (struct xb_ask){
                .agent = run->agents[g], .type = XB_STATUS_REQUEST, .answer = XB_STATUS};
    xb_agents_ask(asks, run->count, XB_STATUS_TIMEOUT_NS);
    for (size_t g = 0; g < run->count; g++)
        open[g] = asks[g].body && !((const Xb__Status *)asks[g].body)->settled;
    xb_asks_clear(asks, run->count);
    return xb_run_judge_asks(run, asks, err);
}

/* The first open guest; run->count where none is open. */
static size_t first_open(const struct xb_run *run, const bool *open)
{
    size_t g = 0;
    while (g < run->count && !open[g])
        g++;
    return g;
}

static int warn_unsettled(struct xb_run *run, size_t g, struct xb_err *err)
{
    struct xb_about about = XB_ABOUT_GUEST(run->guests[g].exp->name);
    return xb_run_warn(run, about, XB_WARN_NOT_SETTLED, err,
                       "guest %s: its boot has not come to rest after %" PRIu64
                       " s; what still starts in it competes with the measurement",
                       about.guest, (uint64_t)(run->exp->boot_timeout_ns / XB_NS_PER_S));
}

/*
 * Wait until the guests' boot has finished. Ask less and less often, as each question wakes the
 * guest.
 */
static int settle(struct xb_run *run, const bool *which, struct xb_err *err)
{
    uint64_t deadline_ns = xb_now_ns() + run->exp->boot_timeout_ns, pause_ms = SETTLE_FIRST_MS;
    xb_auto_free bool *open = xb_calloc(run->count, sizeof(*open));
    for (size_t g = 0; g < run->count; g++)
        open[g] = is_of(run, which, g) && run->agents[g];
    int r = ask_settled(run, open, err);
    size_t first;
    while ((first = first_open(run, open)) < run->count && xb_now_ns() < deadline_ns) {
        xb_progress_now(&run->progress, "waiting for guest %s to come to rest",
                        run->guests[first].exp->name);
        struct pollfd stop = {.fd = run->stop_fd, .events = POLLIN};
        poll(&stop, 1, (int)pause_ms);
        pause_ms = xb_longer(pause_ms, SETTLE_LONGEST_MS);
        if (xb_run_stopping(run, err))
            return -1;
        r |= ask_settled(run, open, err);
    }
    for (size_t g = 0; g < run->count; g++)
        if (open[g] && warn_unsettled(run, g, err) < 0)
            return -1;
    return r;
}

static int look_at(struct xb_run *run, size_t g, struct xb_err *err)
{
    xb_run_read_built(run, g);
    return end_our_jobs(run, g, err) < 0 || warn_of_jobs(run, g, err) < 0
               ? -1
               : xb_run_write_guest(run, g, err);
}

static int get_ready(struct xb_run *run, const bool *which, struct xb_err *err)
{
    int r = settle(run, which, err);
    for (size_t g = 0; g < run->count; g++)
        if (is_of(run, which, g) && run->agents[g] && !run->guests[g].unfit &&
            look_at(run, g, err) < 0)
            r = -1;
    return r;
}

/* If a guest does not come, the others get ready all the same: nobody connects to them again. */
int xb_run_guests_connect(struct xb_run *run, const bool *which, struct xb_err *err)
{
    struct xb_err later = {0};
    int r = connect_guests(run, which, err);
    return get_ready(run, which, r < 0 ? &later : err) < 0 ? -1 : r;
}

int xb_run_guests_up(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    return have_guests(run, case_no, err) < 0 ? -1 : xb_run_guests_connect(run, NULL, err);
}

int xb_run_guests_destroy(struct xb_run *run, struct xb_err *err)
{
    int r = 0;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_run_guest *guest = &run->guests[g];
        if (!guest->made || !xb_guest_exists(run->app, guest->exp->name))
            continue;
        xb_agent_free(run->agents[g]);
        run->agents[g] = NULL;
        if (xb_guest_destroy(run->app, guest->exp->name, err) < 0)
            r = -1;
    }
    return r;
}

int xb_run_remove_guest(struct xb_run *run, const char *name, struct xb_err *err)
{
    if (!xb_guest_exists(run->app, name))
        return 0;
    return xb_guest_destroy(run->app, name, err) < 0 || xb_guest_remove(run->app, name, err) < 0
               ? -1
               : 0;
}

/* Is the guest another run's, which nobody will finish? 1, 0 or -1. */
static int is_left_over(struct xb_run *run, const struct xb_guest_info *info, struct xb_err *err)
{
    if (!info->run[0] || strcmp(info->run, run->id) == 0)
        return 0;
    return run->options->alone ? 1 : xb_store_run_over(run->store, info->run, err);
}

int xb_run_guests_sweep(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free struct xb_guest_info *infos = NULL;
    size_t count = 0;
    if (!run->has_domains)
        return 0;
    if (xb_guest_list(run->app, &infos, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int over = is_left_over(run, &infos[i], err);
        if (over < 0 || (over && xb_run_remove_guest(run, infos[i].guest.name, err) < 0))
            return -1;
    }
    return 0;
}

int xb_run_guests_down(struct xb_run *run, struct xb_err *err)
{
    int r = 0;
    xb_run_disconnect(run);
    for (size_t g = 0; g < run->count; g++) {
        struct xb_run_guest *guest = &run->guests[g];
        const char *name = guest->exp->name;
        if (guest->made ? xb_run_remove_guest(run, name, err) < 0
                        : guest->started && xb_guest_stop_all(run->app, &name, 1, STOP_NS, err) < 0)
            r = -1;
    }
    return r;
}
