/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frequency scaling and C-states, as Xen does them and xenpm shows them.
 */
#ifndef XB_XEN_POWER_H
#define XB_XEN_POWER_H

#include "xen.h"

/* A CPU's frequency scaling. */
struct xb_cpufreq {
    char driver[16];
    char governor[16];   /* "hwp" where the CPU scales itself */
    char governors[128]; /* the available ones, blank-separated; "": none */
    uint32_t min_khz, max_khz;
    bool turbo;
};
/* False if no driver scales this CPU; out is then zeroed. */
bool xb_cpufreq_read(struct xb_xen *xen, uint32_t cpu, struct xb_cpufreq *out);
/* 0, or -1 with errno: EINVAL if Xen has no such governor. */
int xb_cpufreq_set_governor(struct xb_xen *xen, uint32_t cpu, const char *governor);
int xb_cpufreq_set_turbo(struct xb_xen *xen, uint32_t cpu, bool on);

/* Does Xen know a C-state deeper than C0? */
bool xb_cstates_known(struct xb_xen *xen);
/* The deepest C-state that Xen may use; -1 if unknown. */
int64_t xb_cstate_limit(struct xb_xen *xen);
/* 0, or -1 with errno. */
int xb_cstate_set_limit(struct xb_xen *xen, uint32_t limit);

#endif
