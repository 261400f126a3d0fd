/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What came back from a fleet's nodes: stores, and the tasks' records of their attempts.
 */
#ifndef XB_FLEET_BACK_H
#define XB_FLEET_BACK_H

#include "app.h"
#include "fleet_job.h"

/* The best run of a shard in a store: a finished one, else the one with the most cells. */
struct xb_fleet_run {
    char id[XB_UUID_BYTES];
    bool whole;
    uint32_t done, cells, failed; /* failed: samples without a figure */
    char started_at[40];
    char host[80], version[40]; /* escaped; the host, and the version of xenbench that ran it */
};

/*
 * Look for the shard's run in a store, which is only read. XB_E_INPUT if the store is damaged,
 * holds no run of this shard, or holds one that belongs to another job.
 */
int xb_fleet_look(const struct xb_fleet_job *job, const char *path, uint32_t shard,
                  struct xb_fleet_run *out, struct xb_err *err);
/* The same, in an open store. Returns 1, 0 if it has no run of this shard, or -1. */
int xb_fleet_look_in(struct xb_store *store, const struct xb_fleet_job *job, uint32_t shard,
                     struct xb_fleet_run *out, struct xb_err *err);
/*
 * The best run of each shard, in best, which has one for each of the job's shards and begins as
 * zeros; "" as id where there is none.
 */
int xb_fleet_look_each(struct xb_store *store, const struct xb_fleet_job *job,
                       struct xb_fleet_run *best, struct xb_err *err);
/* Does run a count rather than b? Finished runs come first, then longer ones, then earlier ones. */
bool xb_fleet_run_before(const struct xb_fleet_run *a, const struct xb_fleet_run *b);

/* A task's record, K.NODE.json: {"shard", "node", "xenbench", "clock_off_s", "attempts": [...]}. */
#define XB_FLEET_TASKS_SCHEMA "xenbench-fleet-tasks/1"
struct xb_fleet_attempts {
    uint32_t count, open; /* open: without an end, so running or dead */
    /* Of the latest attempt, escaped: when it began, and why it failed ("": it did not). */
    char began_at[40], message[256];
    char version[40];
    /*
     * The node's clock minus that of the fleet's directory, as the node found it, or else minus the
     * clock that dated the file; 0: unknown.
     */
    int64_t clock_off_s;
};
/* XB_E_INPUT if the file is not such a record. */
int xb_fleet_attempts_read(const char *path, struct xb_fleet_attempts *out, struct xb_err *err);

#endif
