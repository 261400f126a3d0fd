/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench fleet submit`: an experiment as a job array of Slurm, with a task per shard.
 */
#ifndef XB_FLEET_SUBMIT_H
#define XB_FLEET_SUBMIT_H

#include "app.h"
#include "experiment.h"
#include "shard.h"

struct xb_fleet_submit {
    const struct xb_exp_source *source;
    struct xb_shard split;   /* with hosts, count is their number */
    char *hosts;             /* "a,b,c", which is cut up; NULL: Slurm chooses */
    const char *dir;         /* NULL: by the experiment file's name, here */
    const char *program;     /* xenbench on the nodes */
    const char *store;       /* for the estimate; NULL: the host's */
    const char *constraint;  /* further features; NULL: none */
    struct xb_texts options; /* of sbatch */
    uint32_t minutes;        /* the time limit; 0: from the estimate */
    const char *copy_to, *copy_with;
    const char *lab;
    struct xb_texts lab_images, lab_options;
    bool print; /* print the script and do nothing else */
};

/* Prints what was submitted. On failure nothing is submitted, and no directory was made. */
int xb_fleet_submit(struct xb_app *app, const struct xb_fleet_submit *request, struct xb_err *err);

/* Submit the shards of the fleet in dir that are not finished, do not wait and do not run. */
int xb_fleet_submit_missing(const char *dir, struct xb_err *err);

#endif
