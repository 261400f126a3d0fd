/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host as a node of Slurm: the features and counts that `xenbench host show --slurm` prints for
 * slurm.conf, and that `xenbench fleet submit` asks for. Only this file defines their names.
 */
#ifndef XB_SLURM_NODE_H
#define XB_SLURM_NODE_H

#include "host_facts.h"

#include <stdio.h>

/* Features. Those that end in "-" are followed by a word: xen-4.17, sched-rtds. */
#define XB_SLURM_XEN "xen"
#define XB_SLURM_SCHEDULER "sched-"
#define XB_SLURM_TYPE "guest-"
#define XB_SLURM_SMT "smt-"
#define XB_SLURM_GRAN "gran-"
#define XB_SLURM_CPUFREQ "cpufreq"
/* Countable resources (gres): all CPUs of the machine, and the MiB that Xen can give to guests. */
#define XB_SLURM_CPUS "xen_cpus"
#define XB_SLURM_MEMORY "xen_memory"

/* May this be a node's name? Letters, digits, dots, dashes and underscores. */
bool xb_slurm_is_name(const char *name);

/* Print lines for slurm.conf and gres.conf. own: the facts are this host's, so add Dom0's size. */
void xb_slurm_node_print(const struct xb_host_facts *facts, const char *node, bool own, FILE *out);

#endif
