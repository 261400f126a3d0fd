/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_rows.h"

#include "alloc.h"
#include "stats.h"
#include "stats_rank.h"

#include <math.h>
#include <string.h>

#define LEAST_N 10 /* fewer times give no verdict */

void xb_bench_row(struct xb_bench *bench, const char *name, const char *ours, const char *peer,
                  double goal)
{
    struct xb_bench_row *row = xb_append(&bench->rows, &bench->count);
    *row = (struct xb_bench_row){
        .name = xb_strdup(name),
        .what = {xb_strdup(ours), peer ? xb_strdup(peer) : NULL},
        .goal = goal,
    };
}

bool xb_bench_add(struct xb_bench *bench, const char *name, enum xb_bench_side side, double seconds)
{
    for (size_t i = 0; i < bench->count; i++) {
        struct xb_bench_row *row = &bench->rows[i];
        if (strcmp(row->name, name) != 0)
            continue;
        if (seconds > 0)
            *xb_append(&row->log_s[side], &row->n[side]) = log(seconds);
        else
            row->left_out++;
        return true;
    }
    return false;
}

/* What the measurements say of a row: a ratio, or seconds if it has no peer. */
struct finding {
    double value, low, high, coverage;
    bool known, enough;
};

static struct finding find_ratio(const struct xb_bench_row *row)
{
    size_t ours = row->n[XB_BENCH_OURS], peer = row->n[XB_BENCH_PEER];
    if (ours == 0 || peer == 0)
        return (struct finding){0};
    struct xb_rank rank =
        xb_rank_of(row->log_s[XB_BENCH_PEER], peer, row->log_s[XB_BENCH_OURS], ours, XB_CONFIDENCE);
    return (struct finding){exp(rank.shift), exp(rank.low), exp(rank.high),
                            rank.coverage,   true,          ours >= LEAST_N && peer >= LEAST_N};
}

static struct finding find(const struct xb_bench_row *row)
{
    size_t n = row->n[XB_BENCH_OURS];
    if (row->what[XB_BENCH_PEER])
        return find_ratio(row);
    struct xb_stats stats = xb_stats_of(row->log_s[XB_BENCH_OURS], n);
    return (struct finding){
        exp(stats.median), exp(stats.ci_low), exp(stats.ci_high), stats.ci_coverage, n > 0,
        n >= LEAST_N};
}

static const char *verdict(const struct xb_bench_row *row, const struct finding *found)
{
    if (!found->known)
        return "not measured";
    if (row->left_out)
        return "too noisy";
    if (!found->enough)
        return "too few";
    if (found->high <= row->goal)
        return "met";
    return found->low > row->goal ? "missed" : "open";
}

static void print_side(const struct xb_bench_row *row, enum xb_bench_side side, FILE *out)
{
    const char *what = row->what[side];
    size_t n = row->n[side];
    fprintf(out, "%s%-*s %10.4f s  n = %zu\n", side == XB_BENCH_PEER ? "  against " : "",
            side == XB_BENCH_PEER ? 38 : 48, what, exp(xb_stats_of(row->log_s[side], n).median), n);
}

static void print_row(const struct xb_bench_row *row, FILE *out)
{
    struct finding found = find(row);
    bool ratio = row->what[XB_BENCH_PEER];
    if (!found.known) {
        fprintf(out, "%s%s%s: not measured\n", row->what[XB_BENCH_OURS], ratio ? " against " : "",
                ratio ? row->what[XB_BENCH_PEER] : "");
        return;
    }
    print_side(row, XB_BENCH_OURS, out);
    if (ratio)
        print_side(row, XB_BENCH_PEER, out);
    fprintf(out, "  %s %.3f%s (%.3f to %.3f, %.1f %%), goal %.3g%s: %s", ratio ? "ratio" : "median",
            found.value, ratio ? "" : " s", found.low, found.high, 100 * found.coverage, row->goal,
            ratio ? "" : " s", verdict(row, &found));
    if (row->left_out)
        fprintf(out, " (%zu left out)", row->left_out);
    fputc('\n', out);
}

void xb_bench_print(const struct xb_bench *bench, FILE *out)
{
    for (size_t i = 0; i < bench->count; i++)
        print_row(&bench->rows[i], out);
}

static json_t *times_json(const struct xb_bench_row *row, enum xb_bench_side side)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->n[side]; i++)
        json_array_append_new(list, json_real(exp(row->log_s[side][i])));
    return list;
}

static json_t *row_json(const struct xb_bench_row *row)
{
    struct finding found = find(row);
    bool ratio = row->what[XB_BENCH_PEER];
    json_t *json =
        json_pack("{s:s, s:s, s:s?, s:f, s:s, s:i, s:o, s:o}", "row", row->name, "xenbench",
                  row->what[XB_BENCH_OURS], "peer", row->what[XB_BENCH_PEER], "goal", row->goal,
                  "verdict", verdict(row, &found), "left_out", (int)row->left_out, "xenbench_s",
                  times_json(row, XB_BENCH_OURS), "peer_s", times_json(row, XB_BENCH_PEER));
    if (found.known) {
        json_object_set_new(json, ratio ? "ratio" : "seconds", json_real(found.value));
        json_object_set_new(json, "low", json_real(found.low));
        json_object_set_new(json, "high", json_real(found.high));
        json_object_set_new(json, "coverage", json_real(found.coverage));
    }
    return json;
}

json_t *xb_bench_json(const struct xb_bench *bench)
{
    json_t *list = json_array();
    for (size_t i = 0; i < bench->count; i++)
        json_array_append_new(list, row_json(&bench->rows[i]));
    return list;
}

void xb_bench_clear(struct xb_bench *bench)
{
    for (size_t i = 0; i < bench->count; i++) {
        free(bench->rows[i].name);
        for (size_t side = 0; side < XB_BENCH_SIDES; side++) {
            free(bench->rows[i].what[side]);
            free(bench->rows[i].log_s[side]);
        }
    }
    free(bench->rows);
    *bench = (struct xb_bench){0};
}
