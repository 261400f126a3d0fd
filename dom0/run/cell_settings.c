/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell_settings.h"

#include "alloc.h"
#include "base.h"
#include "build_state.h"
#include "cell.h"
#include "hypfs.h"
#include "promise.h"
#include "run_host.h"
#include "xen_host.h"

#include <string.h>

/* The scheduling granularity of a pool; "": Xen does not report it. */
struct gran {
    char word[16];
};

/* One edge of a cell. */
struct edge {
    struct xb_cell *cell;
    bool at_end;
    struct xb_pool *pools;
    size_t pool_count;
    struct gran *grans;    /* of each pool */
    struct xb_pcpu *pcpus; /* for the promises: the CPUs' cores and sockets */
    struct xb_power power;
    struct xb_allocation *guests; /* as read; without a pool: could not be read */
};

static const struct xb_pool *pool_named(const struct edge *e, const char *name)
{
    for (size_t i = 0; i < e->pool_count; i++)
        if (strcmp(e->pools[i].name, name) == 0)
            return &e->pools[i];
    return NULL;
}

static const char *gran_of(const struct edge *e, const struct xb_pool *pool)
{
    return e->grans[pool - e->pools].word;
}

/* What is the same for all domains, read once. */
static int read_pools(struct edge *e, struct xb_xen *xen, struct xb_err *err)
{
    if (xb_pool_list(xen, &e->pools, &e->pool_count, err) < 0)
        return -1;
    e->grans = xb_calloc(e->pool_count + 1, sizeof(*e->grans));
    for (size_t i = 0; i < e->pool_count; i++)
        if (!xb_pool_gran_read(e->pools[i].id, e->grans[i].word, sizeof(e->grans[i].word)))
            e->grans[i].word[0] = '\0';
    return 0;
}

/*
 * The allocation, and what else determines how the domain runs: its pool's scheduler, its clock,
 * its nodes.
 */
static json_t *describe(const struct edge *e, const struct xb_allocation *got,
                        const struct xb_build_state *build, uint64_t built_nodes)
{
    json_t *json = xb_allocation_to_json(got);
    const struct xb_pool *pool = pool_named(e, got->pool);
    char nodes[XB_NODES_TEXT_BYTES];
    if (pool) {
        if (gran_of(e, pool)[0])
            json_object_set_new(json, "sched_gran", json_string_nocheck(gran_of(e, pool)));
        json_object_set_new(json, "scheduler", json_string(pool->scheduler));
        xb_settings_put(xb_pool_settings, &pool->params, json);
    }
    xb_build_put(json, build);
    if (built_nodes) {
        xb_nodes_format(built_nodes, nodes, sizeof(nodes));
        json_object_set_new(json, "built_nodes", json_string(nodes));
    }
    return json;
}

static int warn(const struct edge *e, const char *about_whom, const char *who, const char *why,
                struct xb_err *err)
{
    struct xb_cell *cell = e->cell;
    struct xb_about about = xb_cell_about(cell, about_whom);
    return xb_run_warn(cell->run, about,
                       e->at_end ? XB_WARN_SETTINGS_AT_END : XB_WARN_SETTINGS_AT_START, err,
                       "%s, at the window's %s: %s", who, e->at_end ? "end" : "start", why);
}

/* Was the guest built as its case asks? */
static bool build_differs(const struct xb_cell *cell, size_t g, const struct xb_build_state *got,
                          char *why, size_t bytes)
{
    const struct xb_exp_build *want = &cell->run->exp->cases[cell->row.case_no].parts[g].build;
    return xb_build_differs(want->tsc_mode >= 0 ? xb_tsc_mode_words[want->tsc_mode] : NULL,
                            want->nodes, got, cell->run->guests[g].built_nodes, why, bytes);
}

/* Governor, turbo, C-states and SMT are settings of the host, stored with those of Dom0. */
static bool check_power(const struct edge *e, json_t *json, char *why, size_t bytes)
{
    const struct xb_run *run = e->cell->run;
    const struct xb_exp_case *c = &run->exp->cases[e->cell->row.case_no];
    const struct xb_power_want want = xb_run_wanted_power(run, c);
    json_object_set_new(json, "host", xb_power_to_json(&e->power));
    if (c->host.smt < 0 || e->power.smt < 0 || c->host.smt == e->power.smt)
        return xb_power_differs(&want, &e->power, why, bytes);
    snprintf(why, bytes, "SMT %s asked, %s in force", c->host.smt ? "on" : "off",
             e->power.smt ? "on" : "off");
    return true;
}

