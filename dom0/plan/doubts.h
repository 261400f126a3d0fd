/*
 * What speaks against an allocation before it is measured: what this host cannot give, and what
 * does not mean what it seems to
 * mean. The judgement knows the scheduler and looks at nothing but its arguments.
 */
#ifndef XB_DOUBTS_H
#define XB_DOUBTS_H

#include "experiment.h"
#include "host_facts.h"

/* A case with the allocations that will be in force: unset fields mean Xen's defaults. */
struct xb_doubt_case {
    const struct xb_experiment *exp;
    uint32_t case_no;
    const struct xb_allocation *dom0;
    const struct xb_allocation *guests; /* as many as the experiment has */
};

/*
 * What a case will have in force on this host: what it asks for, over what Dom0 and the guests that
 * are there have now. To free with xb_doubt_wanted_free.
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
#define xb_auto_wanted __attribute__((cleanup(xb_doubt_wanted_free)))

/*
 * Told of one doubt. guest is NULL where the whole case is meant. A code that begins with "note-"
 * only explains.
 */
typedef int xb_doubt_fn(void *arg, const char *guest, const char *code, const char *message,
                        struct xb_err *err);

/*
 * Can this host give what the case itself asks for (c's allocations are the experiment's own)?
 * XB_E_INPUT with file and line where it cannot.
 */
int xb_doubts_possible(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       struct xb_err *err);

/* Tell every doubt about a case. Returns -1 when tell did. */
int xb_doubts_tell(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                   xb_doubt_fn *tell, void *arg, struct xb_err *err);

#endif
