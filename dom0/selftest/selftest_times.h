/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The single measurements of a self-test's bench.
 */
#ifndef XB_SELFTEST_TIMES_H
#define XB_SELFTEST_TIMES_H

#include "selftest_i.h"

/* Start three guests, and in the first a server of libxenvchan alone, and make the files. */
int xb_times_begin(struct xb_selftest *test, struct xb_err *err);
/* Stop the guests. */
int xb_times_end(struct xb_selftest *test, struct xb_err *err);

/* One measurement, between these two. */
typedef int xb_selftest_time_fn(struct xb_selftest *test, double *seconds, struct xb_err *err);
xb_selftest_time_fn xb_time_exec_three, xb_time_exec_one, xb_time_version, xb_time_true,
    xb_time_ping, xb_time_ping_raw, xb_time_push, xb_time_push_raw, xb_time_pull, xb_time_pull_raw;
/* Two short runs, of one guest and of three: the rows cell-one, cell-three, job and run. */
int xb_times_of_runs(struct xb_selftest *test, struct xb_err *err);

/* Start this many stopped guests, wait for their agents, and destroy them. */
int xb_time_start(struct xb_selftest *test, size_t guests, double *seconds, struct xb_err *err);

/* The second guest's boots, checkpoints and restores, by xenbench and by xl in turn. */
int xb_times_of_life(struct xb_selftest *test, struct xb_err *err);

#endif
