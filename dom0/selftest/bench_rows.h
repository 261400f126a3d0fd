/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bench's rows: times of xenbench beside times of what it is compared with, in the same run, or
 * beside a time that is the goal; and the verdicts that follow.
 */
#ifndef XB_BENCH_ROWS_H
#define XB_BENCH_ROWS_H

#include "base.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum xb_bench_side { XB_BENCH_OURS, XB_BENCH_PEER, XB_BENCH_SIDES };

struct xb_bench_row {
    char *name;
    char *what[XB_BENCH_SIDES];    /* what is done; the peer's is NULL: the goal is a time */
    double goal;                   /* our time divided by the peer's, or in seconds */
    double *log_s[XB_BENCH_SIDES]; /* logarithms of seconds */
    size_t n[XB_BENCH_SIDES];
    size_t left_out; /* times that cannot be */
};

/* End with xb_bench_clear; zeroed is allowed. */
struct xb_bench {
    struct xb_bench_row *rows;
    size_t count;
};

/* The texts are copied. */
void xb_bench_row(struct xb_bench *bench, const char *name, const char *ours, const char *peer,
                  double goal);

/*
 * Add a time to a row. False if there is no such row. A time that is not above 0, which a
 * difference of two can be, is left out; the row then gets no verdict, as too noisy.
 */
bool xb_bench_add(struct xb_bench *bench, const char *name, enum xb_bench_side side,
                  double seconds);

/*
 * Print each row with its median times and its ratio: the Hodges-Lehmann shift of the logarithms,
 * with the 95 % interval of the rank sum test (stats_rank.h). A row without a peer has the median
 * and its interval (stats.h). A verdict needs 10 times of each side.
 */
void xb_bench_print(const struct xb_bench *bench, FILE *out);

/* The same with all times, as a JSON array. The caller owns it. */
json_t *xb_bench_json(const struct xb_bench *bench);

void xb_bench_clear(struct xb_bench *bench);
#define xb_auto_bench XB_AUTO(xb_bench_clear)

#endif
