/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the schedulers rtds and arinc653 do with a pool's domains. (null: doubts_places.c) */
#include "base.h"
#include "doubts_judge.h"

#include <string.h>

static bool in_pool(const struct xb_view *view, const struct xb_pool_view *pool)
{
    return view->pool.name && strcmp(view->pool.name, pool->name) == 0;
}

static double reserved(const struct xb_view *view)
{
    double sum = 0;
    for (uint32_t v = 0; v < view->vcpus; v++) {
        struct xb_rtds rtds = xb_allocation_rtds(view->alloc, v);
        sum += (double)rtds.budget_us / rtds.period_us;
    }
    return sum;
}

/* Xen accepts any budgets, and does not check whether their sum fits. */
static int judge_rtds(const struct xb_judge *j, const struct xb_pool_view *pool, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    double sum = 0;
    uint32_t cpus = xb_cpus_count(&pool->cpus, j->host->cpus);
    for (size_t g = 0; g < j->count; g++)
        sum += in_pool(&j->guests[g], pool) ? reserved(&j->guests[g]) : 0;
    if (sum <= cpus + 1e-9)
        return 0;
    snprintf(message, sizeof(message),
             "the budgets of the guests in cpupool %s add up to %.2f CPUs, but it has %u: rtds "
             "cannot meet them all (budget / period of each vcpu; by default 4 ms in 10 ms)",
             pool->name, sum, cpus);
    return j->tell(j->arg, NULL, XB_WARN_RTDS_CROWD, message, err);
}

/* arinc653 runs only what its schedule names, and a new pool's schedule is empty. */
static int judge_arinc653(const struct xb_judge *j, const struct xb_pool_view *pool,
                          struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    uint32_t cpus = xb_cpus_count(&pool->cpus, j->host->cpus);
    if (!pool->schedule[0]) {
        snprintf(message, sizeof(message),
                 "cpupool %s has the scheduler arinc653, which runs no guest before a schedule "
                 "names it: give the pool a `schedule`. (A hook comes too late: guests that the "
                 "run makes must boot before it)",
                 pool->name);
        return j->tell(j->arg, NULL, XB_WARN_ARINC653_UNSET, message, err);
    }
    if (cpus < 2)
        return 0;
    snprintf(message, sizeof(message),
             "cpupool %s has %u CPUs, but arinc653 runs one vcpu at a time, on whichever of them "
             "that vcpu is: the others idle",
             pool->name, cpus);
    return j->tell(j->arg, NULL, XB_WARN_ARINC653_CPUS, message, err);
}

static int judge_pool(const struct xb_judge *j, const struct xb_pool_view *pool, struct xb_err *err)
{
    switch (xb_scheduler_of(pool->scheduler)) {
    case XB_SCHED_RTDS:
        return judge_rtds(j, pool, err);
    case XB_SCHED_ARINC653:
        return judge_arinc653(j, pool, err);
    default:
        return 0;
    }
}

/* Judge each pool once that has a guest with a job. */
int xb_judge_schedulers(const struct xb_judge *j, struct xb_err *err)
{
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_pool_view *pool = &j->guests[g].pool;
        bool told = !pool->name;
        for (size_t o = 0; !told && o < g; o++)
            told = in_pool(&j->guests[o], pool);
        if (!told && judge_pool(j, pool, err) < 0)
            return -1;
    }
    return 0;
}
