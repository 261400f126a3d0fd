/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one workload's file. */
#include "workload.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

const char *const xb_better_words[] = {"less", "more", NULL};

bool xb_workload_is_name(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    size_t length = strlen(text);
    return length > 0 && length <= XB_WORKLOAD_NAME_MAX && strspn(text, allowed) == length &&
           text[0] != '.' && text[0] != '-';
}

static int read_name(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    if (xb_yaml_text(yaml, node, key, value, err) < 0)
        return -1;
    if (!xb_workload_is_name(*(char **)value))
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is `%.40s`; a word of letters, digits and . _ + - was expected",
                            key->name, *(char **)value);
    return 0;
}

static int read_guest_path(const struct xb_yaml *yaml, struct fy_node *node,
                           const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    if (xb_yaml_text(yaml, node, key, value, err) < 0)
        return -1;
    if (**(char **)value != '/')
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is `%.60s`; an absolute path in the guest was expected",
                            key->name, *(char **)value);
    return 0;
}

/* Read a list of mappings into an array of structs of `bytes` each, in *array and *count. */
static int read_list(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *keys, size_t bytes, size_t most, void **array,
                     size_t *count, struct xb_err *err)
{
    int items = fy_node_is_sequence(node) ? fy_node_sequence_item_count(node) : -1;
    if (items < 1 || (size_t)items > most)
        return xb_yaml_fail(yaml, node, err, "a list of 1 to %zu entries was expected here", most);
    *array = xb_calloc((size_t)items, bytes);
    void *iter = NULL;
    struct fy_node *item;
    while ((item = fy_node_sequence_iterate(node, &iter))) {
        char *entry = (char *)*array + bytes * (*count)++;
        if (xb_yaml_map(yaml, item, keys, NULL, entry, NULL, err) < 0)
            return -1;
    }
    return 0;
}

#define FILE_KEY(key) .name = #key, .offset = offsetof(struct xb_workload_file, key)
#define METRIC_KEY(key) .name = #key, .offset = offsetof(struct xb_workload_metric, key)
#define WORKLOAD_KEY(key) .name = #key, .offset = offsetof(struct xb_workload, key)

static const struct xb_yaml_key file_keys[] = {
    {FILE_KEY(from), .read = xb_yaml_text, .required = true,
     .what = "the name of one of xenbench's programs, or of a file beside this one"},
    {FILE_KEY(to), .read = read_guest_path, .required = true,
     .what = "an absolute path in the guest"},
    {0},
};

static const struct xb_yaml_key metric_keys[] = {
    {METRIC_KEY(name), .read = read_name, .required = true},
    {METRIC_KEY(pattern), .read = xb_yaml_pattern, .required = true,
     .what = "a regular expression that finds the number in the output"},
    {METRIC_KEY(from), .read = xb_yaml_source, .required = true,
     .what = "stdout, stderr or an absolute path in the guest"},
    {METRIC_KEY(unit), .read = xb_yaml_text},
    {METRIC_KEY(better), .read = xb_yaml_word, .words = xb_better_words, .required = true,
     .what = "less or more"},
    {METRIC_KEY(histogram), .read = xb_workload_read_dist, .what = "values, counts or cumulative"},
    {METRIC_KEY(begin), .read = xb_yaml_regex},
    {METRIC_KEY(end), .read = xb_yaml_regex},
    {METRIC_KEY(over), .read = xb_yaml_pattern},
    {0},
};

static int read_files(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_workload *workload = value;
    return read_list(yaml, node, file_keys, sizeof(*workload->files), 64, (void **)&workload->files,
                     &workload->file_count, err);
}

static int read_metrics(const struct xb_yaml *yaml, struct fy_node *node,
                        const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_workload *workload = value;
    return read_list(yaml, node, metric_keys, sizeof(*workload->metrics), XB_WORKLOAD_METRICS_MAX,
                     (void **)&workload->metrics, &workload->metric_count, err);
}

