/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waiting for changes in xenstore, without polling.
 */
#ifndef XB_XSWAIT_H
#define XB_XSWAIT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_XS_DOMAIN_GONE "@releaseDomain" /* fires when any domain shuts down or is gone */

/* Not yet, and xenstored may not report the change: look again soon. */
#define XB_XS_SOON 2

/* Checks a condition: 1 it holds, 0 or XB_XS_SOON not yet, -1 it never will (err says why). */
typedef int xb_xs_look_fn(void *arg, struct xb_err *err);

/*
 * Call look now and after each change to the paths, until it returns 1 or -1 or until deadline_ns
 * (monotonic). Returns look's last value, 0 at the deadline, or -1 (XB_E_BENCH) if a stop signal is
 * pending (xb_stop_fd). Uses its own connection for the watches.
 */
int xb_xs_wait(const char *const *paths, size_t count, uint64_t deadline_ns, xb_xs_look_fn *look,
               void *arg, struct xb_err *err);

#endif
