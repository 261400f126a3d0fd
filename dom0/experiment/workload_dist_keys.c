/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A metric's keys for histograms, and the percentiles that a histogram adds to its workload. */
#include "alloc.h"
#include "base.h"
#include "workload.h"

#include <regex.h>
#include <string.h>

const char *const xb_workload_dist_words[] = {"values", "counts", "cumulative", NULL};

int xb_workload_read_dist(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct xb_yaml_key words = *key;
    int word;
    words.words = xb_workload_dist_words;
    if (xb_yaml_word(yaml, node, &words, &word, err) < 0)
        return -1;
    *(int *)value = XB_WORKLOAD_VALUES + word;
    return 0;
}

static size_t groups_of(const char *pattern)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
        return 0;
    size_t groups = regex.re_nsub;
    regfree(&regex);
    return groups;
}

const char *xb_workload_dist_wrong(const struct xb_workload_metric *metric, const char **key)
{
    const struct {
        const char *name, *value;
    } keys[] = {{"begin", metric->begin}, {"end", metric->end}, {"over", metric->over}};
    *key = "pattern";
    if (metric->histogram > XB_WORKLOAD_VALUES && groups_of(metric->pattern) < 2)
        return "has one group; a histogram of counts takes two: the value and its count";
    for (size_t i = 0; i < XB_ARRAY_LEN(keys) && metric->histogram == XB_WORKLOAD_NUMBER; i++) {
        *key = keys[i].name;
        if (keys[i].value)
            return "is for a histogram: add `histogram: values`, counts or cumulative";
    }
    return NULL;
}

static struct xb_workload_metric percentile_of(const struct xb_workload_metric *metric,
                                               const struct xb_percentile *which)
{
    return (struct xb_workload_metric){
        .name = xb_asprintf("%s.%s", metric->name, which->name),
        .pattern = xb_strdup(metric->pattern),
        .from = xb_strdup(metric->from),
        .unit = metric->unit ? xb_strdup(metric->unit) : NULL,
        .better = metric->better,
        .percentile = which,
    };
}

void xb_workload_add_percentiles(struct xb_workload *workload)
{
    struct xb_workload_metric *metrics = NULL;
    size_t count = 0;
    for (size_t i = 0; i < workload->metric_count; i++) {
        const struct xb_workload_metric *metric = &workload->metrics[i];
        *xb_append(&metrics, &count) = *metric;
        for (size_t p = 0; p < XB_PERCENTILES && metric->histogram; p++)
            *xb_append(&metrics, &count) = percentile_of(metric, &xb_percentiles[p]);
    }
    free(workload->metrics);
    workload->metrics = metrics;
    workload->metric_count = count;
}
