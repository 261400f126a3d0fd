/*
 * What xenpm does: governor, turbo and C-states of the whole host, through libxenctrl.
 */
#ifndef XB_HOST_POWER_H
#define XB_HOST_POWER_H

#include "cpus.h"
#include "xen.h"

#include <jansson.h>

/* One CPU; -1 and "" where no driver scales it. */
struct xb_power_cpu {
    char governor[16];
    int turbo; /* 0, 1 */
};

/* What is in force; -1 and "" where Xen has no such thing. */
struct xb_power {
    struct xb_power_cpu cpus[XB_CPUS_MAX];
    uint32_t cpu_count;
    int smt;             /* do two threads of a core run? 0, 1 */
    bool cpufreq;        /* Xen has a driver that scales the frequency */
    char governor[16];   /* of the first CPU that has one */
    char governors[128]; /* those there are, blank-separated */
    int turbo;           /* 0, 1 */
    bool cstates;
    int64_t max_cstate; /* -1; XB_CSTATE_UNLIMITED is all there are */
};

void xb_power_read(struct xb_xen *xen, struct xb_power *out);

/*
 * Put the governor ("": keep), turbo and the deepest C-state (-1: keep) in force on all CPUs and
 * read them back. XB_E_INPUT where Xen cannot, XB_E_HOST where it did not.
 */
struct xb_power_want {
    const char *governor;
    int turbo;
    int64_t max_cstate;
    /* Where no governor or turbo is named: each CPU is to have again what it had here? */
    const struct xb_power *found;
    bool governor_found, turbo_found;
};
/* What one CPU is to have; "" and -1: what it has. */
const char *xb_power_governor_of(const struct xb_power_want *want, uint32_t cpu);
int xb_power_turbo_of(const struct xb_power_want *want, uint32_t cpu);
/* Is what was asked in force? False when it is; true with the first difference in words in why. */
bool xb_power_differs(const struct xb_power_want *want, const struct xb_power *got, char *why,
                      size_t bytes);
/*
 * As JSON, absent where Xen tells nothing: {"governor":"performance","turbo":true,"max_cstate":1,
 * "smt":false}; CPUs that differ are a list, by their numbers: {"governor":["performance","powersave"]}.
 */
json_t *xb_power_to_json(const struct xb_power *power);
int xb_power_apply(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err);

/* For the host record: each CPU's governor and turbo, and the C-state; and back. */
json_t *xb_power_record(struct xb_xen *xen);
int xb_power_undo(struct xb_xen *xen, const json_t *record, struct xb_err *err);

#endif
