/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest wrote, searched for a metric: a finite number or an error that a terminal can show. The first byte chooses the
 * pattern, the second whether the text lost its beginning or its end.
 * For: dom0/experiment/workload_metric.c dom0/experiment/figure.c dom0/experiment/pattern.c
 */
#include "base.h"
#include "escape.h"
#include "workload.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* As the catalogue has them, and some that stop before the end of a number. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 2)
        return 0;
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
