/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads how often cases are repeated, and which cases are compared in pairs. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "nearest.h"
#include "stats.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define COUNT_MAX 10000
#define MIN_DEFAULT 5
#define MAX_DEFAULT 100
/* Bounds of percentages are in thousandths of a per cent, since the tables hold integers. */
#define PER_MILLE_OF_PERCENT 1000.0

/* Into a double: "2%" is 0.02. */
static int read_percent(const struct xb_yaml *yaml, struct fy_node *node,
                        const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    char shown[80], *end = NULL;
    const char *text = xb_yaml_scalar(node);
    errno = 0;
    double percent = text && strspn(text, "0123456789.") > 0 ? strtod(text, &end) : NAN;
    while (end && *end == ' ')
        end++;
    if (!end || strcmp(end, "%") != 0 || errno || !isfinite(percent))
        return xb_yaml_fail(yaml, node, err, "`%s` is %s; a percentage was expected: %s", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)), key->what);
    if (percent < (double)key->min / PER_MILLE_OF_PERCENT ||
        percent > (double)key->max / PER_MILLE_OF_PERCENT)
        return xb_yaml_fail(yaml, node, err, "`%s` is %s, out of range; it is %s", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)), key->what);
    *(double *)value = percent / 100;
    return 0;
}

#define UNTIL(key) .name = #key, .offset = offsetof(struct xb_exp_until, key)
static const struct xb_yaml_key until_keys[] = {
    {UNTIL(interval), .read = read_percent, .required = true, .min = 10, .max = 100000,
     .what = "0.01% to 100% of the median, such as 2%"},
    {UNTIL(confidence), .read = read_percent, .min = 50000, .max = 99900,
     .what = "50% to 99.9%, such as 95%"},
    {UNTIL(metric), .read = xb_yaml_text},
    {UNTIL(min), .read = xb_yaml_uint, .min = 2, .max = COUNT_MAX},
    {UNTIL(max), .read = xb_yaml_uint, .min = 2, .max = COUNT_MAX},
    {.name = "time",
     .offset = offsetof(struct xb_exp_until, time_ns),
     .read = xb_yaml_duration,
     .min = XB_NS_PER_S,
     .max = 720 * XB_NS_PER_H,
     .what = "1s to 720h"},
    {0},
};

static const struct xb_yaml_alias until_aliases[] = {
    {"width", "interval"},   {"within", "interval"}, {"ci", "interval"}, {"precision", "interval"},
    {"level", "confidence"}, {"minimum", "min"},     {"maximum", "max"}, {"time_limit", "time"},
    {"limit", "time"},       {"duration", "time"},   {NULL, NULL},
};

int xb_exp_read_until(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_until *until,
                      struct xb_err *err)
{
    uint64_t present = 0;
    char shown[80];
    *until = (struct xb_exp_until){.confidence = XB_CONFIDENCE,
                                   .min = MIN_DEFAULT,
                                   .max = MAX_DEFAULT,
                                   .line = xb_yaml_line(node)};
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(
            yaml, node, err,
            "`until` is %s; a mapping was expected, such as {interval: 2%%, max: 50}",
            xb_yaml_shown(node, shown, sizeof(shown)));
    if (xb_yaml_map(yaml, node, until_keys, until_aliases, until, &present, err) < 0)
        return -1;
    uint32_t least = xb_stats_least(until->confidence);
    if (until->max < until->min)
        return xb_yaml_fail(yaml, node, err, "`until`: `max` is %u, less than `min`, which is %u",
                            until->max, until->min);
    if (until->max < least)
        return xb_yaml_fail(yaml, node, err,
                            "`until`: no interval of %u samples holds the median with %g %%; "
                            "`max` must be %u or more",
                            until->max, 100 * until->confidence, least);
    return 0;
}

/* ---- pairs ---- */

struct pair_names {
    char *a, *b;
};