static const struct xb_yaml_key workload_keys[] = {
    {WORKLOAD_KEY(name), .read = read_name, .required = true,
     .what = "the file's name without .yaml"},
    {WORKLOAD_KEY(summary), .read = xb_yaml_text, .required = true, .what = "one line for people"},
    {WORKLOAD_KEY(packages), .read = xb_yaml_texts, .what = "a list of Debian packages"},
    {.name = "files", .offset = 0, .read = read_files},
    {WORKLOAD_KEY(requires), .read = xb_yaml_command},
    {WORKLOAD_KEY(prepare), .read = xb_yaml_command},
    {WORKLOAD_KEY(each), .read = xb_yaml_command},
    {WORKLOAD_KEY(command), .read = xb_yaml_command, .required = true,
     .what = "a command line, or a list of words"},
    {WORKLOAD_KEY(env), .read = xb_yaml_env},
    {WORKLOAD_KEY(user), .read = xb_yaml_text},
    {WORKLOAD_KEY(cwd), .read = read_guest_path},
    {WORKLOAD_KEY(argument), .read = xb_yaml_text, .what = "the name of a variable in `env`"},
    {.name = "timeout",
     .offset = offsetof(struct xb_workload, timeout_ns),
     .read = xb_yaml_duration},
    {.name = "metrics", .offset = 0, .read = read_metrics},
    {WORKLOAD_KEY(primary), .read = xb_yaml_text, .what = "the name of a metric, or time"},
    {0},
};

static char **find_variable(const struct xb_workload *workload, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < workload->env.count; i++)
        if (strncmp(workload->env.v[i], name, length) == 0 && workload->env.v[i][length] == '=')
            return &workload->env.v[i];
    return NULL;
}

/* Check what the table of keys cannot: whether the entries fit together. */
static int check_metrics(const struct xb_yaml *yaml, const struct xb_workload *workload,
                         struct xb_err *err)
{
    struct fy_node *root = xb_yaml_root(yaml);
    for (size_t i = 0; i < workload->metric_count; i++) {
        const char *name = workload->metrics[i].name;
        const char *key, *wrong = xb_workload_dist_wrong(&workload->metrics[i], &key);
        if (wrong)
            return xb_yaml_fail(yaml, fy_node_by_path(root, "/metrics", FY_NT, FYNWF_DONT_FOLLOW),
                                err, "metric %s: `%s` %s", name, key, wrong);
        bool taken = strcmp(name, XB_WORKLOAD_TIME) == 0;
        for (size_t j = 0; j < i && !taken; j++)
            taken = strcmp(name, workload->metrics[j].name) == 0;
        if (taken)
            return xb_yaml_fail(
                yaml, fy_node_by_path(root, "/metrics", FY_NT, FYNWF_DONT_FOLLOW), err,
                "the metric name `%s` is taken; give each its own (`time` is built in)", name);
    }
    if (strcmp(workload->primary, XB_WORKLOAD_TIME) != 0 && !xb_workload_primary(workload))
        return xb_yaml_fail(
            yaml, fy_node_by_path(root, "/primary", FY_NT, FYNWF_DONT_FOLLOW), err,
            "`primary` is `%.40s`, which is neither a name under `metrics` nor `time`",
            workload->primary);
    if (xb_workload_primary(workload) && xb_workload_primary(workload)->histogram)
        return xb_yaml_fail(
            yaml, fy_node_by_path(root, "/primary", FY_NT, FYNWF_DONT_FOLLOW), err,
            "`primary` is `%.40s`, a histogram: name one of its percentiles, such as `%.40s.p99`",
            workload->primary, workload->primary);
    return 0;
}

static int check_name(const struct xb_yaml *yaml, const struct xb_workload *workload,
                      struct xb_err *err)
{
    const char *slash = strrchr(yaml->path, '/');
    const char *base = slash ? slash + 1 : yaml->path;
    size_t length = strlen(workload->name);
    if (strncmp(base, workload->name, length) != 0 || strcmp(base + length, ".yaml") != 0)
        return xb_yaml_fail(yaml, xb_yaml_root(yaml), err,
                            "`name` is `%s`, but the file is called %s", workload->name, base);
    return 0;
}