static int check_domain(struct edge *e, int guest, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    xb_auto_allocation struct xb_allocation got = XB_ALLOCATION_KEEP;
    struct xb_err unread = {0};
    struct xb_cell *cell = e->cell;
    char why[256] = "";
    const char *name = guest < 0 ? XB_DOM0 : cell->run->guests[guest].exp->name;
    uint32_t domid = guest < 0 ? 0 : xb_run_domid(cell->run, (size_t)guest);
    if (xb_run_wanted(cell->run, cell->row.case_no, guest, &want, err) < 0)
        return -1;
    struct xb_build_state build;
    bool differs = true;
    xb_build_read(cell->run->xen, domid, &build);
    if (xb_allocation_read_in(cell->run->xen, domid, e->pools, e->pool_count, &got, &unread) < 0)
        snprintf(why, sizeof(why), "cannot be read back: %.200s", unread.msg);
    else
        differs = xb_allocation_differs(&want, &got, why, sizeof(why)) ||
                  (guest >= 0 && build_differs(cell, (size_t)guest, &build, why, sizeof(why)));
    json_t *json = describe(e, &got, &build, guest < 0 ? 0 : cell->run->guests[guest].built_nodes);
    char of_host[160];
    if (guest < 0 && check_power(e, json, of_host, sizeof(of_host)) && !differs) {
        snprintf(why, sizeof(why), "%s", of_host);
        differs = true;
    }
    int r = xb_store_settings(cell->run->store, cell->key, name, e->at_end, json,
                              differs ? why : NULL, err);
    json_decref(json);
    if (r < 0 || (differs && warn(e, name, name, why, err) < 0))
        return -1;
    if (guest < 0)
        return 0;
    e->guests[guest] = got;
    got = XB_ALLOCATION_KEEP;
    return 0;
}

static bool pool_differs(const struct edge *e, const struct xb_exp_pool *want,
                         const struct xb_pool *got, char *why, size_t bytes)
{
    if (!got) {
        snprintf(why, bytes, "it is not there");
        return true;
    }
    if (want->scheduler[0] && strcmp(want->scheduler, got->scheduler) != 0) {
        snprintf(why, bytes, "scheduler %s asked, %s in force", want->scheduler, got->scheduler);
        return true;
    }
    if (want->sched_gran >= 0 && gran_of(e, got)[0] &&
        strcmp(xb_sched_gran_words[want->sched_gran], gran_of(e, got)) != 0) {
        snprintf(why, bytes, "sched_gran %s asked, %s in force",
                 xb_sched_gran_words[want->sched_gran], gran_of(e, got));
        return true;
    }
    if (want->has_cpus && !xb_cpus_equal(&want->cpus, &got->cpus, XB_CPUS_MAX)) {
        snprintf(why, bytes, "it has other CPUs than those asked");
        return true;
    }
    return xb_settings_differ(xb_pool_settings, &want->params, &got->params, why, bytes);
}

static int check_pools(const struct edge *e, struct xb_err *err)
{
    const struct xb_exp_case *c = &e->cell->run->exp->cases[e->cell->row.case_no];
    for (size_t i = 0; i < c->pool_count; i++) {
        char why[160], who[XB_POOL_NAME_MAX + 16];
        const struct xb_pool *got = pool_named(e, c->pools[i].name);
        if (!pool_differs(e, &c->pools[i], got, why, sizeof(why)))
            continue;
        snprintf(who, sizeof(who), "cpupool %s", c->pools[i].name);
        if (warn(e, who, who, why, err) < 0)
            return -1;
    }
    return 0;
}

static int write_promises(struct edge *e, struct xb_err *err)
{
    struct xb_run *run = e->cell->run;
    size_t pcpu_count;
    if (xb_pcpu_list(run->xen, &e->pcpus, &pcpu_count, err) < 0)
        return -1;
    xb_pool_read_units(e->pools, e->pool_count, e->pcpus, pcpu_count);
    xb_auto_free struct xb_promise *promises = xb_calloc(run->count + 1, sizeof(*promises));
    /* A guest without a job in this case uses no CPU. */
    for (size_t g = 0; g < run->count; g++)
        if (!xb_run_job(run, e->cell->row.case_no, g))
            e->guests[g].vcpus = 0;
    xb_promises(e->pools, e->pool_count, e->guests, run->count, promises);
    for (size_t g = 0; g < run->count; g++) {
        const struct xb_pool *pool = pool_named(e, e->guests[g].pool);
        if (pool)
            xb_promise_by_schedule(pool, run->guests[g].exp->name, e->guests[g].vcpus,
                                   &promises[g]);
        if (xb_run_has_domain(run, g) &&
            xb_store_promise(run->store, e->cell->key, run->guests[g].exp->name, &promises[g],
                             err) < 0)
            return -1;
    }
    return 0;
}

static int check_all(struct edge *e, struct xb_err *err)
{
    const struct xb_cell *cell = e->cell;
    xb_power_read(cell->run->xen, &e->power);
    if (read_pools(e, cell->run->xen, err) < 0 || check_domain(e, -1, err) < 0)
        return -1;
    for (size_t g = 0; g < cell->run->count; g++)
        if (cell->run->guests[g].is_domain && cell->run->agents[g] &&
            cell->guests[g].stage != XB_STAGE_LOST && check_domain(e, (int)g, err) < 0)
            return -1;
    if (check_pools(e, err) < 0)
        return -1;
    return e->at_end ? 0 : write_promises(e, err);
}

int xb_cell_settings(struct xb_cell *cell, bool at_end, struct xb_err *err)
{
    struct edge e = {.cell = cell, .at_end = at_end};
    if (!cell->run->xen)
        return 0;
    e.guests = xb_calloc(cell->run->count + 1, sizeof(*e.guests));
    for (size_t g = 0; g < cell->run->count; g++)
        e.guests[g] = XB_ALLOCATION_KEEP;
    int r = check_all(&e, err);
    for (size_t g = 0; g < cell->run->count; g++)
        xb_allocation_free(&e.guests[g]);
    free(e.guests);
    free(e.pools);
    free(e.grans);
    free(e.pcpus);
    return r;
}
