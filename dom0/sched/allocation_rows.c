/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain's settings: the rows, and the kinds of values that are not numbers. */
#include "alloc.h"
#include "allocation.h"
#include "base.h"

#include <inttypes.h>
#include <libxl.h>
#include <string.h>

static void *items_of(const struct xb_setting *row, const void *in)
{
    void *items;
    memcpy(&items, (const char *)in + row->offset, sizeof(items));
    return items;
}

size_t xb_vcpus_count(const struct xb_setting *row, const void *in)
{
    return row->item_bytes ? *(const size_t *)((const char *)in + row->count_offset) : 0;
}

static void put_items(const struct xb_setting *row, void *in, void *items, size_t count)
{
    memcpy((char *)in + row->offset, &items, sizeof(items));
    *(size_t *)((char *)in + row->count_offset) = count;
}

/* What the row's array sets for a vcpu; NULL: nothing. */
static const void *item_of(const struct xb_setting *row, const void *in, size_t vcpu)
{
    size_t count = xb_vcpus_count(row, in);
    size_t at = count == 1 ? 0 : vcpu;
    return at < count ? (const char *)items_of(row, in) + at * row->item_bytes : NULL;
}

/* The entry of a vcpu, or the one for all (-1); new entries before it are copies of fresh. */
static void *make_item(const struct xb_setting *row, void *in, int vcpu, const void *fresh,
                       struct xb_err *err)
{
    size_t now = xb_vcpus_count(row, in), want = vcpu < 0 ? 1 : (size_t)vcpu + 1;
    if (want > XB_CPUS_MAX) {
        xb_fail(err, XB_E_INPUT, 0, "vcpu %d: a domain has fewer than %d", vcpu, XB_CPUS_MAX);
        return NULL;
    }
    if (vcpu >= 0 && want < now)
        want = now;
    char *grown = xb_reallocarray(items_of(row, in), want, row->item_bytes);
    for (size_t i = now; i < want; i++)
        memcpy(grown + i * row->item_bytes, fresh, row->item_bytes);
    put_items(row, in, grown, want);
    return grown + (vcpu < 0 ? 0 : (size_t)vcpu) * row->item_bytes;
}

static bool array_said(const struct xb_setting *row, const void *in)
{
    return xb_vcpus_count(row, in) > 0;
}

static void array_clear(const struct xb_setting *row, void *in)
{
    free(items_of(row, in));
    put_items(row, in, NULL, 0);
}

static int array_copy(const struct xb_setting *row, void *to, const void *from,
                      XB_UNUSED struct xb_err *err)
{
    size_t count = xb_vcpus_count(row, from);
    void *copy = xb_calloc(count + 1, row->item_bytes);
    memcpy(copy, items_of(row, from), count * row->item_bytes);
    array_clear(row, to);
    put_items(row, to, copy, count);
    return 0;
}

int xb_allocation_set_mask(struct xb_allocation *alloc, const struct xb_setting *row, int vcpu,
                           const char *list, struct xb_err *err)
{
    struct xb_cpus mask, all;
    if (xb_cpus_parse("all", &all, err) < 0 || xb_cpus_parse(list, &mask, err) < 0)
        return -1;
    struct xb_cpus *item = make_item(row, alloc, vcpu, &all, err);
    if (!item)
        return -1;
    *item = mask;
    return 0;
}

static bool masks_differ(const struct xb_setting *row, const void *want, const void *got, char *why,
                         size_t why_bytes)
{
    uint32_t host_cpus = ((const struct xb_allocation *)got)->host_cpus;
    size_t asked_count = xb_vcpus_count(row, want), count = xb_vcpus_count(row, got);
    for (size_t v = 0; v < count; v++) {
        const struct xb_cpus *asked = item_of(row, want, v), *in_force = item_of(row, got, v);
        if (!asked || xb_cpus_equal(asked, in_force, host_cpus))
            continue;
        char asked_text[XB_CPUS_TEXT_BYTES], text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(asked, host_cpus, asked_text, sizeof(asked_text));
        xb_cpus_format(in_force, host_cpus, text, sizeof(text));
        snprintf(why, why_bytes, "vcpu %zu: %s affinity %s asked, %s in force", v, row->name,
                 asked_text, text);
        return true;
    }
    if (asked_count <= 1 || asked_count <= count)
        return false;
    snprintf(why, why_bytes, "%s affinity for %zu vcpus asked, the domain has %zu", row->name,
             asked_count, count);
    return true;
}

static json_t *masks_to_json(const struct xb_setting *row, const void *in)
{
    uint32_t host_cpus = ((const struct xb_allocation *)in)->host_cpus;
    json_t *list = json_array();
    for (size_t v = 0; v < xb_vcpus_count(row, in); v++) {
        char text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(item_of(row, in, v), host_cpus ? host_cpus : XB_CPUS_MAX, text,
                       sizeof(text));
        json_array_append_new(list, json_string(text));
    }
    return list;
}

