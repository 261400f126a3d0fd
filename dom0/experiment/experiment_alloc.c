/* Allocations in an experiment file. */
#include "base.h"
#include "experiment_i.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

const struct xb_yaml_alias xb_exp_aliases[] = {
    {"cpus", "hard"},
    {"affinity", "hard"},
    {"pin", "hard"},
    {"cpuset", "hard"},
    {"cpus_soft", "soft"},
    {"cpu_weight", "weight"},
    {"maxmem", "memory"},
    {"max_vcpus", "maxvcpus"},
    {"cpupool", "pool"},
    {"vcpu", "vcpus"},
    {"repeat", "repetitions"},
    {"runs", "repetitions"},
    {"warmups", "warmup"},
    {"domains", "guests"},
    {"benchmark", "workload"},
    {"scheduler", "pools"},
    {"sched", "pools"},
    {"cpupools", "pools"},
    {"tslice_ms", "timeslice_ms"},
    {"cpu_cap", "cap"},
    {"neighbours", "active"},
    {"on_failure", "on_guest_failure"},
    {"governors", "governor"},
    {"xenpm", "host"},
    {"tsc", "tsc_mode"},
    {"numa", "nodes"},
    {"metric", "metrics"},
    {"before", "hooks"},
    {"after", "hooks"},
    {"period", "period_us"},
    {"budget", "budget_us"},
    {"except", "exclude"},
    {NULL, NULL},
};

typedef int set_affinity_fn(struct xb_allocation *alloc, int vcpu, const char *list,
                            struct xb_err *err);

static int set_affinity(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                        set_affinity_fn *set, struct xb_allocation *alloc, int vcpu,
                        struct xb_err *err)
{
    char shown[80];
    const char *list = xb_yaml_scalar(node);
    if (!list || !*list)
        return xb_yaml_fail(
            yaml, node, err,
            "`%s` is %s; CPUs as xl writes them were expected (\"2-3\", \"0,2\", all), or one such "
            "list per vcpu: {0: \"2\", 1: \"3\"}",
            key, xb_yaml_shown(node, shown, sizeof(shown)));
    struct xb_err cause = {0};
    struct xb_cpus cpus;
    if (xb_cpus_parse(list, &cpus, &cause) < 0)
        return xb_yaml_fail(yaml, node, err, "`%s`: %s", key, cause.msg);
    if (xb_cpus_count(&cpus, XB_CPUS_MAX) == 0 && !cpus.nodes)
        return xb_yaml_fail(yaml, node, err, "`%s` is `%.40s`: no CPU is left to run on", key,
                            list);
    return set(alloc, vcpu, list, err);
}

