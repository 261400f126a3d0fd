/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host_record.h"

#include "alloc.h"
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

bool xb_affinity_mended(const struct xb_allocation *recorded, const struct xb_allocation *now,
                        struct xb_allocation *want)
{
    bool any = false;
    want->hard = xb_calloc(now->hard_count, sizeof(*want->hard));
    want->hard_count = now->hard_count;
    for (size_t v = 0; v < now->hard_count; v++) {
        const struct xb_cpus *was = xb_mask_of_vcpu(recorded->hard, recorded->hard_count, v);
        bool anywhere = xb_cpus_count(&now->hard[v], now->host_cpus) == now->host_cpus;
        bool broken = was && anywhere && !xb_cpus_equal(was, &now->hard[v], now->host_cpus);
        want->hard[v] = broken ? *was : now->hard[v];
        any = any || broken;
    }
    return any;
}

/*
 * Each part is tried, whatever becomes of the others. Memory comes last: it takes longest, and is
 * the likeliest to fail.
 */
static int apply_parts(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                       struct xb_err *err)
{
    struct xb_allocation parts[] = {XB_ALLOCATION_KEEP, XB_ALLOCATION_KEEP, *want,
                                    XB_ALLOCATION_KEEP};
    int r = 0;
    memcpy(parts[0].pool, want->pool, sizeof(parts[0].pool));
    parts[1].vcpus = want->vcpus;
    parts[2].pool[0] = '\0';
    parts[2].vcpus = 0;
    parts[2].memory_bytes = 0;
    parts[3].memory_bytes = want->memory_bytes;
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        struct xb_err why = {0};
        if (xb_allocation_apply(xen, domid, &parts[i], &why) < 0)
            r = xb_fail_also(err, &why);
    }
    return r;
}

/* A domain, as it was recorded and as it is. */
struct recorded {
    uint32_t domid;
    struct xb_allocation want, now;
};

static void recorded_free(struct recorded *one)
{
    xb_allocation_free(&one->want);
    xb_allocation_free(&one->now);
}

/* 1; 0 if the domain is gone. */
static int look_up(struct xb_xen *xen, const json_t *domain, struct recorded *out,
                   struct xb_err *err)
{
    const char *uuid = json_string_value(json_object_get(domain, "uuid"));
    if (!uuid)
        return xb_fail(err, XB_E_HOST, 0, "a domain's record is damaged");
    if (json_integer_value(json_object_get(domain, "domid")) != 0 &&
        !xb_domain_with_uuid(xen, uuid, &out->domid))
        return 0;
    return xb_allocation_from_json(json_object_get(domain, "allocation"), &out->want, err) < 0 ||
                   xb_allocation_read(xen, out->domid, &out->now, err) < 0
               ? -1
               : 1;
}

static int mend(struct xb_xen *xen, const struct recorded *one, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    /* Somebody else moved it to another pool: its old CPUs are not there. */
    if (strcmp(one->want.pool, one->now.pool) != 0 ||
        !xb_affinity_mended(&one->want, &one->now, &want))
        return 0;
    accept_masks(want.hard, want.hard_count);
    return xb_allocation_apply(xen, one->domid, &want, err);
}

static int put_back(struct xb_xen *xen, struct recorded *one, struct xb_err *err)
{
    char why[256];
    if (!xb_allocation_differs(&one->want, &one->now, why, sizeof(why)))
        return 0;
    accept_masks(one->want.hard, one->want.hard_count);
    accept_masks(one->want.soft, one->want.soft_count);
    return apply_parts(xen, one->domid, &one->want, err);
}

/* Domains that grow need the memory that others give back, so their turn comes second. */
static int undo_domain(struct xb_xen *xen, const json_t *domain, bool memory, bool growing,
                       struct xb_err *err)
{
    struct recorded one = {.want = XB_ALLOCATION_KEEP, .now = XB_ALLOCATION_KEEP};
    bool bystander = json_is_true(json_object_get(domain, XB_RECORD_BYSTANDER));
    int r = look_up(xen, domain, &one, err);
    if (!memory)
        one.want.memory_bytes = 0; /* guests may have come and gone since, so leave memory alone */
    bool grows = !bystander && one.now.memory_bytes < one.want.memory_bytes;
    if (r > 0 && grows == growing)
        r = bystander ? mend(xen, &one, err) : put_back(xen, &one, err);
    recorded_free(&one);
    /* A domain that cannot be read fails in both turns, and is reported once. */
    return r < 0 && grows == growing ? -1 : 0;
}

void xb_undo_domains(struct xb_undo *undo, const json_t *domains, bool memory)
{
    for (int growing = 0; growing < 2; growing++) {
        size_t i;
        json_t *domain;
        json_array_foreach(domains, i, domain)
        {
            struct xb_err err = {0};
            if (undo_domain(undo->xen, domain, memory, growing, &err) < 0)
                xb_fail_also(&undo->failed, &err);
        }
    }
}

void xb_undo_power(struct xb_undo *undo, const json_t *power)
{
    struct xb_err err = {0};
    if (power && xb_power_undo(undo->xen, power, &err) < 0)
        xb_fail_also(&undo->failed, &err);
}