#define PAIR(key) .name = #key, .offset = offsetof(struct pair_names, key), .read = xb_yaml_text
static const struct xb_yaml_key pair_keys[] = {
    {PAIR(a), .required = true, .what = "the name of a case"},
    {PAIR(b), .required = true, .what = "the name of the case that is compared with it"},
    {0},
};

static int find_case(const struct xb_yaml *yaml, struct fy_node *node, const char *name,
                     const struct xb_experiment *exp, uint32_t *out, struct xb_err *err)
{
    xb_auto_free const char **names = xb_calloc(exp->case_count + 1, sizeof(*names));
    for (uint32_t c = 0; c < exp->case_count; c++) {
        names[c] = exp->cases[c].name;
        if (strcmp(names[c], name) == 0) {
            *out = c;
            return 0;
        }
    }
    const char *near = xb_nearest(name, names);
    if (near)
        return xb_yaml_fail(yaml, node, err, "`compare`: no case `%.60s`; did you mean `%s`?", name,
                            near);
    return xb_yaml_fail(yaml, node, err, "`compare`: no case `%.60s`; the first is `%s`", name,
                        names[0]);
}

static int add_pair(const struct xb_yaml *yaml, struct fy_node *node,
                    const struct pair_names *names, struct xb_experiment *exp, struct xb_err *err)
{
    struct xb_exp_pair pair;
    if (find_case(yaml, node, names->a, exp, &pair.a, err) < 0 ||
        find_case(yaml, node, names->b, exp, &pair.b, err) < 0)
        return -1;
    if (pair.a == pair.b)
        return xb_yaml_fail(yaml, node, err, "`compare`: case `%s` is compared with itself",
                            names->a);
    if (exp->pair_count == XB_EXP_PAIRS_MAX)
        return xb_yaml_fail(yaml, node, err, "`compare` has more than %d pairs", XB_EXP_PAIRS_MAX);
    exp->pairs[exp->pair_count++] = pair;
    return 0;
}

static int read_pair(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                     struct xb_err *err)
{
    struct pair_names names = {0};
    char shown[80];
    int r;
    if (!fy_node_is_mapping(node))
        r = xb_yaml_fail(yaml, node, err, "`compare` holds %s; {a: CASE, b: CASE} was expected",
                         xb_yaml_shown(node, shown, sizeof(shown)));
    else
        r = xb_yaml_map(yaml, node, pair_keys, NULL, &names, NULL, err);
    if (r == 0)
        r = add_pair(yaml, node, &names, exp, err);
    free(names.a);
    free(names.b);
    return r;
}

int xb_exp_read_pairs(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                      struct xb_err *err)
{
    if (exp->order == XB_ORDER_SEQUENTIAL)
        return xb_yaml_fail(
            yaml, node, err,
            "`compare` needs both cases in the same round, and `order: sequential` has no "
            "rounds (interleaved and random have)");
    if (!fy_node_is_sequence(node))
        return read_pair(yaml, node, exp, err);
    void *iter = NULL;
    struct fy_node *item;
    while ((item = fy_node_sequence_iterate(node, &iter)))
        if (read_pair(yaml, item, exp, err) < 0)
            return -1;
    return 0;
}

/* ---- as JSON, for the store ---- */

json_t *xb_exp_until_to_json(const struct xb_exp_until *until)
{
    json_t *json = json_pack("{s:f, s:f, s:i, s:i}", "interval", until->interval, "confidence",
                             until->confidence, "min", (int)until->min, "max", (int)until->max);
    if (json && until->metric)
        json_object_set_new(json, "metric", json_string(until->metric));
    if (json && until->time_ns)
        json_object_set_new(json, "time_s", json_real((double)until->time_ns / 1e9));
    return json;
}

json_t *xb_exp_pairs_to_json(const struct xb_experiment *exp)
{
    json_t *list = json_array();
    for (size_t i = 0; i < exp->pair_count; i++)
        json_array_append_new(
            list, json_pack("{s:i, s:i}", "a", (int)exp->pairs[i].a, "b", (int)exp->pairs[i].b));
    return list;
}