static int masks_from_json(const struct xb_setting *row, void *in, const json_t *json,
                           struct xb_err *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json, i, entry)
    {
        const char *text = json_string_value(entry);
        if (!text)
            return xb_fail(err, XB_E_INPUT, 0, "an affinity of `%s` is not a string", row->name);
        if (xb_allocation_set_mask(in, row, (int)i, text, err) < 0)
            return -1;
    }
    return 0;
}

const struct xb_setting_kind xb_setting_masks = {
    .said = array_said,
    .clear = array_clear,
    .copy = array_copy,
    .differs = masks_differ,
    .to_json = masks_to_json,
    .from_json = masks_from_json,
};

static const struct xb_setting *rtds_row(void)
{
    return xb_settings_find(xb_domain_settings, "rtds");
}

int xb_allocation_set_rtds(struct xb_allocation *alloc, int vcpu, const struct xb_rtds *rtds,
                           struct xb_err *err)
{
    struct xb_rtds *item = make_item(rtds_row(), alloc, vcpu, &XB_RTDS_KEEP, err);
    if (!item)
        return -1;
    *item = *rtds;
    return 0;
}

static bool rtds_differs(const struct xb_setting *row, const void *want, const void *got, char *why,
                         size_t why_bytes)
{
    char what[120];
    size_t count = xb_vcpus_count(row, got);
    for (size_t v = 0; v < count; v++) {
        const void *asked = item_of(row, want, v);
        if (!asked ||
            !xb_settings_differ(row->rows, asked, item_of(row, got, v), what, sizeof(what)))
            continue;
        snprintf(why, why_bytes, "vcpu %zu: %s", v, what);
        return true;
    }
    if (count == 0)
        snprintf(why, why_bytes, "%s asked, but another scheduler is in force", row->name);
    return count == 0;
}

static json_t *rtds_to_json(const struct xb_setting *row, const void *in)
{
    json_t *list = json_array();
    for (size_t v = 0; v < xb_vcpus_count(row, in); v++) {
        json_t *entry = json_object();
        xb_settings_put(row->rows, item_of(row, in, v), entry);
        json_array_append_new(list, entry);
    }
    return list;
}

static int rtds_from_json(const struct xb_setting *row, void *in, const json_t *json,
                          struct xb_err *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json, i, entry)
    {
        struct xb_rtds rtds = XB_RTDS_KEEP;
        if (xb_settings_get(row->rows, &rtds, entry, err) < 0 ||
            xb_allocation_set_rtds(in, (int)i, &rtds, err) < 0)
            return -1;
    }
    return 0;
}

static int rtds_give(const struct xb_setting *row XB_UNUSED, void *in, struct xb_err *err)
{
    struct xb_rtds given = xb_rtds_given();
    return xb_allocation_set_rtds(in, -1, &given, err);
}

const struct xb_setting_kind xb_setting_rtds = {
    .said = array_said,
    .clear = array_clear,
    .copy = array_copy,
    .differs = rtds_differs,
    .to_json = rtds_to_json,
    .from_json = rtds_from_json,
    .give = rtds_give,
};

static uint64_t *size_of(const struct xb_setting *row, const void *in)
{
    return (uint64_t *)((char *)in + row->offset);
}

static bool size_said(const struct xb_setting *row, const void *in)
{
    return *size_of(row, in) > 0;
}

static void size_clear(const struct xb_setting *row, void *in)
{
    *size_of(row, in) = 0;
}

static int size_copy(const struct xb_setting *row, void *to, const void *from,
                     struct xb_err *err XB_UNUSED)
{
    *size_of(row, to) = *size_of(row, from);
    return 0;
}

/* Balloons move 4 KiB pages in steps of their own, so a MiB more or less is no difference. */
static bool size_differs(const struct xb_setting *row, const void *want, const void *got, char *why,
                         size_t why_bytes)
{
    uint64_t asked = *size_of(row, want), in_force = *size_of(row, got);
    uint64_t apart = asked > in_force ? asked - in_force : in_force - asked;
    if (apart <= UINT64_C(1) << 20)
        return false;
    snprintf(why, why_bytes, "%s of %" PRIu64 " MiB asked, %" PRIu64 " MiB in force", row->name,
             asked >> 20, in_force >> 20);
    return true;
}

static json_t *size_to_json(const struct xb_setting *row, const void *in)
{
    return json_integer((json_int_t)*size_of(row, in));
}

static int size_from_json(const struct xb_setting *row, void *in, const json_t *json,
                          struct xb_err *err)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return xb_fail(err, XB_E_INPUT, 0, "`%s` is no size", row->json);
    *size_of(row, in) = (uint64_t)json_integer_value(json);
    return 0;
}

const struct xb_setting_kind xb_setting_size = {
    .said = size_said,
    .clear = size_clear,
    .copy = size_copy,
    .differs = size_differs,
    .to_json = size_to_json,
    .from_json = size_from_json,
};

