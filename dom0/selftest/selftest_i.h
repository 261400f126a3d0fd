/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The internals of a self-test, only for dom0/selftest.
 */
#ifndef XB_SELFTEST_I_H
#define XB_SELFTEST_I_H

#include "bench_rows.h"
#include "progress.h"
#include "selftest.h"

#include <limits.h>

#define XB_SELFTEST_XENBENCH "xenbench" /* as the first word of a command */
#define XB_SELFTEST_RAW "xenbench-raw-vchan"
#define XB_SELFTEST_GUESTS 4
extern const char *const xb_selftest_guests[XB_SELFTEST_GUESTS];
/* The first three of them, as a command's argument. */
#define XB_SELFTEST_1 "selftest-1"
#define XB_SELFTEST_THREE "selftest-1,selftest-2,selftest-3"

struct xb_selftest {
    struct xb_app *app;
    const struct xb_selftest_options *options;
    int stop_fd;
    char dir[PATH_MAX - 64]; /* of our files; removed at the end */
    struct xb_progress_line progress;
    json_t *steps;  /* of those that passed, for JSON */
    json_t *record; /* selftest_record.h */
    struct xb_bench bench;
};

/*
 * selftest_command.c: run a program to its end; "xenbench" is this one. *seconds (or NULL) gets its
 * time from start to exit, *out (or NULL) its stdout, to be freed. Any status but 0 is an error
 * with the program's words, of the class that the status of a xenbench stands for.
 */
int xb_selftest_command(const struct xb_selftest *test, const char *const argv[], double *seconds,
                        char **out, struct xb_err *err);
#define XB_SELFTEST_RUN(test, seconds, out, err, ...)                                              \
    xb_selftest_command(test, (const char *const[]){__VA_ARGS__, NULL}, seconds, out, err)

/* Make a file of random bytes in our directory; path gets its name. */
int xb_selftest_file(const struct xb_selftest *test, size_t megabytes, char path[PATH_MAX],
                     struct xb_err *err);

/* selftest_steps.c: how many guests are made. */
size_t xb_selftest_guest_count(const struct xb_selftest *test);
/* selftest_steps.c: all steps. The guests are stopped before and afterwards. */
int xb_selftest_steps(struct xb_selftest *test, struct xb_err *err);

/* selftest_bench.c: measure into test->bench. The guests are stopped before and afterwards. */
int xb_selftest_bench(struct xb_selftest *test, struct xb_err *err);

#endif