static int fill(const struct xb_yaml *yaml, struct xb_workload *workload, struct xb_err *err)
{
    workload->path = xb_strdup(yaml->path);
    workload->primary = xb_strdup(XB_WORKLOAD_TIME);
    if (xb_yaml_map(yaml, xb_yaml_root(yaml), workload_keys, NULL, workload, NULL, err) < 0 ||
        check_name(yaml, workload, err) < 0)
        return -1;
    xb_workload_add_percentiles(workload);
    if (check_metrics(yaml, workload, err) < 0)
        return -1;
    if (workload->argument && !find_variable(workload, workload->argument))
        return xb_yaml_fail(
            yaml, fy_node_by_path(xb_yaml_root(yaml), "/argument", FY_NT, FYNWF_DONT_FOLLOW), err,
            "`argument` is `%.40s`, which is no variable under `env`", workload->argument);
    return 0;
}

static int read_document(const struct xb_yaml *yaml, struct xb_workload **out, struct xb_err *err)
{
    struct xb_workload *workload = xb_calloc(1, sizeof(*workload));
    if (fill(yaml, workload, err) < 0) {
        xb_workload_free(workload);
        return -1;
    }
    *out = workload;
    return 0;
}

int xb_workload_open(struct xb_workload **out, const char *path, struct xb_err *err)
{
    struct xb_yaml yaml = {0};
    if (xb_yaml_open(&yaml, path, err) < 0)
        return -1;
    int status = read_document(&yaml, out, err);
    xb_yaml_close(&yaml);
    return status;
}

int xb_workload_parse(struct xb_workload **out, const char *path, const char *text, size_t bytes,
                      struct xb_err *err)
{
    struct xb_yaml yaml = {0};
    if (xb_yaml_parse(&yaml, path, text, bytes, err) < 0)
        return -1;
    int status = read_document(&yaml, out, err);
    xb_yaml_close(&yaml);
    return status;
}

int xb_workload_set_argument(struct xb_workload *workload, const char *value, struct xb_err *err)
{
    if (!workload->argument)
        return xb_fail(err, XB_E_INPUT, 0, "workload %s takes no argument, but got `:%.40s`",
                       workload->name, value);
    if (!xb_workload_is_name(value))
        return xb_fail(
            err, XB_E_INPUT, 0,
            "workload %s: the argument `%.40s` is not a word of letters, digits and . _ + -",
            workload->name, value);
    char **variable = find_variable(workload, workload->argument);
    if (!variable) /* refused when the file was read */
        return xb_fail(err, XB_E_INPUT, 0, "workload %s has no variable `%.40s` under `env`",
                       workload->name, workload->argument);
    free(*variable);
    *variable = xb_asprintf("%s=%s", workload->argument, value);
    return 0;
}

const struct xb_workload_metric *xb_workload_primary(const struct xb_workload *workload)
{
    for (size_t i = 0; i < workload->metric_count; i++)
        if (strcmp(workload->metrics[i].name, workload->primary) == 0)
            return &workload->metrics[i];
    return NULL;
}

void xb_workload_free(struct xb_workload *workload)
{
    if (!workload)
        return;
    for (size_t i = 0; i < workload->file_count; i++) {
        free(workload->files[i].from);
        free(workload->files[i].to);
    }
    for (size_t i = 0; i < workload->metric_count; i++) {
        struct xb_workload_metric *metric = &workload->metrics[i];
        char *texts[] = {metric->name,  metric->pattern, metric->from, metric->unit,
                         metric->begin, metric->end,     metric->over};
        for (size_t j = 0; j < XB_ARRAY_LEN(texts); j++)
            free(texts[j]);
    }
    struct xb_texts *lists[] = {&workload->packages, &workload->requires, &workload->prepare,
                                &workload->each,     &workload->command,  &workload->env};
    for (size_t i = 0; i < XB_ARRAY_LEN(lists); i++)
        xb_texts_free(lists[i]);
    char *texts[] = {workload->path, workload->name,     workload->summary, workload->user,
                     workload->cwd,  workload->argument, workload->primary};
    for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++)
        free(texts[i]);
    free(workload->files);
    free(workload->metrics);
    free(workload);
}