static char *pool_of(const struct xb_setting *row, const void *in)
{
    return (char *)in + row->offset;
}

static bool pool_said(const struct xb_setting *row, const void *in)
{
    return pool_of(row, in)[0];
}

static void pool_clear(const struct xb_setting *row, void *in)
{
    pool_of(row, in)[0] = '\0';
}

static int pool_copy(const struct xb_setting *row, void *to, const void *from,
                     struct xb_err *err XB_UNUSED)
{
    memcpy(pool_of(row, to), pool_of(row, from), XB_POOL_NAME_MAX + 1);
    return 0;
}

static bool pool_differs(const struct xb_setting *row, const void *want, const void *got, char *why,
                         size_t why_bytes)
{
    const char *asked = pool_of(row, want), *in_force = pool_of(row, got);
    if (strcmp(asked, in_force) == 0)
        return false;
    snprintf(why, why_bytes, "cpupool %s asked, %s in force", asked, in_force);
    return true;
}

static json_t *pool_to_json(const struct xb_setting *row, const void *in)
{
    return json_string(pool_of(row, in));
}

static int pool_from_json(const struct xb_setting *row, void *in, const json_t *json,
                          struct xb_err *err)
{
    const char *name = json_string_value(json);
    if (name && strlen(name) > XB_POOL_NAME_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "`%s` has more than %d letters", row->name,
                       XB_POOL_NAME_MAX);
    snprintf(pool_of(row, in), XB_POOL_NAME_MAX + 1, "%s", name ? name : "");
    return 0;
}

const struct xb_setting_kind xb_setting_pool = {
    .said = pool_said,
    .clear = pool_clear,
    .copy = pool_copy,
    .differs = pool_differs,
    .to_json = pool_to_json,
    .from_json = pool_from_json,
};

#define RTDS(key) .name = #key, .offset = offsetof(struct xb_rtds, key)
#define OF_VCPU(member) .xen = {[XB_SCHED_RTDS] = XB_IN_XEN(libxl_sched_params, member)}

/*
 * The bounds are Xen's: 10 us to a day; the defaults are those of rt_alloc_udata. Both are in
 * sched/rt.c.
 */
const struct xb_setting xb_rtds_settings[] = {
    {RTDS(period_us), .label = "rtds period", .unit = "us", .kind = &xb_setting_number,
     .given = 10000, .min = 10, .max = 86400000, .what = "10 to 86400000 microseconds",
     OF_VCPU(period)},
    {RTDS(budget_us), .label = "rtds budget", .unit = "us", .kind = &xb_setting_number,
     .given = 4000, .min = 10, .max = 86400000,
     .what = "10 to 86400000 microseconds, at most the period", OF_VCPU(budget)},
    {RTDS(extratime), .label = "rtds extratime", .kind = &xb_setting_flag, .keep = -1, .given = 1,
     OF_VCPU(extratime)},
    {0},
};

#define DOMAIN(key) .name = #key, .offset = offsetof(struct xb_allocation, key)
#define OF_VCPUS(key)                                                                              \
    DOMAIN(key), .count_offset = offsetof(struct xb_allocation, key##_count),                      \
                 .item_bytes = sizeof(*((struct xb_allocation *)NULL)->key)
#define OF_DOMAIN(member)                                                                          \
    .xen = {[XB_SCHED_CREDIT] = XB_IN_XEN(libxl_domain_sched_params, member),                      \
            [XB_SCHED_CREDIT2] = XB_IN_XEN(libxl_domain_sched_params, member)}

const struct xb_setting xb_domain_settings[] = {
    {DOMAIN(vcpus), .label = "vcpus online:", .kind = &xb_setting_number, .min = 1,
     .max = XB_CPUS_MAX},
    {OF_VCPUS(hard), .kind = &xb_setting_masks},
    {OF_VCPUS(soft), .kind = &xb_setting_masks},
    {DOMAIN(weight), .kind = &xb_setting_number, .keep = -1, .given = XB_DEFAULT_WEIGHT, .min = 1,
     .max = 65535, OF_DOMAIN(weight)},
    {DOMAIN(cap), .kind = &xb_setting_number, .keep = -1, .max = 65535,
     .what = "per cent of one CPU, 0 for no cap", OF_DOMAIN(cap)},
    {OF_VCPUS(rtds), .kind = &xb_setting_rtds,
     .xen = {[XB_SCHED_RTDS] = XB_IN_XEN(libxl_vcpu_sched_params, vcpus)},
     .rows = xb_rtds_settings},
    {.name = "memory",
     .json = "memory_bytes",
     .offset = offsetof(struct xb_allocation, memory_bytes),
     .kind = &xb_setting_size,
     .min = UINT64_C(128) << 20,
     .max = UINT64_C(16) << 40,
     .what = "128M or more"},
    {DOMAIN(pool), .kind = &xb_setting_pool},
    {0},
};
