/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power settings as xenpm sets them: governor, turbo and C-states of the whole host.
 */
#ifndef XB_HOST_POWER_H
#define XB_HOST_POWER_H

#include "cpus.h"
#include "xen.h"

#include <jansson.h>

/* One CPU; -1 and "" without a frequency driver. */
struct xb_power_cpu {
    char governor[16];
    int turbo; /* 0, 1 */
};

/* What is in force; -1 and "" if Xen has no such setting. */
struct xb_power {
    struct xb_power_cpu cpus[XB_CPUS_MAX];
    uint32_t cpu_count;
    int smt;             /* are two threads of a core online? 0 or 1 */
    bool cpufreq;        /* Xen has a frequency driver */
    char governor[16];   /* of the first CPU that has one */
    char governors[128]; /* the available ones, blank-separated */
    int turbo;           /* 0, 1 */
    bool cstates;
    int64_t max_cstate; /* -1: unknown; XB_CSTATE_UNLIMITED: all */
};

void xb_power_read(struct xb_xen *xen, struct xb_power *out);

/*
 * What xb_power_apply sets on all CPUs: the governor ("": keep), turbo and the deepest C-state
 * (-1: keep).
 */
struct xb_power_want {
    const char *governor;
    int turbo;
    int64_t max_cstate;
    /* What each CPU's governor or turbo returns to if none is named and *_found is set. */
    const struct xb_power *found;
    bool governor_found, turbo_found;
};
/* The wanted governor of one CPU; "": keep. */
const char *xb_power_governor_of(const struct xb_power_want *want, uint32_t cpu);
/* Is any wanted setting not in force? If so, why gets the first difference. */
bool xb_power_differs(const struct xb_power_want *want, const struct xb_power *got, char *why,
                      size_t bytes);
/*
 * As JSON, without what Xen does not report: {"governor":"performance","turbo":true,"max_cstate":1,
 * "smt":false}. If CPUs differ, the value is a list: {"governor":["performance","powersave"]}.
 */
json_t *xb_power_to_json(const struct xb_power *power);
/* Set what is wanted and read it back. XB_E_INPUT if Xen cannot do it, XB_E_HOST if Xen did not. */
int xb_power_apply(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err);

/* For the host record: each CPU's governor and turbo, and the C-state; and back. */
json_t *xb_power_record(struct xb_xen *xen);
/* Goes on after failures; err names them all. */
int xb_power_undo(struct xb_xen *xen, const json_t *record, struct xb_err *err);

#endif
