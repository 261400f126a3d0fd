/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads allocations in an experiment file. */
#include "base.h"
#include "experiment_i.h"

#include <ctype.h>
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

static int set_affinity(const struct xb_yaml *yaml, struct fy_node *node,
                        const struct xb_setting *row, struct xb_allocation *alloc, int vcpu,
                        struct xb_err *err)
{
    const char *key = row->name;
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
    return xb_allocation_set_mask(alloc, row, vcpu, list, err);
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

int xb_exp_masks(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    struct xb_allocation *alloc = value;
    const struct xb_setting *row = xb_settings_find(xb_domain_settings, key->name);
    row->kind->clear(row, alloc);
    if (!fy_node_is_mapping(node))
        return set_affinity(yaml, node, row, alloc, -1, err);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        unsigned vcpu;
        char axis[32];
        struct fy_node *one = fy_node_pair_value(pair);
        if (read_vcpu_number(yaml, fy_node_pair_key(pair), key->name, &vcpu, err) < 0)
            return -1;
        snprintf(axis, sizeof(axis), "%s.%u", key->name, vcpu);
        if (yaml->axes && xb_yaml_is_axis(one) &&
            !(one = xb_yaml_axes_choose(yaml, one, axis, err)))
            return -1;
        if (set_affinity(yaml, one, row, alloc, (int)vcpu, err) < 0)
            return -1;
    }
    return 0;
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

static int read_rtds(const struct xb_yaml *yaml, struct fy_node *node, int vcpu,
                     struct xb_allocation *alloc, struct xb_err *err)
{
    struct xb_rtds rtds = XB_RTDS_KEEP;
    struct xb_exp_keys keys = {0};
    xb_exp_keys_rows(&keys, xb_rtds_settings, 0);
    if (xb_yaml_map(yaml, node, keys.v, xb_exp_aliases, &rtds, NULL, err) < 0)
        return -1;
    if (rtds.period_us && rtds.budget_us > rtds.period_us)
        return xb_yaml_fail(
            yaml, node, err,
            "`budget_us` is %u, more than the period of %u us: a vcpu cannot get more than all "
            "of the time",
            rtds.budget_us, rtds.period_us);
    return xb_allocation_set_rtds(alloc, vcpu, &rtds, err);
}

/* A mapping whose keys are numbers has a value for each vcpu. */
static bool is_by_vcpu(struct fy_node *node)
{
    void *iter = NULL;
    struct fy_node_pair *pair =
        fy_node_is_mapping(node) ? fy_node_mapping_iterate(node, &iter) : NULL;
    const char *first = pair ? xb_yaml_scalar(fy_node_pair_key(pair)) : NULL;
    return first && isdigit((unsigned char)*first);
}

int xb_exp_rtds(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    struct xb_allocation *alloc = value;
    const struct xb_setting *row = xb_settings_find(xb_domain_settings, key->name);
    row->kind->clear(row, alloc);
    if (!is_by_vcpu(node))
        return read_rtds(yaml, node, -1, alloc, err);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        unsigned vcpu;
        if (read_vcpu_number(yaml, fy_node_pair_key(pair), key->name, &vcpu, err) < 0 ||
            read_rtds(yaml, fy_node_pair_value(pair), (int)vcpu, alloc, err) < 0)
            return -1;
    }
    return 0;
}

int xb_exp_dom0(const struct xb_yaml *yaml, struct fy_node *node,
                const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_exp_keys keys = {0};
    xb_exp_keys_rows(&keys, xb_domain_settings, 0);
    return xb_yaml_map(yaml, node, keys.v, xb_exp_aliases, value, NULL, err);
}
