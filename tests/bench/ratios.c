/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ratios GOALS JSON: reads measurements, one per line ("ROW xenbench|peer SECONDS"), and prints
 * each row of GOALS (NAME|WHAT|PEER|GOAL; without a PEER, the goal is in seconds) with its verdict
 * (bench_rows.h). Writes all this, and the measurements, to the file JSON. The exit status is 0
 * whatever the ratios are.
 */
#include "bench_rows.h"

#include <errno.h>
#include <error.h>
#include <string.h>

static void read_goals(struct xb_bench *bench, const char *path)
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
        xb_bench_row(bench, parts[0], parts[1], *parts[2] ? parts[2] : NULL,
                     strtod(parts[3], NULL));
    }
    fclose(in);
}

static void read_measurements(struct xb_bench *bench)
{
    char line[256], name[64], who[16];
    double seconds;
    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "%63s %15s %lf", name, who, &seconds) != 3)
            fprintf(stderr, "ratios: passed over what is no measurement: %s", line);
        else if (!xb_bench_add(bench, name,
                               strcmp(who, "peer") == 0 ? XB_BENCH_PEER : XB_BENCH_OURS, seconds))
            error(2, 0, "no row is called `%s`", name);
    }
}

int main(int argc, char **argv)
{
    xb_auto_bench struct xb_bench bench = {0};
    if (argc != 3)
        error(2, 0, "usage: ratios GOALS JSON <MEASUREMENTS");
    read_goals(&bench, argv[1]);
    read_measurements(&bench);
    xb_bench_print(&bench, stdout);
    json_t *all =
        json_pack("{s:s, s:o}", "schema", "xenbench-bench/1", "rows", xb_bench_json(&bench));
    if (json_dump_file(all, argv[2], JSON_INDENT(2)) < 0)
        error(3, 0, "cannot write %s", argv[2]);
    json_decref(all);
    return 0;
}