static int read_vcpu_number(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                            unsigned *vcpu, struct xb_err *err)
{
    const char *text = xb_yaml_scalar(node);
    char *end = NULL;
    unsigned long n = text && isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : XB_CPUS_MAX;
    if (n >= XB_CPUS_MAX || *end)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` by vcpu: `%.20s` is no vcpu number (the first is 0)", key,
                            text ? text : "?");
    *vcpu = (unsigned)n;
    return 0;
}

static int read_affinity(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                         set_affinity_fn *set, struct xb_allocation *alloc, struct xb_err *err)
{
    if (!fy_node_is_mapping(node))
        return set_affinity(yaml, node, key, set, alloc, -1, err);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        unsigned vcpu;
        char axis[32];
        struct fy_node *value = fy_node_pair_value(pair);
        if (read_vcpu_number(yaml, fy_node_pair_key(pair), key, &vcpu, err) < 0)
            return -1;
        snprintf(axis, sizeof(axis), "%s.%u", key, vcpu);
        if (yaml->axes && xb_yaml_is_axis(value) &&
            !(value = xb_yaml_axes_choose(yaml, value, axis, err)))
            return -1;
        if (set_affinity(yaml, value, key, set, alloc, (int)vcpu, err) < 0)
            return -1;
    }
    return 0;
}

int xb_exp_hard(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    struct xb_allocation *alloc = value;
    free(alloc->hard);
    alloc->hard = NULL;
    alloc->hard_count = 0;
    return read_affinity(yaml, node, key->name, xb_allocation_set_hard, alloc, err);
}

int xb_exp_soft(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    struct xb_allocation *alloc = value;
    free(alloc->soft);
    alloc->soft = NULL;
    alloc->soft_count = 0;
    return read_affinity(yaml, node, key->name, xb_allocation_set_soft, alloc, err);
}

int xb_exp_pool_name(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    char shown[80];
    const char *text = xb_yaml_scalar(node);
    size_t n = text ? strlen(text) : 0;
    bool ok = n > 0 && n <= XB_POOL_NAME_MAX;
    for (size_t i = 0; ok && i < n; i++)
        ok = isalnum((unsigned char)text[i]) || strchr("._-", text[i]);
    if (!ok)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; a cpupool's name was expected (letters, digits, . _ -)",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)));
    strcpy(value, text);
    return 0;
}

#define RTDS(key) .name = #key, .offset = offsetof(struct xb_rtds, key)

static int read_extratime(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    bool yes;
    if (xb_yaml_bool(yaml, node, key, &yes, err) < 0)
        return -1;
    *(int *)value = yes;
    return 0;
}

/* The bounds are Xen's own: sched_rt.c takes 10 us to a day. */
static const struct xb_yaml_key rtds_keys[] = {
    {RTDS(period_us), .read = xb_yaml_uint, .min = 10, .max = 86400000, .matrix = true,
     .what = "10 to 86400000 microseconds"},
    {RTDS(budget_us), .read = xb_yaml_uint, .min = 10, .max = 86400000, .matrix = true,
     .what = "10 to 86400000 microseconds, at most the period"},
    {RTDS(extratime), .read = read_extratime, .matrix = true},
    {0},
};

static int read_rtds(const struct xb_yaml *yaml, struct fy_node *node, int vcpu,
                     struct xb_allocation *alloc, struct xb_err *err)
{
    struct xb_rtds rtds = XB_RTDS_KEEP;
    if (xb_yaml_map(yaml, node, rtds_keys, xb_exp_aliases, &rtds, NULL, err) < 0)
        return -1;
    if (rtds.period_us && rtds.budget_us > rtds.period_us)
        return xb_yaml_fail(
            yaml, node, err,
            "`budget_us` is %u, more than the period of %u us: no vcpu can be given "
            "more than all of the time",
            rtds.budget_us, rtds.period_us);
    return xb_allocation_set_rtds(alloc, vcpu, &rtds, err);
}

/* A mapping whose keys are numbers is meant vcpu by vcpu. */
static bool is_by_vcpu(struct fy_node *node)
{
    void *iter = NULL;
    struct fy_node_pair *pair =
        fy_node_is_mapping(node) ? fy_node_mapping_iterate(node, &iter) : NULL;
    const char *first = pair ? xb_yaml_scalar(fy_node_pair_key(pair)) : NULL;
    return first && isdigit((unsigned char)*first);
}

int xb_exp_rtds(const struct xb_yaml *yaml, struct fy_node *node,
                const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_allocation *alloc = value;
    free(alloc->rtds);
    alloc->rtds = NULL;
    alloc->rtds_count = 0;
    if (!is_by_vcpu(node))
        return read_rtds(yaml, node, -1, alloc, err);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        unsigned vcpu;
        if (read_vcpu_number(yaml, fy_node_pair_key(pair), "rtds", &vcpu, err) < 0 ||
            read_rtds(yaml, fy_node_pair_value(pair), (int)vcpu, alloc, err) < 0)
            return -1;
    }
    return 0;
}

static const struct xb_yaml_key dom0_keys[] = {
    XB_ALLOCATION_KEYS(
        struct { struct xb_allocation a; }, a),
    {.name = "memory",
     .offset = offsetof(struct xb_allocation, memory_bytes),
     .read = xb_yaml_size,
     .min = UINT64_C(128) << 20,
     .max = UINT64_C(16) << 40,
     .what = "128M or more",
     .matrix = true},
    {0},
};

int xb_exp_dom0(const struct xb_yaml *yaml, struct fy_node *node,
                const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    return xb_yaml_map(yaml, node, dom0_keys, xb_exp_aliases, value, NULL, err);
}

static int overlay_masks(struct xb_cpus **masks, size_t *count, const struct xb_cpus *over,
                         size_t over_count, struct xb_err *err)
{
    if (over_count == 0)
        return 0;
    struct xb_cpus *copy = malloc(over_count * sizeof(*copy));
    if (!copy)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot copy %zu CPU masks", over_count);
    memcpy(copy, over, over_count * sizeof(*copy));
    free(*masks);
    *masks = copy;
    *count = over_count;
    return 0;
}

int xb_exp_overlay(struct xb_allocation *alloc, const struct xb_allocation *over,
                   struct xb_err *err)
{
    if (over->vcpus)
        alloc->vcpus = over->vcpus;
    if (over->weight >= 0)
        alloc->weight = over->weight;
    if (over->cap >= 0)
        alloc->cap = over->cap;
    if (over->memory_bytes)
        alloc->memory_bytes = over->memory_bytes;
    if (over->rtds_count) {
        struct xb_rtds *copy = calloc(over->rtds_count, sizeof(*copy));
        if (!copy)
            return xb_fail(err, XB_E_HOST, ENOMEM, "cannot copy an allocation");
        memcpy(copy, over->rtds, over->rtds_count * sizeof(*copy));
        free(alloc->rtds);
        alloc->rtds = copy;
        alloc->rtds_count = over->rtds_count;
    }
    if (over->pool[0])
        memcpy(alloc->pool, over->pool, sizeof(alloc->pool));
    if (overlay_masks(&alloc->hard, &alloc->hard_count, over->hard, over->hard_count, err) < 0)
        return -1;
    return overlay_masks(&alloc->soft, &alloc->soft_count, over->soft, over->soft_count, err);
}
