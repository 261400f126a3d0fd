/* The workload of an experiment file: a name from the catalogue, or a command with its metric. */
#include "base.h"
#include "experiment_i.h"

#include <errno.h>
#include <string.h>

static const char *const better_words[] = {"less", "more", NULL};
static const char *const source_words[] = {"stdout", "stderr", NULL};

static int read_source(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_yaml_key words = *key;
    int index;
    words.words = source_words;
    if (xb_yaml_word(yaml, node, &words, &index, err) < 0)
        return -1;
    return xb_yaml_text(yaml, node, key, value, err);
}

#define METRIC(key) .name = #key, .offset = offsetof(struct xb_workload_metric, key)

static const struct xb_yaml_key metric_keys[] = {
    {METRIC(name), .read = xb_yaml_text, .required = true},
    {METRIC(pattern), .read = xb_yaml_pattern, .required = true,
     .what = "how the number is found in the output"},
    {METRIC(from), .read = read_source},
    {METRIC(unit), .read = xb_yaml_text},
    {METRIC(better), .read = xb_yaml_word, .words = better_words, .required = true,
     .what = "less or more"},
    {0},
};

/* The one metric of a command is also its primary one. */
static int read_metric(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_workload *workload = value;
    workload->metrics = calloc(1, sizeof(*workload->metrics));
    if (!workload->metrics)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    workload->metric_count = 1;
    struct xb_workload_metric *metric = &workload->metrics[0];
    if (xb_yaml_map(yaml, node, metric_keys, NULL, metric, NULL, err) < 0 ||
        xb_exp_check_name(yaml, node, "the metric's `name`", metric->name, err) < 0)
        return -1;
    if (strcmp(metric->name, XB_WORKLOAD_TIME) == 0)
        return xb_yaml_fail(yaml, node, err,
                            "the metric `time` is there already: give yours another name");
    if (!metric->from)
        metric->from = strdup(source_words[0]);
    free(workload->primary);
    workload->primary = strdup(metric->name);
    return metric->from && workload->primary ? 0
                                             : xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
}

#define WORKLOAD(key) .name = #key, .offset = offsetof(struct xb_workload, key)

static const struct xb_yaml_key workload_keys[] = {
    {WORKLOAD(name), .read = xb_yaml_text},
    {WORKLOAD(command), .read = xb_yaml_command, .required = true,
     .what = "a command line, or a list of words"},
    {WORKLOAD(prepare), .read = xb_yaml_command},
    {WORKLOAD(user), .read = xb_yaml_text},
    {WORKLOAD(cwd), .read = xb_yaml_text},
    {.name = "metric", .offset = 0, .read = read_metric},
    {0},
};

static int read_own(const struct xb_yaml *yaml, struct fy_node *node,
                    struct xb_exp_workload *workload, struct xb_err *err)
{
    workload->own = calloc(1, sizeof(*workload->own));
    if (!workload->own)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    workload->own->primary = strdup(XB_WORKLOAD_TIME);
    if (xb_yaml_map(yaml, node, workload_keys, NULL, workload->own, NULL, err) < 0)
        return -1;
    workload->name = strdup(workload->own->name ? workload->own->name : "command");
    if (!workload->name || !workload->own->primary)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    return xb_exp_check_name(yaml, node, "the workload's `name`", workload->name, err);
}

int xb_exp_workload(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    struct xb_exp_workload *workload = value;
    workload->line = xb_yaml_line(node);
    if (fy_node_is_mapping(node))
        return read_own(yaml, node, workload, err);
    struct xb_yaml_key name = *key;
    name.what = "a name from `xenbench workload list`, or {command: ...}";
    return xb_yaml_text(yaml, node, &name, &workload->name, err);
}

void xb_exp_workload_free(struct xb_exp_workload *workload)
{
    xb_workload_free(workload->own);
    free(workload->name);
}
