/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_host.h"

#include "alloc.h"
#include "base.h"
#include "build_state.h"
#include "experiment_i.h"
#include "files.h"
#include "host.h"
#include "store_guest.h"

#include <string.h>

void xb_run_read_built(struct xb_run *run, size_t g)
{
    struct xb_run_guest *guest = &run->guests[g];
    struct xb_build_state state;
    guest->built_nodes = 0;
    /* A guest that was there before may have had other affinities when it got its memory. */
    if (!guest->is_domain || guest->built_for == XB_EXP_NO_CASE)
        return;
    xb_build_read(run->xen, xb_run_domid(run, g), &state);
    guest->built_nodes = state.nodes;
}

/* Did the case name nodes for the guest's memory? Xen gets them as a soft affinity. */
static bool has_nodes(const struct xb_run *run, size_t g)
{
    uint32_t c = run->guests[g].built_for;
    return c != XB_EXP_NO_CASE && run->exp->cases[c].parts[g].build.nodes[0];
}

/*
 * A guest that the run made or started still has the settings of the cell in which the controller
 * died, because the host's record is older than the guest. Read the guest's baseline from the
 * store. 1: known; 0: the controller died before any cell.
 */
static int recall_baseline(struct xb_run *run, struct xb_run_guest *guest, struct xb_err *err)
{
    xb_auto_free char *text = NULL;
    if (!run->resumed || !(guest->made || guest->started))
        return 0;
    if (xb_store_guest_baseline(run->store, run->id, guest->exp->name, &text, err) < 0)
        return -1;
    if (!text)
        return 0;
    xb_auto_json json_t *json = json_loads(text, 0, NULL);
    if (!json || xb_allocation_from_json(json, &guest->baseline, err) < 0)
        return xb_fail(err, XB_E_HOST, 0,
                       "the store no longer knows how guest %s was when run %.8s began "
                       "(--afresh begins another run)",
                       guest->exp->name, run->id);
    return 1;
}

static int read_baseline(struct xb_run *run, size_t g, struct xb_err *err)
{
    struct xb_run_guest *guest = &run->guests[g];
    if (xb_allocation_read(run->xen, xb_run_domid(run, g), &guest->baseline, err) < 0)
        return -1;
    /* That soft affinity was for memory alone: it is no part of the baseline. */
    if (has_nodes(run, g) && xb_allocation_set_soft(&guest->baseline, -1, "all", err) < 0)
        return -1;
    /* Where no case sets memory, a balloon may change it freely. */
    if (!xb_exp_sets_memory(run->exp, (int)g))
        guest->baseline.memory_bytes = 0;
    /* The run makes a guest in the pool of its case; a case that names no pool means Pool-0. */
    if (guest->made)
        snprintf(guest->baseline.pool, sizeof(guest->baseline.pool), "%s", XB_POOL_0);
    xb_auto_json json_t *json = xb_allocation_to_json(&guest->baseline);
    return xb_store_guest_set_baseline(run->store, run->id, guest->exp->name, json, err);
}

/*
 * A guest that stays after the run is restored with the host, by `clean` too if the controller
 * dies. The host's record lacks a guest that was not running when it was made, so add the guest.
 */
static int record_guest(struct xb_run *run, size_t g, struct xb_err *err)
{
    const struct xb_run_guest *guest = &run->guests[g];
    if (guest->made || !guest->started)
        return 0;
    return xb_host_record_domain(run->app, xb_run_domid(run, g),
                                 xb_agent_guest(run->agents[g])->uuid, &guest->baseline, err);
}

int xb_run_guest_baseline(struct xb_run *run, size_t g, struct xb_err *err)
{
    struct xb_run_guest *guest = &run->guests[g];
    if (!xb_run_has_domain(run, g))
        return 0;
    xb_allocation_free(&guest->baseline);
    int r = guest->remade ? 0 : recall_baseline(run, guest, err);
    if (r < 0 || (r == 0 && read_baseline(run, g, err) < 0))
        return -1;
    guest->remade = false;
    return record_guest(run, g, err);
}

static bool sets_any_memory(const struct xb_experiment *exp)
{
    for (int g = -1; g < (int)exp->guest_count; g++)
        if (xb_exp_sets_memory(exp, g))
            return true;
    return false;
}

bool xb_run_guests_hold_host(const struct xb_run *run)
{
    return run->has_domains && (xb_exp_uses_pools(run->exp) || sets_any_memory(run->exp));
}

