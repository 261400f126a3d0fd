/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain's settings in a case: the case's own, over those that the run found. */
#include "alloc.h"
#include "base.h"
#include "experiment.h"
#include "experiment_i.h"

#include <string.h>

/* A pool's scheduler in a case: the case's, else the found pool's, else Xen's default. */
static const char *scheduler_of(const struct xb_exp_case *c, const struct xb_pool *found,
                                size_t found_count, const char *pool)
{
    for (size_t i = 0; i < c->pool_count; i++)
        if (strcmp(c->pools[i].name, pool) == 0 && c->pools[i].scheduler[0])
            return c->pools[i].scheduler;
    for (size_t i = 0; i < found_count; i++)
        if (strcmp(found[i].name, pool) == 0)
            return found[i].scheduler;
    return XB_SCHEDULER_DEFAULT;
}

/* If the case sets only a vcpu's budget, the vcpu keeps the period that was found. */
static int merge_rtds(struct xb_allocation *alloc, const struct xb_allocation *found,
                      const struct xb_allocation *asked, struct xb_err *err)
{
    size_t count = asked->rtds_count > found->rtds_count ? asked->rtds_count : found->rtds_count;
    if (asked->rtds_count == 0 || found->rtds_count == 0)
        return 0;
    struct xb_rtds *merged = xb_calloc(count, sizeof(*merged));
    for (size_t v = 0; v < count; v++) {
        merged[v] = v < found->rtds_count    ? found->rtds[v]
                    : found->rtds_count == 1 ? found->rtds[0]
                                             : XB_RTDS_KEEP;
        if (asked->rtds_count == 1 || v < asked->rtds_count)
            xb_settings_over(xb_rtds_settings, &merged[v],
                             &asked->rtds[asked->rtds_count == 1 ? 0 : v], err);
    }
    free(alloc->rtds);
    alloc->rtds = merged;
    alloc->rtds_count = count;
    return 0;
}

int xb_exp_wanted(const struct xb_exp_case *c, const struct xb_pool *pools, size_t pool_count,
                  const struct xb_allocation *found, const struct xb_allocation *asked,
                  struct xb_allocation *out, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation base = XB_ALLOCATION_KEEP;
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    const char *pool = asked->pool[0] ? asked->pool : found->pool[0] ? found->pool : XB_POOL_0;
    if (xb_allocation_copy(found, &base, err) < 0 ||
        xb_settings_fit(xb_domain_settings, &base, scheduler_of(c, pools, pool_count, pool), err) <
            0 ||
        xb_allocation_copy(&base, &want, err) < 0 ||
        xb_settings_over(xb_domain_settings, &want, asked, err) < 0 ||
        merge_rtds(&want, &base, asked, err) < 0)
        return -1;
    *out = want;
    want = XB_ALLOCATION_KEEP;
    return 0;
}
