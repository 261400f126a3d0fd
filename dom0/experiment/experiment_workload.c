/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a workload in an experiment file: a catalogue name, or a command with its metrics. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"

#include <string.h>

#define METRIC(key) .name = #key, .offset = offsetof(struct xb_workload_metric, key)

static const struct xb_yaml_key metric_keys[] = {
    {METRIC(name), .read = xb_yaml_text, .required = true},
    {METRIC(pattern), .read = xb_yaml_pattern, .required = true,
     .what = "a regular expression that finds the number in the output"},
    {METRIC(from), .read = xb_yaml_source},
    {METRIC(unit), .read = xb_yaml_text},
    {METRIC(better), .read = xb_yaml_word, .words = xb_better_words, .required = true,
     .what = "less or more"},
    {METRIC(histogram), .read = xb_workload_read_dist, .what = "values, counts or cumulative"},
    {METRIC(begin), .read = xb_yaml_regex},
    {METRIC(end), .read = xb_yaml_regex},
    {METRIC(over), .read = xb_yaml_pattern},
    {0},
};

/* Refuse metric number `count` if an earlier metric has the same name. */
static int check_name(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_workload *workload, size_t count, struct xb_err *err)
{
    const char *name = workload->metrics[count].name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(workload->metrics[i].name, name) == 0)
            return xb_yaml_fail(yaml, node, err, "a second metric named `%s`", name);
    return 0;
}

static int add_metric(const struct xb_yaml *yaml, struct fy_node *node,
                      struct xb_workload *workload, struct xb_err *err)
{
    struct xb_workload_metric *metric = xb_append(&workload->metrics, &workload->metric_count);
    if (xb_yaml_map(yaml, node, metric_keys, NULL, metric, NULL, err) < 0 ||
        xb_exp_check_name(yaml, node, "the metric's `name`", metric->name, err) < 0)
        return -1;
    if (strcmp(metric->name, XB_WORKLOAD_TIME) == 0)
        return xb_yaml_fail(yaml, node, err,
                            "the metric `time` is built in: give yours another name");
    if (check_name(yaml, node, workload, workload->metric_count - 1, err) < 0)
        return -1;
    if (!metric->from)
        metric->from = xb_strdup("stdout");
    const char *key, *wrong = xb_workload_dist_wrong(metric, &key);
    return wrong ? xb_yaml_fail(yaml, node, err, "`%s` %s", key, wrong) : 0;
}

/* A metric's name may also clash with the name of a histogram's percentile. */
static int check_names(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_workload *workload, struct xb_err *err)
{
    for (size_t i = 0; i < workload->metric_count; i++)
        if (check_name(yaml, node, workload, i, err) < 0)
            return -1;
    return 0;
}

/* Read one `metric`, or a list of `metrics`. */
static int read_metrics(const struct xb_yaml *yaml, struct fy_node *node,
                        const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_workload *workload = value;
    if (workload->metric_count > 0)
        return xb_yaml_fail(yaml, node, err,
                            "`metric` and `metrics` exclude each other: put all into `metrics`");
    if (!fy_node_is_sequence(node))
        return add_metric(yaml, node, workload, err);
    int count = fy_node_sequence_item_count(node);
    if (count < 1 || count > XB_WORKLOAD_METRICS_MAX)
        return xb_yaml_fail(yaml, node, err, "`%s` has %d entries; 1 to %d were expected",
                            key->name, count, XB_WORKLOAD_METRICS_MAX);
    void *iter = NULL;
    struct fy_node *item;
    while ((item = fy_node_sequence_iterate(node, &iter)))
        if (add_metric(yaml, item, workload, err) < 0)
            return -1;
    return 0;
}

#define WORKLOAD(key) .name = #key, .offset = offsetof(struct xb_workload, key)

static const struct xb_yaml_key workload_keys[] = {
    {WORKLOAD(name), .read = xb_yaml_text},
    {WORKLOAD(command), .read = xb_yaml_command, .required = true,
     .what = "a command line, or a list of words"},
    {WORKLOAD(requires), .read = xb_yaml_command},
    {WORKLOAD(prepare), .read = xb_yaml_command},
    {WORKLOAD(each), .read = xb_yaml_command},
    {WORKLOAD(env), .read = xb_yaml_env},
    {WORKLOAD(user), .read = xb_yaml_text, .matrix = true},
    {WORKLOAD(cwd), .read = xb_yaml_text, .matrix = true},
    {.name = "timeout",
     .offset = offsetof(struct xb_workload, timeout_ns),
     .read = xb_yaml_duration,
     .min = XB_NS_PER_MS,
     .max = 168 * XB_NS_PER_H,
     .what = "1ms to 168h",
     .matrix = true},
    {.name = "metric", .offset = 0, .read = read_metrics},
    {.name = "metrics", .offset = 0, .read = read_metrics},
    {WORKLOAD(primary), .read = xb_yaml_text},
    {0},
};

