/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_times.h"

#include "alloc.h"
#include "files.h"
#include "guest_def.h"
#include "lifecycle.h"
#include "stats.h"
#include "store_list.h"
#include "store_read_samples.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ONE XB_SELFTEST_1
#define THREE XB_SELFTEST_THREE
#define IN_GUEST "/tmp/selftest"
#define RAW_IN_GUEST "/tmp/xenbench-raw-vchan"
#define SMALL_MB 64
#define LARGE_MB 192
#define TIMES(n) #n
#define AS_TEXT(n) TIMES(n)
#define CELLS 5
#define LIFE_TIMEOUT_NS (300 * XB_NS_PER_S)

/* The server leaves the job's process group, since a job's processes end with it. */
static int serve_raw(struct xb_selftest *test, struct xb_err *err)
{
    char path[PATH_MAX];
    if (xb_app_program(test->app, XB_SELFTEST_RAW, path, err) < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "exec", ONE, "--", "sh", "-c",
                        "mount -t tmpfs -o size=512M none /tmp") < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "push", ONE, path, RAW_IN_GUEST) < 0)
        return -1;
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "exec", ONE, "--", "sh", "-c",
                           "chmod +x " RAW_IN_GUEST "; setsid " RAW_IN_GUEST
                           " serve </dev/null >/dev/null 2>&1 & sleep 1");
}

int xb_times_begin(struct xb_selftest *test, struct xb_err *err)
{
    char path[PATH_MAX];
    if (XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "start", "--wait", THREE) < 0 ||
        serve_raw(test, err) < 0 || xb_selftest_file(test, SMALL_MB, path, err) < 0)
        return -1;
    return xb_selftest_file(test, LARGE_MB, path, err);
}

int xb_times_end(struct xb_selftest *test, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "destroy", THREE);
}

int xb_time_exec_three(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, seconds, NULL, err, "xenbench", "exec", THREE, "--", "true");
}

int xb_time_exec_one(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, seconds, NULL, err, "xenbench", "exec", ONE, "--", "true");
}

int xb_time_version(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, seconds, NULL, err, "xenbench", "--version");
}

int xb_time_true(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, seconds, NULL, err, "/bin/true");
}

int xb_time_ping(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    double ns = 0;
    xb_auto_free char *out = NULL;
    if (XB_SELFTEST_RUN(test, NULL, &out, err, "xenbench", "exec", "--together", "--json", ONE,
                        "--", "true") < 0)
        return -1;
    xb_auto_json json_t *all = json_loads(out, 0, NULL);
    const json_t *guest = json_is_array(all) ? json_array_get(all, 0) : all;
    ns = json_number_value(json_object_get(json_object_get(guest, "clock"), "median_rtt_ns"));
    *seconds = ns / 1e9;
    return ns > 0 ? 0 : xb_fail(err, XB_E_HOST, 0, "exec --json tells no round trip");
}

/* Run the raw program here, which prints seconds. */
static int raw(struct xb_selftest *test, const char *verb, const char *count, const char *bytes,
               double *seconds, struct xb_err *err)
{
    char program[PATH_MAX], domid[16];
    struct xb_guest_def def;
    xb_auto_free char *out = NULL;
    if (xb_app_program(test->app, XB_SELFTEST_RAW, program, err) < 0 ||
        xb_guest_def_load(test->app, ONE, &def, err) < 0)
        return -1;
    snprintf(domid, sizeof(domid), "%u", xb_guest_def_domid(test->app, &def));
    if (XB_SELFTEST_RUN(test, NULL, &out, err, program, verb, domid, count, bytes) < 0)
        return -1;
    *seconds = strtod(out, NULL);
    return 0;
}

int xb_time_ping_raw(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return raw(test, "ping", "20", "36", seconds, err);
}

/*
 * The time of the large file less that of the small one: without what a copy of any size takes,
 * such as the start of processes, the connection and the sync of the file.
 */
