/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads cpupools in an experiment file. */
#include "base.h"
#include "experiment_i.h"

#include <ctype.h>
#include <string.h>

static int read_scheduler(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_yaml_key word = *key;
    word.words = xb_scheduler_words;
    int index;
    if (xb_yaml_word(yaml, node, &word, &index, err) < 0)
        return -1;
    snprintf(value, XB_SCHEDULER_NAME_MAX + 1, "%s", xb_scheduler_words[index]);
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
        (xb_cpus_count(&pool->cpus, XB_CPUS_MAX) == 0 && !pool->cpus.nodes))
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; CPUs such as \"1\" or \"2-3\" were expected%s%s",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)),
                            cause.msg[0] ? ": " : "", cause.msg);
    pool->has_cpus = true;
    return 0;
}

int xb_exp_schedule(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    struct xb_schedule schedule;
    struct xb_err cause = {0};
    char shown[80];
    const char *text = xb_yaml_scalar(node);
    if (!text)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; guests and their times were expected, such as "
                            "\"a 4ms, b 6ms\"",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)));
    if (xb_schedule_parse(text, &schedule, &cause) < 0)
        return xb_yaml_fail(yaml, node, err, "`%s`: %s", key->name, cause.msg);
    memset(value, 0, XB_SCHEDULE_TEXT_BYTES);
    if (!xb_schedule_format(&schedule, value, XB_SCHEDULE_TEXT_BYTES))
        return xb_yaml_fail(yaml, node, err, "`%s` has more than %d characters", key->name,
                            XB_SCHEDULE_TEXT_BYTES - 1);
    return 0;
}

static const struct xb_yaml_key pool_keys[] = {
    {.name = "cpus", .offset = 0, .read = read_pool_cpus, .matrix = true},
    {.name = "scheduler",
     .offset = offsetof(struct xb_exp_pool, scheduler),
     .read = read_scheduler,
     .matrix = true},
    {.name = "sched_gran",
     .offset = offsetof(struct xb_exp_pool, sched_gran),
     .read = xb_yaml_word,
     .words = xb_sched_gran_words,
     .matrix = true},
    {0},
};

/* `scheduler` is a key of a pool, so here `sched` is the alias. */
static const struct xb_yaml_alias pool_aliases[] = {
    {"sched", "scheduler"},
    {"tslice_ms", "timeslice_ms"},
    {"timeslice", "timeslice_ms"},
    {"ratelimit", "ratelimit_us"},
    {"granularity", "sched_gran"},
    {"sched-gran", "sched_gran"},
    {NULL, NULL},
};

/* Refuse a parameter that the scheduler lacks: no host is needed to see that. */
static int check_params(const struct xb_yaml *yaml, struct fy_node *node,
                        const struct xb_exp_pool *pool, struct xb_err *err)
{
    const struct xb_setting *unknown =
        pool->scheduler[0] ? xb_settings_unknown(xb_pool_settings, &pool->params, pool->scheduler)
                           : NULL;
    char who[80];
    if (!unknown)
        return 0;
    return xb_yaml_fail(yaml, node, err, "pool %s: %s has no `%s` (%s)", pool->name,
                        pool->scheduler, unknown->name,
                        xb_setting_knowers(unknown, "has", "have", who, sizeof(who)));
}

static int read_pool(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_pool *pool,
                     struct xb_err *err)
{
    struct xb_exp_keys keys = {0};
    xb_exp_keys_add(&keys, pool_keys, 0);
    xb_exp_keys_rows(&keys, xb_pool_settings, offsetof(struct xb_exp_pool, params));
    return xb_yaml_map(yaml, node, keys.v, pool_aliases, pool, NULL, err);
}

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
                                            .sched_gran = -1,
                                            .line = xb_yaml_line(fy_node_pair_key(pair))};
            strcpy(pools[i].name, name);
            (*count)++;
        }
        if (read_pool(yaml, fy_node_pair_value(pair), &pools[i], err) < 0 ||
            check_params(yaml, fy_node_pair_key(pair), &pools[i], err) < 0)
            return -1;
    }
    return 0;
}
