#include "base.h"
#include "allocation.h"

#include <errno.h>
#include <string.h>

void xb_allocation_free(struct xb_allocation *alloc)
{
    free(alloc->hard);
    free(alloc->soft);
    free(alloc->rtds);
    *alloc = XB_ALLOCATION_KEEP;
}

size_t xb_allocation_vcpus_named(const struct xb_allocation *alloc)
{
    size_t most = alloc->hard_count > alloc->soft_count ? alloc->hard_count : alloc->soft_count;
    if (alloc->rtds_count > most)
        most = alloc->rtds_count;
    return most > 1 ? most : 0;
}

static int copy_masks(const struct xb_cpus *from, size_t count, struct xb_cpus **to,
                      struct xb_err *err)
{
    *to = NULL;
    if (count == 0)
        return 0;
    *to = calloc(count, sizeof(**to));
    if (!*to)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot copy %zu CPU masks", count);
    memcpy(*to, from, count * sizeof(**to));
    return 0;
}

int xb_allocation_copy(const struct xb_allocation *from, struct xb_allocation *to,
                       struct xb_err *err)
{
    struct xb_allocation copy = *from;
    if (copy_masks(from->hard, from->hard_count, &copy.hard, err) < 0)
        return -1;
    if (copy_masks(from->soft, from->soft_count, &copy.soft, err) < 0) {
        free(copy.hard);
        return -1;
    }
    copy.rtds = NULL;
    if (from->rtds_count) {
        copy.rtds = calloc(from->rtds_count, sizeof(*copy.rtds));
        if (!copy.rtds) {
            free(copy.hard);
            free(copy.soft);
            return xb_fail(err, XB_E_HOST, ENOMEM, "cannot copy an allocation");
        }
        memcpy(copy.rtds, from->rtds, from->rtds_count * sizeof(*copy.rtds));
    }
    *to = copy;
    return 0;
}

int xb_allocation_set_rtds(struct xb_allocation *alloc, int vcpu, const struct xb_rtds *rtds,
                           struct xb_err *err)
{
    size_t want = vcpu < 0 ? 1 : (size_t)vcpu + 1;
    if (want > XB_CPUS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "vcpu %d: a domain has fewer than %d", vcpu,
                       XB_CPUS_MAX);
    if (vcpu >= 0 && want < alloc->rtds_count)
        want = alloc->rtds_count;
    struct xb_rtds *grown = reallocarray(alloc->rtds, want, sizeof(*grown));
    if (!grown)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot keep the settings of %zu vcpus", want);
    for (size_t i = alloc->rtds_count; i < want; i++)
        grown[i] = XB_RTDS_KEEP;
    alloc->rtds = grown;
    alloc->rtds_count = want;
    grown[vcpu < 0 ? 0 : vcpu] = *rtds;
    return 0;
}

struct xb_rtds xb_allocation_rtds(const struct xb_allocation *alloc, uint32_t vcpu)
{
    struct xb_rtds rtds = XB_RTDS_DEFAULT;
    if (alloc->rtds_count != 1 && vcpu >= alloc->rtds_count)
        return rtds;
    const struct xb_rtds *said = &alloc->rtds[alloc->rtds_count == 1 ? 0 : vcpu];
    if (said->period_us)
        rtds.period_us = said->period_us;
    if (said->budget_us)
        rtds.budget_us = said->budget_us;
    if (said->extratime >= 0)
        rtds.extratime = said->extratime;
    return rtds;
}

static int set_mask(struct xb_cpus **masks, size_t *count, int vcpu, const char *list,
                    struct xb_err *err)
{
    struct xb_cpus mask;
    if (xb_cpus_parse(list, &mask, err) < 0)
        return -1;
    size_t want = vcpu < 0 ? 1 : (size_t)vcpu + 1;
    if (want > XB_CPUS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "vcpu %d: a domain has fewer than %d", vcpu,
                       XB_CPUS_MAX);
    if (vcpu >= 0 && want < *count)
        want = *count;
    struct xb_cpus *grown = reallocarray(*masks, want, sizeof(*grown));
    if (!grown)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot keep %zu CPU masks", want);
    *masks = grown;
    for (size_t i = *count; i < want; i++) {
        memset(grown[i].bits, 0xff, sizeof(grown[i].bits));
        grown[i].nodes = 0;
    }
    *count = want;
    grown[vcpu < 0 ? 0 : vcpu] = mask;
    return 0;
}

int xb_allocation_set_hard(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err)
{
    return set_mask(&alloc->hard, &alloc->hard_count, vcpu, list, err);
}

