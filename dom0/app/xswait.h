/*
 * Waiting for xenstore to say something, without looking again and again.
 */
#ifndef XB_XSWAIT_H
#define XB_XSWAIT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_XS_DOMAIN_GONE                                                                          \
    "@releaseDomain" /* xenstored says this when any domain shuts down or is gone */

/* Not yet, and xenstored may never tell: look again in a moment. */
#define XB_XS_SOON 2

/* Looks whether what is waited for has come: 1 yes, 0 or XB_XS_SOON not yet, -1 never (err says why). */
typedef int xb_xs_look_fn(void *arg, struct xb_err *err);

/*
 * Call look at once and whenever one of the paths changes, until it returns 1 or -1, or
 * deadline_ns (monotonic) has passed. Returns what look returned last, 0 at the deadline, -1 with
 * XB_E_BENCH when a stop signal is pending (see xb_stop_fd). Watches are on a connection of their
 * own.
 */
int xb_xs_wait(const char *const *paths, size_t count, uint64_t deadline_ns, xb_xs_look_fn *look,
               void *arg, struct xb_err *err);

#endif
