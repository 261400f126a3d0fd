/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "allocation.h"

#include "base.h"

#include <string.h>

void xb_allocation_free(struct xb_allocation *alloc)
{
    xb_settings_clear(xb_domain_settings, alloc);
    *alloc = XB_ALLOCATION_KEEP;
}

int xb_allocation_copy(const struct xb_allocation *from, struct xb_allocation *to,
                       struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation copy = XB_ALLOCATION_KEEP;
    copy.host_cpus = from->host_cpus;
    if (xb_settings_over(xb_domain_settings, &copy, from, err) < 0)
        return -1;
    *to = copy;
    copy = XB_ALLOCATION_KEEP;
    return 0;
}

size_t xb_allocation_vcpus_named(const struct xb_allocation *alloc, const char **key)
{
    size_t most = 0;
    for (const struct xb_setting *row = xb_domain_settings; row->name; row++) {
        size_t count = xb_vcpus_count(row, alloc);
        if (count <= most)
            continue;
        most = count;
        if (key)
            *key = row->name;
    }
    return most > 1 ? most : 0;
}

const struct xb_cpus *xb_mask_of_vcpu(const struct xb_cpus *masks, size_t count, size_t vcpu)
{
    return count == 1 ? &masks[0] : vcpu < count ? &masks[vcpu] : NULL;
}

static int set_mask(struct xb_allocation *alloc, const char *name, int vcpu, const char *list,
                    struct xb_err *err)
{
    return xb_allocation_set_mask(alloc, xb_settings_find(xb_domain_settings, name), vcpu, list,
                                  err);
}

int xb_allocation_set_hard(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err)
{
    return set_mask(alloc, "hard", vcpu, list, err);
}

int xb_allocation_set_soft(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err)
{
    return set_mask(alloc, "soft", vcpu, list, err);
}

struct xb_rtds xb_rtds_given(void)
{
    struct xb_rtds rtds = XB_RTDS_KEEP;
    xb_settings_give(xb_rtds_settings, &rtds, NULL); /* numbers: cannot fail */
    return rtds;
}

struct xb_rtds xb_allocation_rtds(const struct xb_allocation *alloc, uint32_t vcpu)
{
    struct xb_rtds rtds = xb_rtds_given();
    if (alloc->rtds_count == 1 || vcpu < alloc->rtds_count)
        xb_settings_over(xb_rtds_settings, &rtds, &alloc->rtds[alloc->rtds_count == 1 ? 0 : vcpu],
                         NULL);
    return rtds;
}

/* The pool comes first, because other differences may follow from it. */
bool xb_allocation_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                           char *why, size_t why_bytes)
{
    const struct xb_setting *pool = xb_settings_find(xb_domain_settings, "pool");
    return (want->pool[0] && pool->kind->differs(pool, want, got, why, why_bytes)) ||
           xb_settings_differ(xb_domain_settings, want, got, why, why_bytes);
}

json_t *xb_allocation_to_json(const struct xb_allocation *alloc)
{
    json_t *json = json_object();
    xb_settings_put(xb_domain_settings, alloc, json);
    return json;
}

int xb_allocation_from_json(const json_t *json, struct xb_allocation *out, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation alloc = XB_ALLOCATION_KEEP;
    if (xb_settings_get(xb_domain_settings, &alloc, json, err) < 0)
        return xb_fail_context(err, "allocation");
    *out = alloc;
    alloc = XB_ALLOCATION_KEEP;
    return 0;
}