int xb_allocation_set_soft(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err)
{
    return set_mask(&alloc->soft, &alloc->soft_count, vcpu, list, err);
}

static bool masks_differ(const char *kind, const struct xb_cpus *want, size_t want_count,
                         const struct xb_cpus *got, size_t got_count, uint32_t host_cpus, char *why,
                         size_t why_bytes)
{
    for (size_t v = 0; want_count && v < got_count; v++) {
        const struct xb_cpus *asked = want_count == 1 ? &want[0] : v < want_count ? &want[v] : NULL;
        if (!asked || xb_cpus_equal(asked, &got[v], host_cpus))
            continue;
        char asked_text[XB_CPUS_TEXT_BYTES], got_text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(asked, host_cpus, asked_text, sizeof(asked_text));
        xb_cpus_format(&got[v], host_cpus, got_text, sizeof(got_text));
        snprintf(why, why_bytes, "vcpu %zu: %s affinity %s asked, %s in force", v, kind, asked_text,
                 got_text);
        return true;
    }
    if (want_count > 1 && want_count > got_count) {
        snprintf(why, why_bytes, "%s affinity for %zu vcpus asked, the domain has %zu", kind,
                 want_count, got_count);
        return true;
    }
    return false;
}

static bool rtds_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                         char *why, size_t why_bytes)
{
    for (size_t v = 0; want->rtds_count && v < got->rtds_count; v++) {
        const struct xb_rtds *asked =
            want->rtds_count == 1 ? &want->rtds[0] : v < want->rtds_count ? &want->rtds[v] : NULL;
        const struct xb_rtds *in_force = &got->rtds[v];
        if (!asked || ((!asked->period_us || asked->period_us == in_force->period_us) &&
                       (!asked->budget_us || asked->budget_us == in_force->budget_us) &&
                       (asked->extratime < 0 || asked->extratime == in_force->extratime)))
            continue;
        snprintf(
            why, why_bytes,
            "vcpu %zu: rtds %u us in %u us asked, %u us in %u us in force (or another extratime)",
            v, asked->budget_us, asked->period_us, in_force->budget_us, in_force->period_us);
        return true;
    }
    if (want->rtds_count && !got->rtds_count)
        snprintf(why, why_bytes, "rtds asked, another scheduler rules");
    return want->rtds_count && !got->rtds_count;
}

/* Balloons move pages of 4 KiB in steps of their own: a MiB more or less is what was asked. */
static bool memory_differs(uint64_t want, uint64_t got, char *why, size_t why_bytes)
{
    uint64_t apart = want > got ? want - got : got - want;
    if (!want || apart <= UINT64_C(1) << 20)
        return false;
    snprintf(why, why_bytes, "memory of %llu MiB asked, %llu MiB in force",
             (unsigned long long)want >> 20, (unsigned long long)got >> 20);
    return true;
}

static bool number_differs(const char *what, long want, long keep, long got, char *why,
                           size_t why_bytes)
{
    if (want == keep || want == got)
        return false;
    snprintf(why, why_bytes, "%s %ld asked, %ld in force", what, want, got);
    return true;
}

bool xb_allocation_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                           char *why, size_t why_bytes)
{
    if (want->pool[0] && strcmp(want->pool, got->pool) != 0) {
        snprintf(why, why_bytes, "cpupool %s asked, %s in force", want->pool, got->pool);
        return true;
    }
    return number_differs("vcpus online:", want->vcpus, 0, got->vcpus, why, why_bytes) ||
           masks_differ("hard", want->hard, want->hard_count, got->hard, got->hard_count,
                        got->host_cpus, why, why_bytes) ||
           masks_differ("soft", want->soft, want->soft_count, got->soft, got->soft_count,
                        got->host_cpus, why, why_bytes) ||
           number_differs("weight", want->weight, -1, got->weight, why, why_bytes) ||
           number_differs("cap", want->cap, -1, got->cap, why, why_bytes) ||
           rtds_differs(want, got, why, why_bytes) ||
           memory_differs(want->memory_bytes, got->memory_bytes, why, why_bytes);
}

static json_t *rtds_to_json(const struct xb_rtds *rtds, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_object();
        if (rtds[i].period_us)
            json_object_set_new(entry, "period_us", json_integer(rtds[i].period_us));
        if (rtds[i].budget_us)
            json_object_set_new(entry, "budget_us", json_integer(rtds[i].budget_us));
        if (rtds[i].extratime >= 0)
            json_object_set_new(entry, "extratime", json_boolean(rtds[i].extratime));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *masks_to_json(const struct xb_cpus *masks, size_t count, uint32_t host_cpus)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(&masks[i], host_cpus ? host_cpus : XB_CPUS_MAX, text, sizeof(text));
        json_array_append_new(list, json_string(text));
    }
    return list;
}