/* Also restores what a dead run changed, so that the baseline is the host's own. */
static int record_host(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free const char **names = xb_calloc(run->count, sizeof(*names));
    struct xb_host_scope scope = {
        .memory = sets_any_memory(run->exp),
        .pools = xb_exp_uses_pools(run->exp),
        .guests = names,
    };
    for (size_t g = 0; g < run->count; g++)
        if (run->guests[g].is_domain)
            names[scope.guest_count++] = run->exp->guests[g].name;
    return xb_host_record(run->app, &scope, err);
}

/* A setting that only other cases name is kept, or put back, as it was found, CPU by CPU. */
struct xb_power_want xb_run_wanted_power(const struct xb_run *run, const struct xb_exp_case *c)
{
    struct xb_power_want want = {.governor = c->host.governor,
                                 .turbo = c->host.turbo,
                                 .max_cstate = c->host.max_cstate,
                                 .found = &run->host.power};
    /* For a cell found after a restart, the host has not been read yet. */
    bool is_known = run->host.lock >= 0;
    for (size_t i = 0; is_known && i < run->exp->case_count; i++) {
        const struct xb_exp_host *other = &run->exp->cases[i].host;
        want.governor_found = want.governor_found || other->governor[0];
        want.turbo_found = want.turbo_found || other->turbo >= 0;
        if (want.max_cstate < 0 && other->max_cstate >= 0)
            want.max_cstate = run->host.power.max_cstate;
    }
    return want;
}

static int apply_power(struct xb_run *run, const struct xb_exp_case *c, struct xb_err *err)
{
    const struct xb_power_want want = xb_run_wanted_power(run, c);
    if (xb_power_apply(run->xen, &want, err) == 0)
        return 0;
    return xb_fail_context(err, "%s:%u: case `%s`, host", run->exp->path,
                           c->host.line ? c->host.line : c->line, c->name);
}

int xb_run_host_begin(struct xb_run *run, struct xb_err *err)
{
    if (!run->has_domains)
        return 0;
    run->host.lock = record_host(run, err);
    if (run->host.lock < 0)
        return -1;
    xb_power_read(run->xen, &run->host.power);
    if (xb_allocation_read(run->xen, 0, &run->host.dom0, err) < 0 ||
        xb_pool_list(run->xen, &run->host.pools, &run->host.pool_count, err) < 0)
        return -1;
    if (!xb_exp_sets_memory(run->exp, -1))
        run->host.dom0.memory_bytes = 0;
    return 0;
}

int xb_run_host_baseline(struct xb_run *run, struct xb_err *err)
{
    for (size_t g = 0; run->has_domains && g < run->count; g++)
        if (xb_run_guest_baseline(run, g, err) < 0)
            return -1;
    return 0;
}

int xb_run_wanted(const struct xb_run *run, uint32_t case_no, int guest, struct xb_allocation *out,
                  struct xb_err *err)
{
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    const struct xb_allocation *base = guest < 0 ? &run->host.dom0 : &run->guests[guest].baseline;
    const struct xb_allocation *over = guest < 0 ? &c->dom0 : &c->guests[guest];
    return xb_exp_wanted(c, run->host.pools, run->host.pool_count, base, over, out, err);
}

static int apply_domain(struct xb_run *run, uint32_t case_no, int guest, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    uint32_t domid = guest < 0 ? 0 : xb_run_domid(run, (size_t)guest);
    if (xb_run_wanted(run, case_no, guest, &want, err) < 0)
        return -1;
    if (xb_allocation_apply(run->xen, domid, &want, err) == 0)
        return 0;
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    xb_fail_context(err, "%s:%u: case `%s`, %s", run->exp->path, c->line, c->name,
                    guest < 0 ? "dom0" : run->guests[guest].exp->name);
    /* A guest whose balloon refuses, or that has died, is lost: the others can go on. */
    if (guest >= 0 && err->class == XB_E_BENCH)
        xb_run_unfit(run, (size_t)guest, err);
    return -1;
}

int xb_run_host_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    if (!run->has_domains)
        return 0;
    if (apply_power(run, &run->exp->cases[case_no], err) < 0)
        return -1;
    for (int g = -1; g < (int)run->count; g++)
        if ((g < 0 || xb_run_has_domain(run, (size_t)g)) && apply_domain(run, case_no, g, err) < 0)
            return -1;
    return 0;
}

int xb_run_host_end(struct xb_run *run, struct xb_err *err)
{
    int lock_fd = xb_steal_fd(&run->host.lock);
    return lock_fd < 0 ? 0 : xb_host_restore(run->app, lock_fd, err);
}