/*
 * Without `primary`, the first metric is primary (of a histogram, its median); without metrics, the
 * time is.
 */
static int check_primary(const struct xb_yaml *yaml, struct fy_node *node,
                         struct xb_workload *workload, struct xb_err *err)
{
    if (!workload->primary && workload->metric_count)
        workload->primary = xb_strdup(workload->metrics[workload->metrics[0].histogram != 0].name);
    if (!workload->primary)
        workload->primary = xb_strdup(XB_WORKLOAD_TIME);
    const struct xb_workload_metric *primary = xb_workload_primary(workload);
    if (primary && primary->histogram)
        return xb_yaml_fail(yaml, node, err,
                            "`primary` is `%.60s`, a histogram: name one of its percentiles, such "
                            "as `%.60s.p99`",
                            primary->name, primary->name);
    if (strcmp(workload->primary, XB_WORKLOAD_TIME) == 0 || primary)
        return 0;
    return xb_yaml_fail(yaml, node, err, "`primary` is `%.60s`, but no metric has that name",
                        workload->primary);
}

/* Each choice from lists inside a command, such as lists in `env`, is a workload of its own. */
static int name_own(const struct xb_yaml *yaml, struct fy_node *node,
                    struct xb_exp_workload *workload, struct xb_err *err)
{
    char label[128];
    const char *name = workload->own->name ? workload->own->name : "command";
    if (xb_exp_check_name(yaml, node, "the workload's `name`", name, err) < 0)
        return -1;
    xb_yaml_axes_label_within(yaml->axes, node, label, sizeof(label));
    workload->choice = xb_yaml_axes_choice_within(yaml->axes, node);
    workload->name =
        xb_asprintf("%s%s%s%s", name, label[0] ? " (" : "", label, label[0] ? ")" : "");
    return 0;
}

static int read_own(const struct xb_yaml *yaml, struct fy_node *node,
                    struct xb_exp_workload *workload, struct xb_err *err)
{
    workload->node = node;
    workload->own = xb_calloc(1, sizeof(*workload->own));
    if (xb_yaml_map(yaml, node, workload_keys, NULL, workload->own, NULL, err) < 0)
        return -1;
    xb_workload_add_percentiles(workload->own);
    if (check_names(yaml, node, workload->own, err) < 0 ||
        check_primary(yaml, node, workload->own, err) < 0)
        return -1;
    return name_own(yaml, node, workload, err);
}

/*
 * Find the number of a workload that was read before: a command by its place in the file and its
 * lists' choices. Two commands of one name are refused: a table could not distinguish them.
 */
static int find_known(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_experiment *exp, const struct xb_exp_workload *read,
                      uint32_t *number, struct xb_err *err)
{
    *number = XB_EXP_NO_WORKLOAD;
    for (size_t i = 0; i < exp->workload_count; i++) {
        const struct xb_exp_workload *w = &exp->workloads[i];
        bool same = w->own
                        ? w->node == read->node && read->own && strcmp(w->choice, read->choice) == 0
                        : !read->own && strcmp(w->name, read->name) == 0;
        if (same)
            *number = (uint32_t)i;
        else if (strcmp(w->name, read->name) == 0)
            return xb_yaml_fail(yaml, node, err,
                                "a second workload named `%s`; the first is in line %u; give each "
                                "a `name` of its own",
                                w->name, w->line);
    }
    return 0;
}

static int read_workload(const struct xb_yaml *yaml, struct fy_node *node,
                         const struct xb_yaml_key *key, struct xb_exp_setting *setting,
                         struct xb_exp_workload *read, struct xb_err *err)
{
    struct xb_experiment *exp = setting->exp;
    struct xb_yaml_key name = *key;
    name.what = "a name from `xenbench workload list`, or {command: ...}";
    /* A command is read anew for each case, so that its lists become axes of every case. */
    if ((fy_node_is_mapping(node) ? read_own(yaml, node, read, err)
                                  : xb_yaml_text(yaml, node, &name, &read->name, err)) < 0 ||
        find_known(yaml, node, exp, read, &setting->workload, err) < 0)
        return -1;
    if (setting->workload != XB_EXP_NO_WORKLOAD)
        return 0;
    setting->workload = (uint32_t)exp->workload_count;
    *xb_append(&exp->workloads, &exp->workload_count) = *read;
    *read = (struct xb_exp_workload){.own = NULL};
    return 0;
}

int xb_exp_workload(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    struct xb_exp_workload read = {.line = xb_yaml_line(node)};
    int r = read_workload(yaml, node, key, value, &read, err);
    xb_exp_workload_free(&read);
    return r;
}

void xb_exp_workload_free(struct xb_exp_workload *workload)
{
    xb_workload_free(workload->own);
    free(workload->choice);
    free(workload->name);
}