json_t *xb_allocation_to_json(const struct xb_allocation *alloc)
{
    json_t *json = json_object();
    if (alloc->vcpus)
        json_object_set_new(json, "vcpus", json_integer(alloc->vcpus));
    if (alloc->hard_count)
        json_object_set_new(json, "hard",
                            masks_to_json(alloc->hard, alloc->hard_count, alloc->host_cpus));
    if (alloc->soft_count)
        json_object_set_new(json, "soft",
                            masks_to_json(alloc->soft, alloc->soft_count, alloc->host_cpus));
    if (alloc->weight >= 0)
        json_object_set_new(json, "weight", json_integer(alloc->weight));
    if (alloc->cap >= 0)
        json_object_set_new(json, "cap", json_integer(alloc->cap));
    if (alloc->rtds_count)
        json_object_set_new(json, "rtds", rtds_to_json(alloc->rtds, alloc->rtds_count));
    if (alloc->memory_bytes)
        json_object_set_new(json, "memory_bytes", json_integer((json_int_t)alloc->memory_bytes));
    if (alloc->pool[0])
        json_object_set_new(json, "pool", json_string(alloc->pool));
    return json;
}

static int masks_from_json(const json_t *list, struct xb_cpus **masks, size_t *count,
                           struct xb_err *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        const char *text = json_string_value(entry);
        if (!text)
            return xb_fail(err, XB_E_INPUT, 0, "allocation: an affinity is not a string");
        if (set_mask(masks, count, (int)i, text, err) < 0)
            return -1;
    }
    return 0;
}

static int number_from_json(const json_t *json, const char *key, int absent, int *out,
                            struct xb_err *err)
{
    *out = absent;
    const json_t *value = json_object_get(json, key);
    if (!value)
        return 0;
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < 0 || n > 1000000)
        return xb_fail(err, XB_E_INPUT, 0, "allocation: `%s` is not a number from 0 to 1000000",
                       key);
    *out = (int)n;
    return 0;
}

static int rtds_from_json(const json_t *list, struct xb_allocation *alloc, struct xb_err *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        struct xb_rtds rtds = XB_RTDS_KEEP;
        int period, budget;
        const json_t *extratime = json_object_get(entry, "extratime");
        if (number_from_json(entry, "period_us", 0, &period, err) < 0 ||
            number_from_json(entry, "budget_us", 0, &budget, err) < 0)
            return -1;
        rtds.period_us = (uint32_t)period;
        rtds.budget_us = (uint32_t)budget;
        if (extratime)
            rtds.extratime = json_is_true(extratime);
        if (xb_allocation_set_rtds(alloc, (int)i, &rtds, err) < 0)
            return -1;
    }
    return 0;
}

int xb_allocation_from_json(const json_t *json, struct xb_allocation *out, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation alloc = XB_ALLOCATION_KEEP;
    int vcpus;
    const char *pool = json_string_value(json_object_get(json, "pool"));
    if (number_from_json(json, "vcpus", 0, &vcpus, err) < 0 ||
        number_from_json(json, "weight", -1, &alloc.weight, err) < 0 ||
        number_from_json(json, "cap", -1, &alloc.cap, err) < 0 ||
        masks_from_json(json_object_get(json, "hard"), &alloc.hard, &alloc.hard_count, err) < 0 ||
        masks_from_json(json_object_get(json, "soft"), &alloc.soft, &alloc.soft_count, err) < 0 ||
        rtds_from_json(json_object_get(json, "rtds"), &alloc, err) < 0)
        return -1;
    const json_t *memory = json_object_get(json, "memory_bytes");
    if (memory && (!json_is_integer(memory) || json_integer_value(memory) < 0))
        return xb_fail(err, XB_E_INPUT, 0, "allocation: `memory_bytes` is no size");
    alloc.memory_bytes = (uint64_t)json_integer_value(memory);
    if (pool && strlen(pool) > XB_POOL_NAME_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "allocation: `pool` has more than %d letters",
                       XB_POOL_NAME_MAX);
    alloc.vcpus = (uint32_t)vcpus;
    snprintf(alloc.pool, sizeof(alloc.pool), "%s", pool ? pool : "");
    *out = alloc;
    alloc = XB_ALLOCATION_KEEP;
    return 0;
}
