/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The script that sbatch gets. Names and the experiment are in the JSON that the task reads; the
 * shell interprets only words that were checked to be plain.
 */
#ifndef XB_FLEET_SCRIPT_H
#define XB_FLEET_SCRIPT_H

#include "fleet_job.h"
#include "fleet_needs.h"

struct xb_fleet_script {
    const struct xb_fleet_job *job;
    const struct xb_fleet_needs *needs;
    const char *constraint;         /* further features; NULL: none */
    const struct xb_texts *options; /* of sbatch */
    const char *program;            /* xenbench on the nodes, an absolute path */
    uint32_t minutes;
};

/* XB_E_INPUT if a path, the constraint or an option has characters that the script cannot hold. */
int xb_fleet_script_check(const struct xb_fleet_script *script, struct xb_err *err);

void xb_fleet_script_write(const struct xb_fleet_script *script, FILE *out);

#endif
