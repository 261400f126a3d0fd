/* The workload of an experiment file: a name from the catalogue, or a command with its metric. */
#include "base.h"
#include "experiment_i.h"

#include <errno.h>
#include <string.h>

static const char *const better_words[] = {"less", "more", NULL};

#define METRIC(key, field) .name = #key, .offset = offsetof(struct xb_exp_workload, field)

static const struct xb_yaml_key metric_keys[] = {
    {METRIC(name, metric), .read = xb_yaml_text, .required = true},
    {METRIC(pattern, pattern), .read = xb_yaml_pattern, .required = true,
     .what = "how the number is found in the output"},
    {METRIC(unit, unit), .read = xb_yaml_text},
    {METRIC(better, better), .read = xb_yaml_word, .words = better_words, .required = true,
     .what = "less or more"},
    {0},
};

/* The metric's keys lie in the same struct: value is at offset 0. */
static int read_metric(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    return xb_yaml_map(yaml, node, metric_keys, NULL, value, NULL, err);
}

static const struct xb_yaml_key workload_keys[] = {
    {METRIC(name, name), .read = xb_yaml_text},
    {METRIC(command, command), .read = xb_yaml_command, .required = true,
     .what = "a command line, or a list of words"},
    {METRIC(user, user), .read = xb_yaml_text},
    {METRIC(cwd, cwd), .read = xb_yaml_text},
    {.name = "metric", .offset = 0, .read = read_metric},
    {0},
};

int xb_exp_workload(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    struct xb_exp_workload *workload = value;
    workload->line = xb_yaml_line(node);
    if (!fy_node_is_mapping(node)) {
        struct xb_yaml_key name = *key;
        name.what = "a name from `xenbench workload list`, or {command: ...}";
        return xb_yaml_text(yaml, node, &name, &workload->name, err);
    }
    workload->is_inline = true;
    if (xb_yaml_map(yaml, node, workload_keys, NULL, workload, NULL, err) < 0)
        return -1;
    if (!workload->name)
        workload->name = strdup("command");
    if (!workload->name)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    return xb_exp_check_name(yaml, node, "the workload's `name`", workload->name, err);
}

void xb_exp_workload_free(struct xb_exp_workload *workload)
{
    xb_texts_free(&workload->command);
    free(workload->name);
    free(workload->metric);
    free(workload->pattern);
    free(workload->unit);
    free(workload->user);
    free(workload->cwd);
}
