/* Allocations and cpupools in an experiment file. */
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
    if (xb_cpus_count(&cpus, XB_CPUS_MAX) == 0)
        return xb_yaml_fail(yaml, node, err, "`%s` is `%.40s`: no CPU is left to run on", key,
                            list);
    return set(alloc, vcpu, list, err);
}

static int read_affinity(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                         set_affinity_fn *set, struct xb_allocation *alloc, struct xb_err *err)
{
    if (!fy_node_is_mapping(node))
        return set_affinity(yaml, node, key, set, alloc, -1, err);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        const char *vcpu = xb_yaml_scalar(fy_node_pair_key(pair));
        char *end = NULL;
        unsigned long n =
            vcpu && isdigit((unsigned char)*vcpu) ? strtoul(vcpu, &end, 10) : XB_CPUS_MAX;
        if (n >= XB_CPUS_MAX || *end)
            return xb_yaml_fail(yaml, node, err,
                                "`%s` by vcpu: `%.20s` is no vcpu number (the first is 0)", key,
                                vcpu ? vcpu : "?");
        if (set_affinity(yaml, fy_node_pair_value(pair), key, set, alloc, (int)n, err) < 0)
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

const struct xb_yaml_key xb_exp_allocation_keys[] = {
    XB_ALLOCATION_KEYS(
        struct { struct xb_allocation a; }, a),
    {0},
};

int xb_exp_allocation(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    return xb_yaml_map(yaml, node, xb_exp_allocation_keys, xb_exp_aliases, value, NULL, err);
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
    if (over->pool[0])
        memcpy(alloc->pool, over->pool, sizeof(alloc->pool));
    if (overlay_masks(&alloc->hard, &alloc->hard_count, over->hard, over->hard_count, err) < 0)
        return -1;
    return overlay_masks(&alloc->soft, &alloc->soft_count, over->soft, over->soft_count, err);
}

static const char *const schedulers[] = {"credit", "credit2", "rtds", "null", "arinc653", NULL};

static int read_scheduler(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_yaml_key word = *key;
    word.words = schedulers;
    int index;
    if (xb_yaml_word(yaml, node, &word, &index, err) < 0)
        return -1;
    snprintf(value, XB_SCHEDULER_NAME_MAX + 1, "%s", schedulers[index]);
    return 0;
}

static int read_pool_cpus(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_exp_pool *pool = value;
    struct xb_err cause = {0};
    char shown[80];
    const char *list = xb_yaml_scalar(node);
    if (!list || xb_cpus_parse(list, &pool->cpus, &cause) < 0 ||
        xb_cpus_count(&pool->cpus, XB_CPUS_MAX) == 0)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; CPUs such as \"1\" or \"2-3\" were expected%s%s",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)),
                            cause.msg[0] ? ": " : "", cause.msg);
    pool->has_cpus = true;
    return 0;
}

static const struct xb_yaml_key pool_keys[] = {
    {.name = "cpus", .offset = 0, .read = read_pool_cpus, .matrix = true},
    {.name = "scheduler",
     .offset = offsetof(struct xb_exp_pool, scheduler),
     .read = read_scheduler,
     .matrix = true},
    {.name = "timeslice_ms",
     .offset = offsetof(struct xb_exp_pool, params.timeslice_ms),
     .read = xb_yaml_int,
     .min = 1,
     .max = 1000,
     .matrix = true},
    {.name = "ratelimit_us",
     .offset = offsetof(struct xb_exp_pool, params.ratelimit_us),
     .read = xb_yaml_int,
     .min = 0,
     .max = 500000,
     .what = "0 (off) to 500000 microseconds",
     .matrix = true},
    {.name = "migration_delay_us",
     .offset = offsetof(struct xb_exp_pool, params.migration_delay_us),
     .read = xb_yaml_int,
     .min = 0,
     .max = 100000,
     .what = "0 to 100000 microseconds",
     .matrix = true},
    {0},
};

int xb_exp_read_pools(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_pool *pools,
                      size_t *count, struct xb_err *err)
{
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(yaml, node, err,
                            "`pools` names cpupools: {bench: {cpus: \"1\", scheduler: credit}}");
    static const struct xb_yaml_key name_key = {.name = "pools"};
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        char name[XB_POOL_NAME_MAX + 1];
        if (xb_exp_pool_name(yaml, fy_node_pair_key(pair), &name_key, name, err) < 0)
            return -1;
        size_t i = 0;
        while (i < *count && strcmp(pools[i].name, name) != 0)
            i++;
        if (i == XB_EXP_POOLS_MAX)
            return xb_yaml_fail(yaml, node, err, "more than %d cpupools", XB_EXP_POOLS_MAX);
        if (i == *count) {
            pools[i] = (struct xb_exp_pool){.params = XB_POOL_PARAMS_KEEP,
                                            .line = xb_yaml_line(fy_node_pair_key(pair))};
            strcpy(pools[i].name, name);
            (*count)++;
        }
        if (xb_yaml_map(yaml, fy_node_pair_value(pair), pool_keys, xb_exp_aliases, &pools[i], NULL,
                        err) < 0)
            return -1;
    }
    return 0;
}
