/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far each shard of a fleet is: what Slurm says of its task, what the tasks wrote, and the
 * stores that came back.
 */
#ifndef XB_FLEET_STATE_H
#define XB_FLEET_STATE_H

#include "fleet_job.h"

enum xb_fleet_end {
    XB_FLEET_UNKNOWN = 0, /* Slurm does not know it, and nothing came back */
    XB_FLEET_WAITING,
    XB_FLEET_RUNNING,
    XB_FLEET_FINISHED, /* a store with the finished run came back */
    XB_FLEET_FAILED,   /* also at its time limit */
    XB_FLEET_STOPPED,  /* cancelled or preempted */
    XB_FLEET_LOST,     /* its node failed, or it ended without bringing a finished run back */
};
extern const char *const xb_fleet_end_words[];
#define XB_SLURM_TIMEOUT "TIMEOUT" /* Slurm's word for a task that was ended at its time limit */

struct xb_fleet_part {
    enum xb_fleet_end state;
    char slurm[24];   /* Slurm's word for it; "": Slurm does not know it */
    char reason[200]; /* why it waits, or why it failed */
    char node[65];
    uint64_t slurm_job;      /* the latest */
    uint32_t cells, done;    /* done: in the best store, or more if the log says so */
    uint32_t failed_samples; /* in that store */
    uint32_t attempts, lost; /* begun by tasks; of these, neither ended nor running */
    uint64_t left_ns;        /* as the plan estimates it; 0: not known, or nothing is left */
};

/* One per shard, in *out (to free, even on failure). Stores that cannot be read are ignored. */
int xb_fleet_state(const struct xb_fleet_job *job, struct xb_fleet_part **out, struct xb_err *err);

/*
 * fleet_queue.c: fill slurm, reason, node and state from squeue and, for tasks that it has
 * forgotten, from sacct. XB_E_HOST without Slurm.
 */
int xb_fleet_queue(const struct xb_fleet_job *job, struct xb_fleet_part *parts, struct xb_err *err);

/* `xenbench fleet status`. */
int xb_fleet_status(const char *dir, bool json, struct xb_err *err);

#endif
