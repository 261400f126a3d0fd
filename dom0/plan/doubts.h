/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Warnings about an experiment before it runs: what this host cannot do, and settings that do not
 * have the expected effect. The judgement knows the schedulers and depends on its arguments alone.
 */
#ifndef XB_DOUBTS_H
#define XB_DOUBTS_H

#include "base.h"
#include "experiment.h"
#include "host_facts.h"
#include "warning.h"

/* A case with the allocations that will be in force; unset fields mean Xen's defaults. */
struct xb_doubt_case {
    const struct xb_experiment *exp;
    uint32_t case_no;
    const struct xb_allocation *dom0;
    const struct xb_allocation *guests; /* one per guest of the experiment */
};

/*
 * The settings of a case on this host: what it asks for, over what Dom0 and existing guests have
 * now. Free with xb_doubt_wanted_free.
 */
struct xb_doubt_wanted {
    struct xb_allocation dom0;
    struct xb_allocation *guests;
    size_t count;
};
int xb_doubts_wanted(const struct xb_experiment *exp, uint32_t case_no,
                     const struct xb_host_facts *host, struct xb_doubt_wanted *out,
                     struct xb_err *err);
void xb_doubt_wanted_free(struct xb_doubt_wanted *wanted);
#define xb_auto_wanted XB_AUTO(xb_doubt_wanted_free)

/* Called with each doubt. guest NULL: the whole case. */
typedef int xb_doubt_fn(void *arg, const char *guest, enum xb_warning warning, const char *message,
                        struct xb_err *err);

/*
 * Can this host do what the case asks for (c's allocations are the experiment's own)? If not,
 * XB_E_INPUT with file and line.
 */
int xb_doubts_possible(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       struct xb_err *err);

/* Report every doubt about a case. Returns -1 if tell did. */
int xb_doubts_tell(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                   xb_doubt_fn *tell, void *arg, struct xb_err *err);

#endif
