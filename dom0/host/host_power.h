/*
 * What xenpm does: governor, turbo and C-states of the whole host, through libxenctrl.
 */
#ifndef XB_HOST_POWER_H
#define XB_HOST_POWER_H

#include "xen.h"

#include <jansson.h>

/* What is in force; -1 and "" where Xen has no such thing. */
struct xb_power {
    bool cpufreq;        /* Xen has a driver that scales the frequency */
    char governor[16];   /* of the first CPU */
    char governors[128]; /* those there are, blank-separated */
    int turbo;           /* 0, 1 */
    bool cstates;
    int64_t max_cstate;  /* -1; XB_CSTATE_UNLIMITED is all there are */
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
};
int xb_power_apply(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err);

/* For the host record: each CPU's governor and turbo, and the C-state; and back. */
json_t *xb_power_record(struct xb_xen *xen);
int xb_power_undo(struct xb_xen *xen, const json_t *record, struct xb_err *err);

#endif
