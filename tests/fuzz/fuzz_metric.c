/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's output, searched for a metric or a histogram: the result is a finite number, or buckets
 * that may be stored, or an error that a terminal can show. The first byte chooses the pattern; the
 * second, whether the text lost its beginning or its end, and whether it is a histogram.
 * For: dom0/experiment/workload_metric.c dom0/experiment/workload_dist.c dom0/base/dist.c dom0/experiment/figure.c dom0/experiment/pattern.c
 */
#include "base.h"
#include "escape.h"
#include "workload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Patterns like the catalogue's, and some that match only a part of a number. */
static const char *const patterns[] = {
    "encoded [0-9]+ frames, ([0-9.]+) fps",
    "^total time: +([0-9.]+)s",
    "([0-9,]+) bytes",
    "x (.*) y",
    "([0-9]+)",
    "=([^:]*):",
    "^([+-]?[0-9.]+([eE][+-]?[0-9]+)?)$",
    "a*b*(c*)([0-9]|$)",
    "Avg: +([0-9.]+)",
};

static void check_message(const char *msg)
{
    for (size_t at = 0, left = strlen(msg), n; left; at += n, left -= n) {
        n = msg[at] == '\t' ? 1 : xb_printable((const uint8_t *)msg + at, left);
        if (n == 0)
            abort();
    }
}

static const char *const rows[] = {
    "^([0-9]{6}) ([0-9]{6,})$",
    "^ *\"([0-9]+)\" : ([0-9]+),?$",
    "% <= ([0-9.]+) milliseconds \\(cumulative count ([0-9]+)\\)",
    "([0-9.e-]*) ([0-9.e-]*)",
};

static void check_dist(const struct xb_dist *dist)
{
    uint64_t total = 0;
    if (dist->count == 0 || dist->count > XB_DIST_BUCKETS_MAX || !(dist->least >= 0))
        abort();
    for (size_t i = 0; i < dist->count; i++) {
        const struct xb_dist_bucket *bucket = &dist->buckets[i];
        total += bucket->count;
        if (bucket->count == 0 || xb_dist_slot(bucket->value) >= XB_DIST_SLOTS ||
            (i > 0 && bucket->value <= bucket[-1].value))
            abort();
    }
    if (total != dist->total || total > XB_DIST_TOTAL_MAX || dist->over > XB_DIST_TOTAL_MAX)
        abort();
}

static int fuzz_rows(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_dist dist = {0};
    const struct xb_workload_metric metric = {
        .name = (char *)"m",
        .pattern = (char *)rows[data[0] % XB_ARRAY_LEN(rows)],
        .from = (char *)"stdout",
        .histogram = XB_WORKLOAD_VALUES + (data[1] >> 3) % 3,
        .over = (char *)"over: ([0-9]+)",
        .begin = data[1] & 64 ? (char *)"^begin" : NULL,
        .end = data[1] & 128 ? (char *)"^end" : NULL,
    };
    const struct xb_metric_source source = {.text = (const char *)data + 2, .bytes = bytes - 2};
    if (xb_workload_dist_read(&metric, &source, &dist, &err) < 0)
        check_message(err.msg);
    else
        check_dist(&dist);
    free(dist.buckets);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 2)
        return 0;
    if (data[1] & 4)
        return fuzz_rows(data, bytes);
    struct xb_err err = {0};
    double value = NAN;
    const char *pattern = patterns[data[0] % XB_ARRAY_LEN(patterns)];
    const struct xb_workload_metric metric = {
        .name = (char *)"m", .pattern = (char *)pattern, .from = (char *)"stdout"};
    const struct xb_metric_source source = {.text = (const char *)data + 2,
                                            .bytes = bytes - 2,
                                            .lost_bytes = data[1] & 1,
                                            .end_lost = data[1] & 2};
    if (xb_workload_metric_read(&metric, &source, &value, &err) < 0)
        check_message(err.msg);
    else if (!isfinite(value))
        abort();
    return 0;
}
