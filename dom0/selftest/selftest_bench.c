/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is measured, and the order: in each round every row's both sides, shuffled, so that both
 * meet the same conditions.
 */
#include "selftest_i.h"

#include "alloc.h"
#include "selftest_times.h"
#include "xen_host.h"

#include <gsl/gsl_randist.h>

#include <string.h>

/* A row that is measured by programs from their start to their exit. */
static const struct timed {
    const char *row, *what[XB_BENCH_SIDES];
    double goal;
    xb_selftest_time_fn *time[XB_BENCH_SIDES];
} timed[] = {
    {"exec-three",
     {"exec in three guests, of `true`", "exec in one"},
     1.2,
     {xb_time_exec_three, xb_time_exec_one}},
    {"start", {"xenbench --version", "/bin/true"}, 1.3, {xb_time_version, xb_time_true}},
    {"ping-raw",
     {"PING and PONG, median of a fit", "36 bytes and back by libxenvchan alone"},
     1.1,
     {xb_time_ping, xb_time_ping_raw}},
    {"push-raw",
     {"128 MB of a push: 192 MB less 64 MB", "the same by libxenvchan, without a file"},
     1.25,
     {xb_time_push, xb_time_push_raw}},
    {"pull-raw",
     {"128 MB of a pull: 192 MB less 64 MB", "the same by libxenvchan, without a file"},
     1.25,
     {xb_time_pull, xb_time_pull_raw}},
};

/* One side of a row. */
struct task {
    const struct timed *row;
    enum xb_bench_side side;
};

static int measure(struct xb_selftest *test, const struct task *task, struct xb_err *err)
{
    double seconds;
    if (task->row->time[task->side](test, &seconds, err) < 0)
        return xb_fail_context(err, "bench, \"%s\"", task->row->what[task->side]);
    xb_bench_add(&test->bench, task->row->row, task->side, seconds);
    return 0;
}

static void tell_round(struct xb_selftest *test, const char *what, uint32_t round, double part,
                       uint64_t began_ns)
{
    char left[XB_TIME_WORDS_BYTES];
    xb_progress_now(&test->progress, "bench, %s: round %u of %u%s", what, round + 1,
                    test->options->rounds, xb_time_left(xb_now_ns() - began_ns, part, left));
}

static int measure_rounds(struct xb_selftest *test, gsl_rng *rng, struct xb_err *err)
{
    struct task tasks[XB_BENCH_SIDES * XB_ARRAY_LEN(timed)];
    size_t count = 0;
    uint64_t began_ns = xb_now_ns();
    for (size_t i = 0; i < XB_ARRAY_LEN(timed); i++)
        for (int side = 0; side < XB_BENCH_SIDES; side++)
            tasks[count++] = (struct task){&timed[i], (enum xb_bench_side)side};
    for (uint32_t round = 0; round < test->options->rounds; round++) {
        tell_round(test, "commands", round, (double)round / test->options->rounds, began_ns);
        gsl_ran_shuffle(rng, tasks, count, sizeof(*tasks));
        for (size_t i = 0; i < count; i++)
            if (measure(test, &tasks[i], err) < 0)
                return -1;
        if (xb_times_of_runs(test, err) < 0)
            return -1;
    }
    return 0;
}

static int measure_starts(struct xb_selftest *test, gsl_rng *rng, struct xb_err *err)
{
    uint64_t began_ns = xb_now_ns();
    for (uint32_t round = 0; round < test->options->rounds; round++) {
        int sides[] = {XB_BENCH_OURS, XB_BENCH_PEER};
        tell_round(test, "starts", round, (double)round / test->options->rounds, began_ns);
        gsl_ran_shuffle(rng, sides, XB_BENCH_SIDES, sizeof(*sides));
        for (size_t i = 0; i < XB_BENCH_SIDES; i++) {
            double seconds;
            if (xb_time_start(test, sides[i] == XB_BENCH_OURS ? XB_SELFTEST_GUESTS : 1, &seconds,
                              err) < 0)
                return -1;
            xb_bench_add(&test->bench, "start-four", (enum xb_bench_side)sides[i], seconds);
        }
    }
    return 0;
}

static void add_rows(struct xb_selftest *test, uint32_t cpus)
{
    struct xb_bench *bench = &test->bench;
    double share = cpus && cpus < XB_SELFTEST_GUESTS ? (double)XB_SELFTEST_GUESTS / cpus : 1;
    for (size_t i = 0; i < XB_ARRAY_LEN(timed); i++)
        xb_bench_row(bench, timed[i].row, timed[i].what[XB_BENCH_OURS],
                     timed[i].what[XB_BENCH_PEER], timed[i].goal);
    xb_bench_row(bench, "cell-one", "a cell with one guest, beyond its job", NULL, 0.150);
    xb_bench_row(bench, "cell-three", "a cell with three guests, beyond its jobs", NULL, 0.190);
    xb_bench_row(bench, "job", "a job on an open session, beyond itself", NULL, 0.020);
    xb_bench_row(bench, "run", "a run beyond its cells", NULL, 1);
    xb_bench_row(bench, "start-four", "guest start --wait of four", "of one", 1.2 * share);
    xb_bench_row(bench, "boot-xl", "a guest's start, until its agent serves",
                 "xl create, until the agent serves", 0.5);
    xb_bench_row(bench, "checkpoint-xl", "guest checkpoint", "xl save", 1);
    xb_bench_row(bench, "restore-xl", "guest restore", "xl restore", 1);
}

static int measure_all(struct xb_selftest *test, gsl_rng *rng, struct xb_err *err)
{
    if (xb_times_begin(test, err) < 0 || measure_rounds(test, rng, err) < 0 ||
        xb_times_end(test, err) < 0 || measure_starts(test, rng, err) < 0)
        return -1;
    xb_progress_now(&test->progress, "bench, beside xl: boot, checkpoint and restore");
    return xb_times_of_life(test, err);
}

int xb_selftest_bench(struct xb_selftest *test, struct xb_err *err)
{
    struct xb_xen_machine machine;
    struct xb_xen *xen = xb_xen_get(test->app, err);
    if (!xen)
        return -1;
    xb_xen_machine(xen, &machine);
    add_rows(test, machine.cpus);
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_mt19937));
    gsl_rng_set(rng, xb_now_ns()); /* any order will do, as long as it differs */
    int status = measure_all(test, rng, err);
    gsl_rng_free(rng);
    return status;
}
