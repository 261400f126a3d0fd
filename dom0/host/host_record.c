/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host_record.h"

#include "allocation.h"
#include "base.h"
#include "host_power.h"
#include "xen_domains.h"

#include <string.h>

bool xb_record_lists(const json_t *list, const char *key, const char *value,
                     int (*compare)(const char *a, const char *b))
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *recorded = json_string_value(json_object_get(one, key));
        if (recorded && compare(recorded, value) == 0)
            return true;
    }
    return false;
}

bool xb_pool_is_made(const char *name, const json_t *recorded, const json_t *made)
{
    size_t i;
    json_t *one;
    if (xb_record_lists(recorded, "name", name, strcmp))
        return false;
    json_array_foreach(made, i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), name) == 0)
            return true;
    }
    return !made;
}

struct xb_cpus xb_pool_cpus_back(const struct xb_pool *want, const struct xb_pool *now,
                                 size_t count, const json_t *recorded, const json_t *made)
{
    struct xb_cpus cpus = want->cpus;
    for (size_t i = 0; i < count; i++) {
        if (xb_record_lists(recorded, "name", now[i].name, strcmp) ||
            xb_pool_is_made(now[i].name, recorded, made))
            continue;
        cpus = xb_cpus_without(&cpus, &now[i].cpus);
    }
    return cpus;
}

static void destroy_made_pools(struct xb_undo *undo, const json_t *recorded, const json_t *made)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    struct xb_err err = {0};
    if (xb_pool_list(undo->xen, &pools, &count, &err) < 0)
        xb_fail_also(&undo->failed, &err);
    for (size_t i = 0; i < count; i++) {
        xb_err_clear(&err);
        if (xb_pool_is_made(pools[i].name, recorded, made) &&
            xb_pool_destroy(undo->xen, pools[i].name, &err) < 0)
            xb_fail_also(&undo->failed, &err);
    }
}

static int undo_pool(struct xb_xen *xen, const struct xb_pool *want, const json_t *recorded,
                     const json_t *made, struct xb_err *err)
{
    struct xb_pool now;
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    if (xb_pool_find(xen, want->name, &now, err) < 0 || xb_pool_list(xen, &pools, &count, err) < 0)
        return -1;
    struct xb_cpus cpus = xb_pool_cpus_back(want, pools, count, recorded, made);
    struct xb_err why = {0};
    int r = 0;
    if (!xb_cpus_equal(&cpus, &now.cpus, XB_CPUS_MAX) && xb_cpus_count(&cpus, XB_CPUS_MAX))
        r = xb_pool_return_cpus(xen, want->name, &cpus, err);
    return xb_pool_set_params(xen, want->name, &want->params, &why) < 0 ? xb_fail_also(err, &why)
                                                                        : r;
}

/*
 * Runs twice, because one pool can take some CPUs only after another pool has released them. Only
 * errors of the second pass are reported.
 */
void xb_undo_pools(struct xb_undo *undo, const json_t *pools, const json_t *made)
{
    destroy_made_pools(undo, pools, made);
    for (int pass = 0; pass < 2; pass++) {
        size_t i;
        json_t *json;
        json_array_foreach(pools, i, json)
        {
            struct xb_pool want;
            struct xb_err err = {0};
            if ((xb_pool_from_json(json, &want, &err) < 0 ||
                 undo_pool(undo->xen, &want, pools, made, &err) < 0) &&
                pass == 1)
                xb_fail_also(&undo->failed, &err);
        }
    }
}

/*
 * A person may have pinned vcpus to CPUs outside the domain's pool, which Xen allows but
 * xb_allocation_apply refuses. An open-ended mask passes its check.
 */
static void accept_masks(struct xb_cpus *masks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        xb_cpus_add(&masks[i], XB_CPUS_MAX - 1);
}

static int undo_domain(struct xb_xen *xen, const json_t *domain, bool memory, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP, now = XB_ALLOCATION_KEEP;
    const char *uuid = json_string_value(json_object_get(domain, "uuid"));
    uint32_t domid = 0;
    char why[256];
    if (!uuid)
        return xb_fail(err, XB_E_HOST, 0, "a domain's record is damaged");
    if (json_integer_value(json_object_get(domain, "domid")) != 0 &&
        !xb_domain_with_uuid(xen, uuid, &domid))
        return 0;
    if (xb_allocation_from_json(json_object_get(domain, "allocation"), &want, err) < 0 ||
        xb_allocation_read(xen, domid, &now, err) < 0)
        return -1;
    if (!memory)
        want.memory_bytes = 0; /* guests may have come and gone since, so leave memory alone */
    if (!xb_allocation_differs(&want, &now, why, sizeof(why)))
        return 0;
    accept_masks(want.hard, want.hard_count);
    accept_masks(want.soft, want.soft_count);
    return xb_allocation_apply(xen, domid, &want, err);
}

void xb_undo_domains(struct xb_undo *undo, const json_t *domains, bool memory)
{
    size_t i;
    json_t *domain;
    json_array_foreach(domains, i, domain)
    {
        struct xb_err err = {0};
        if (undo_domain(undo->xen, domain, memory, &err) < 0)
            xb_fail_also(&undo->failed, &err);
    }
}

void xb_undo_power(struct xb_undo *undo, const json_t *power)
{
    struct xb_err err = {0};
    if (power && xb_power_undo(undo->xen, power, &err) < 0)
        xb_fail_also(&undo->failed, &err);
}
