/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench fleet report`: the shards of an experiment, measured on several hosts, judged as one.
 * docs/fleet.md says what each figure means.
 */
#ifndef XB_FLEET_H
#define XB_FLEET_H

#include "report.h"

/* The schema of the JSON; a change that breaks readers raises it. */
#define XB_FLEET_SCHEMA "xenbench-fleet/1"

struct xb_fleet_request {
    const char *store; /* NULL: the host's */
    /*
     * Shards, named as for compare. A single run stands for all shards of its experiment in its
     * store; no run, for those of the latest.
     */
    char *const *runs;
    size_t run_count;
    enum xb_report_format format;
    const char *output; /* NULL: stdout */
};

/* XB_E_INPUT where the runs are not shards of one experiment, or a shard is there twice. */
int xb_fleet_report(struct xb_app *app, const struct xb_fleet_request *request, struct xb_err *err);

#endif
