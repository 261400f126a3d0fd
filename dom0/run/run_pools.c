/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cpupools: each case finds the pools that it needs, and none of other cases. */
#include "base.h"
#include "guest_def.h"
#include "host.h"
#include "run_host.h"

#include <string.h>

static const struct xb_exp_pool *find_wanted(const struct xb_exp_case *c,
                                             const struct xb_exp_pool *pool)
{
    for (size_t i = 0; i < c->pool_count; i++)
        if (xb_exp_same_pool(&c->pools[i], pool))
            return &c->pools[i];
    return NULL;
}

static bool is_made(const struct xb_run *run, const struct xb_exp_pool *pool)
{
    for (size_t i = 0; i < run->host.made_pool_count; i++)
        if (xb_exp_same_pool(&run->host.made_pools[i], pool))
            return true;
    return false;
}

/* Record the pools that were made, and one about to be made, for recovery after a dead run. */
static int record_pools(struct xb_run *run, const char *more, struct xb_err *err)
{
    const char *names[XB_EXP_POOLS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < run->host.made_pool_count; i++)
        names[count++] = run->host.made_pools[i].name;
    if (more)
        names[count++] = more;
    return xb_host_record_pools(run->app, names, count, err);
}

/*
 * Remove pools of earlier cases first: other pools may need their CPUs. Where CPUs of the host's
 * own pools were moved, remove all pools of the run, and give the host's pools their CPUs back.
 */
static int drop_unwanted(struct xb_run *run, const struct xb_exp_case *c, struct xb_err *err)
{
    for (size_t i = 0; i < run->host.made_pool_count;) {
        if (!run->host.pools_resized && find_wanted(c, &run->host.made_pools[i])) {
            i++;
            continue;
        }
        if (xb_pool_destroy(run->xen, run->host.made_pools[i].name, err) < 0)
            return -1;
        run->host.made_pools[i] = run->host.made_pools[--run->host.made_pool_count];
        if (record_pools(run, NULL, err) < 0)
            return -1;
    }
    for (size_t i = 0; run->host.pools_resized && i < run->host.pool_count; i++)
        if (xb_pool_set_cpus(run->xen, run->host.pools[i].name, &run->host.pools[i].cpus, err) < 0)
            return -1;
    run->host.pools_resized = false;
    return 0;
}

static int set_found_pool(struct xb_run *run, const struct xb_pool *found,
                          const struct xb_exp_pool *want, struct xb_err *err)
{
    if (want && want->scheduler[0] && strcmp(want->scheduler, found->scheduler) != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: pool %s exists already and has the scheduler %s, which cannot "
                       "be changed while Xen runs (use sched= on its command line, or a pool "
                       "of the run's own)",
                       run->exp->path, want->line, found->name, found->scheduler);
    if (want && want->has_cpus) {
        run->host.pools_resized = true;
        if (xb_pool_set_cpus(run->xen, found->name, &want->cpus, err) < 0)
            return -1;
    }
    struct xb_pool_params params = found->params;
    if (want && xb_settings_over(xb_pool_settings, &params, &want->params, err) < 0)
        return -1;
    return xb_pool_set_params(run->xen, found->name, &params, err);
}

static const struct xb_pool *found_pool(const struct xb_run *run, const char *name)
{
    for (size_t i = 0; i < run->host.pool_count; i++)
        if (strcmp(run->host.pools[i].name, name) == 0)
            return &run->host.pools[i];
    return NULL;
}

/* A pool that is removed leaves its CPUs to Pool-0, wherever they came from. */
static bool takes_from_found(const struct xb_run *run, const struct xb_exp_pool *want)
{
    for (size_t i = 0; i < run->host.pool_count; i++)
        if (strcmp(run->host.pools[i].name, XB_POOL_0) != 0 &&
            xb_cpus_overlap(&run->host.pools[i].cpus, &want->cpus))
            return true;
    return false;
}

static int make_pool(struct xb_run *run, const struct xb_exp_pool *want, struct xb_err *err)
{
    if (is_made(run, want))
        return 0;
    if (!want->has_cpus)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: there is no pool %s, and no `cpus` to make it of", run->exp->path,
                       want->line, want->name);
    const char *gran = want->sched_gran < 0 ? NULL : xb_sched_gran_words[want->sched_gran];
    const char *scheduler = want->scheduler[0] ? want->scheduler : XB_SCHEDULER_DEFAULT;
    if (record_pools(run, want->name, err) < 0)
        return -1;
    run->host.pools_resized = run->host.pools_resized || takes_from_found(run, want);
    if (xb_pool_create(run->xen, want->name, scheduler, gran, &want->cpus, err) < 0)
        return xb_fail_context(err, "%s:%u", run->exp->path, want->line);
    run->host.made_pools[run->host.made_pool_count++] = *want;
    return xb_pool_set_params(run->xen, want->name, &want->params, err);
}

static int find_uuid(void *arg, const char *guest, char out[37], struct xb_err *err)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(arg, guest, &def, err) < 0)
        return -1;
    memcpy(out, def.uuid, sizeof(def.uuid));
    return 0;
}

int xb_run_pools_schedule(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    for (size_t p = 0; run->xen && p < c->pool_count; p++) {
        const struct xb_exp_pool *pool = &c->pools[p];
        if (pool->params.schedule[0] &&
            xb_pool_set_schedule(run->xen, pool->name, pool->params.schedule, find_uuid, run->app,
                                 err) < 0)
            return xb_fail_context(err, "%s:%u", run->exp->path, pool->line);
    }
    return 0;
}

bool xb_run_pools_are(const struct xb_run *run, uint32_t case_no)
{
    if (run->host.pools_case == case_no)
        return true;
    const struct xb_exp_case *now =
        run->host.pools_case == XB_EXP_NO_CASE ? NULL : &run->exp->cases[run->host.pools_case];
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    if (!now)
        return c->pool_count == 0;
    if (now->pool_count != c->pool_count)
        return false;
    for (size_t i = 0; i < c->pool_count; i++)
        if (!find_wanted(now, &c->pools[i]))
            return false;
    return true;
}

int xb_run_pools_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    const struct xb_exp_case *c = &run->exp->cases[case_no];
    if (xb_run_pools_are(run, case_no))
        return 0;
    run->host.pools_case = XB_EXP_NO_CASE; /* while the pools are between two cases */
    if (drop_unwanted(run, c, err) < 0)
        return -1;
    for (size_t i = 0; i < run->host.pool_count; i++) {
        const struct xb_exp_pool *want = NULL;
        for (size_t p = 0; p < c->pool_count; p++)
            if (strcmp(c->pools[p].name, run->host.pools[i].name) == 0)
                want = &c->pools[p];
        if (set_found_pool(run, &run->host.pools[i], want, err) < 0)
            return -1;
    }
    for (size_t p = 0; p < c->pool_count; p++)
        if (!found_pool(run, c->pools[p].name) && make_pool(run, &c->pools[p], err) < 0)
            return -1;
    run->host.pools_case = case_no;
    return 0;
}