typedef int copy_fn(struct xb_selftest *test, size_t megabytes, double *seconds,
                    struct xb_err *err);
static int slope(struct xb_selftest *test, copy_fn *copy, double *seconds, struct xb_err *err)
{
    double small, large;
    if (copy(test, SMALL_MB, &small, err) < 0 || copy(test, LARGE_MB, &large, err) < 0)
        return -1;
    *seconds = large - small;
    return 0;
}

static int push(struct xb_selftest *test, size_t megabytes, double *seconds, struct xb_err *err)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/%zu", test->dir, megabytes) < 0)
        return -1;
    /* The old file and the new one might not both fit into the guest's memory. */
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "exec", ONE, "--", "rm", "-f",
                           IN_GUEST) < 0
               ? -1
               : XB_SELFTEST_RUN(test, seconds, NULL, err, "xenbench", "push", ONE, path, IN_GUEST);
}

int xb_time_push(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return slope(test, push, seconds, err);
}

/* To our memory, since a disk would be slower than what is measured. */
static int pull(struct xb_selftest *test, size_t megabytes, double *seconds, struct xb_err *err)
{
    double pushed;
    return push(test, megabytes, &pushed, err) < 0
               ? -1
               : XB_SELFTEST_RUN(test, seconds, NULL, err, "xenbench", "pull", ONE, IN_GUEST, "-");
}

int xb_time_pull(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return slope(test, pull, seconds, err);
}

static int raw_bytes(struct xb_selftest *test, const char *verb, size_t megabytes, double *seconds,
                     struct xb_err *err)
{
    char bytes[32];
    snprintf(bytes, sizeof(bytes), "%zu", megabytes << 20);
    return raw(test, verb, bytes, NULL, seconds, err);
}

static int push_raw(struct xb_selftest *test, size_t megabytes, double *seconds, struct xb_err *err)
{
    return raw_bytes(test, "push", megabytes, seconds, err);
}

static int pull_raw(struct xb_selftest *test, size_t megabytes, double *seconds, struct xb_err *err)
{
    return raw_bytes(test, "pull", megabytes, seconds, err);
}

int xb_time_push_raw(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return slope(test, push_raw, seconds, err);
}

int xb_time_pull_raw(struct xb_selftest *test, double *seconds, struct xb_err *err)
{
    return slope(test, pull_raw, seconds, err);
}

static double median_of(const struct xb_cell_times_row *rows, size_t count,
                        double (*of)(const struct xb_cell_times_row *row))
{
    double values[CELLS];
    for (size_t i = 0; i < count; i++)
        values[i] = of(&rows[i]);
    return xb_stats_of(values, count).median;
}

static double beyond_job(const struct xb_cell_times_row *row)
{
    return row->spent_s - row->job_s;
}

static double window_beyond_job(const struct xb_cell_times_row *row)
{
    return row->window_s - row->job_s;
}

/* What a short run takes. */
struct run_times {
    double cell, window; /* medians, beyond the longest job */
    double outside;      /* the whole command less its cells */
};

static int read_run(struct xb_selftest *test, const char *path, double whole,
                    struct run_times *times, struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    struct xb_store *store;
    struct xb_listed_run *runs;
    struct xb_cell_times_row *cells = NULL;
    size_t run_count = 0, count = 0;
    double spent = 0;
    if (xb_store_open(&store, test->app, path, false, err) < 0)
        return -1;
    struct xb_read in = {.store = store, .arena = &arena, .err = err};
    int r = xb_list_runs(&in, &runs, &run_count);
    if (r == 0 && run_count == 1) {
        in.run = runs[0].run;
        r = xb_read_cell_times(&in, &cells, &count);
    }
    xb_store_close(store);
    if (r < 0)
        return -1;
    if (count != CELLS)
        return xb_fail(err, XB_E_HOST, 0, "%s has %zu cells, not %d", path, count, CELLS);
    for (size_t i = 0; i < count; i++)
        spent += cells[i].spent_s;
    *times = (struct run_times){.cell = median_of(cells, count, beyond_job),
                                .window = median_of(cells, count, window_beyond_job),
                                .outside = whole - spent};
    return 0;
}

