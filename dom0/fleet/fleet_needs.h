/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an experiment needs of a host, in Slurm's words (slurm_node.h).
 */
#ifndef XB_FLEET_NEEDS_H
#define XB_FLEET_NEEDS_H

#include "experiment.h"

struct xb_fleet_needs {
    char features[512];  /* "xen&sched-rtds"; "": none */
    uint32_t cpus;       /* the highest CPU number that it names, plus one; 0: none */
    uint64_t memory_mib; /* the most that a case gives its guests together; 0: unknown */
};

/* An experiment whose guests are all sockets needs nothing. */
void xb_fleet_needs(const struct xb_experiment *exp, struct xb_fleet_needs *out);

#endif
