/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ratios GOALS JSON: reads measurements, one per line ("ROW xenbench|peer SECONDS"), and prints the
 * ratio of xenbench's times to the peer's for each row of GOALS: the Hodges-Lehmann shift of the
 * logarithms, with the 95 % interval of the rank sum test (stats_rank.h). Writes all this, and the
 * measurements, to the file JSON. The exit status is 0 whatever the ratios are.
 */
#include "alloc.h"
#include "base.h"
#include "stats.h"
#include "stats_rank.h"

#include <errno.h>
#include <error.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#define ROWS_MAX 64
#define ROW_N_MAX 1000
#define CONFIDENCE 0.95
#define LEAST_N 10 /* fewer measurements give no verdict */

struct sample {
    double log_s[ROW_N_MAX];
    size_t n;
};

struct row {
    char *name, *ours, *theirs;
    double goal;
    struct sample us, peer;
};

struct rows {
    struct row v[ROWS_MAX];
    size_t count;
};

static void read_goals(struct rows *rows, const char *path)
{
    char line[512];
    FILE *in = fopen(path, "re");
    if (!in) {
        error(2, errno, "%s", path);
        return;
    }
    while (fgets(line, sizeof(line), in)) {
        char *rest = line, *parts[4];
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++)
            if (!(parts[i] = strsep(&rest, "|")))
                error(2, 0, "%s: `%s` has fewer than four parts", path, line);
        if (rows->count == ROWS_MAX)
            error(2, 0, "%s: more than %d rows", path, ROWS_MAX);
        rows->v[rows->count++] = (struct row){.name = xb_strdup(parts[0]),
                                              .ours = xb_strdup(parts[1]),
                                              .theirs = xb_strdup(parts[2]),
                                              .goal = strtod(parts[3], NULL)};
    }
    fclose(in);
}

static void take(struct rows *rows, const char *name, const char *who, double seconds)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct sample *sample = strcmp(who, "peer") == 0 ? &rows->v[i].peer : &rows->v[i].us;
        if (strcmp(rows->v[i].name, name) != 0)
            continue;
        if (seconds <= 0) /* of a difference: noise was larger than what was measured */
            fprintf(stderr, "ratios: %s: %s took %f s, which is left out\n", name, who, seconds);
        else if (sample->n < ROW_N_MAX)
            sample->log_s[sample->n++] = log(seconds);
        return;
    }
    error(2, 0, "no row is called `%s`", name);
}

static void read_measurements(struct rows *rows)
{
    char line[256], name[64], who[16];
    double seconds;
    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "%63s %15s %lf", name, who, &seconds) != 3) {
            fprintf(stderr, "ratios: passed over what is no measurement: %s", line);
            continue;
        }
        take(rows, name, who, seconds);
    }
}

/* The median in seconds. */
static double median(const struct sample *sample)
{
    return exp(xb_stats_of(sample->log_s, sample->n).median);
}

static const char *verdict(const struct row *row, const struct xb_rank *rank)
{
    if (row->us.n < LEAST_N || row->peer.n < LEAST_N)
        return "too few";
    if (exp(rank->high) <= row->goal)
        return "met";
    return exp(rank->low) > row->goal ? "missed" : "open";
}

static json_t *samples_json(const struct sample *sample)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sample->n; i++)
        json_array_append_new(list, json_real(exp(sample->log_s[i])));
    return list;
}

static json_t *print_row(const struct row *row)
{
    double us_s = median(&row->us), peer_s = median(&row->peer);
    if (row->us.n == 0 || row->peer.n == 0) {
        printf("%s against %s: not measured\n", row->ours, row->theirs);
        return json_pack("{s:s, s:b}", "row", row->name, "measured", 0);
    }
    struct xb_rank rank =
        xb_rank_of(row->peer.log_s, row->peer.n, row->us.log_s, row->us.n, CONFIDENCE);
    const char *word = verdict(row, &rank);
    printf("%-38s %10.4f s  n = %zu\n", row->ours, us_s, row->us.n);
    printf("  against %-28s %10.4f s  n = %zu\n", row->theirs, peer_s, row->peer.n);
    printf("  ratio %.3f (%.3f to %.3f, %.1f %%), goal %.3g: %s\n", exp(rank.shift), exp(rank.low),
           exp(rank.high), 100 * rank.coverage, row->goal, word);
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:s, s:o, s:o}", "row", row->name,
                     "xenbench", row->ours, "peer", row->theirs, "ratio", exp(rank.shift), "low",
                     exp(rank.low), "high", exp(rank.high), "coverage", rank.coverage, "goal",
                     row->goal, "verdict", word, "xenbench_s", samples_json(&row->us), "peer_s",
                     samples_json(&row->peer));
}

int main(int argc, char **argv)
{
    if (argc != 3)
        error(2, 0, "usage: ratios GOALS JSON <MEASUREMENTS");
    static struct rows rows;
    read_goals(&rows, argv[1]);
    read_measurements(&rows);
    json_t *list = json_array();
    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(list, print_row(&rows.v[i]));
    json_t *all = json_pack("{s:s, s:o}", "schema", "xenbench-bench/1", "rows", list);
    if (json_dump_file(all, argv[2], JSON_INDENT(2)) < 0)
        error(3, 0, "cannot write %s", argv[2]);
    json_decref(all);
    return 0;
}