static int run(struct xb_selftest *test, const char *guests, struct run_times *times,
               struct xb_err *err)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char store[PATH_MAX], path[PATH_MAX];
    double whole;
    if (xb_path(store, sizeof(store), err, "%s/bench", test->dir) < 0)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(suffixes); i++)
        if (xb_path(path, sizeof(path), NULL, "%s%s", store, suffixes[i]) == 0)
            unlink(path);
    if (XB_SELFTEST_RUN(test, &whole, NULL, err, "xenbench", "run", "--quiet", "--store", store,
                        "--repetitions", AS_TEXT(CELLS), "--guests", guests, "--", "true") < 0)
        return -1;
    return read_run(test, store, whole, times, err);
}

int xb_times_of_runs(struct xb_selftest *test, struct xb_err *err)
{
    struct xb_bench *bench = &test->bench;
    struct run_times one, three;
    if (run(test, ONE, &one, err) < 0 || run(test, THREE, &three, err) < 0)
        return xb_fail_context(err, "bench, runs");
    xb_bench_add(bench, "cell-one", XB_BENCH_OURS, one.cell);
    xb_bench_add(bench, "cell-three", XB_BENCH_OURS, three.cell);
    xb_bench_add(bench, "job", XB_BENCH_OURS, one.window);
    xb_bench_add(bench, "run", XB_BENCH_OURS, one.outside);
    return 0;
}

int xb_time_start(struct xb_selftest *test, size_t guests, double *seconds, struct xb_err *err)
{
    const char *start[XB_SELFTEST_GUESTS + 5] = {"xenbench", "guest", "start", "--wait"};
    const char *destroy[XB_SELFTEST_GUESTS + 4] = {"xenbench", "guest", "destroy"};
    /* From the last one on, so that a single guest is not the first, which has more memory. */
    for (size_t i = 0; i < guests; i++) {
        const char *name = xb_selftest_guests[XB_SELFTEST_GUESTS - 1 - i];
        start[4 + i] = destroy[3 + i] = name;
    }
    return xb_selftest_command(test, start, seconds, NULL, err) < 0
               ? -1
               : xb_selftest_command(test, destroy, NULL, NULL, err);
}

static void take_life(struct xb_selftest *test, const struct xb_life *life)
{
    static const char *const rows[XB_PHASES] = {[XB_PHASE_BOOT] = "boot-xl",
                                                [XB_PHASE_CHECKPOINT] = "checkpoint-xl",
                                                [XB_PHASE_RESTORE] = "restore-xl"};
    for (size_t i = 0; i < life->sample_count; i++) {
        const struct xb_life_sample *sample = &life->samples[i];
        if (rows[sample->phase])
            xb_bench_add(&test->bench, rows[sample->phase],
                         sample->by == XB_BY_XL ? XB_BENCH_PEER : XB_BENCH_OURS,
                         (double)sample->total_ns / 1e9);
    }
}

int xb_times_of_life(struct xb_selftest *test, struct xb_err *err)
{
    const struct xb_life_options options = {
        .repeat = test->options->rounds,
        .phases = 1u << XB_PHASE_BOOT | 1u << XB_PHASE_CHECKPOINT | 1u << XB_PHASE_RESTORE,
        .xl = true,
        .save = {.compress = true, .level = XB_CHECKPOINT_LEVEL_DEFAULT},
        .dir = test->dir,
        .timeout_ns = LIFE_TIMEOUT_NS,
        .quiet = test->options->quiet,
    };
    struct xb_life life = {
        .app = test->app, .options = &options, .names = &xb_selftest_guests[1], .count = 1};
    int status = xb_life_run(&life, err);
    take_life(test, &life);
    xb_life_clear(&life);
    return status;
}
