/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens when a guest's domain shuts down: on_poweroff, on_reboot, on_crash and the like, as
 * in xl.
 */
#ifndef XB_MONITOR_DEATH_H
#define XB_MONITOR_DEATH_H

#include "monitor.h"

/*
 * The domain has shut down for this reason. 0: go on watching (perhaps a new domain), 1: done with
 * this guest, -1: failed, which ends the watch too.
 */
int xb_monitor_on_shutdown(struct xb_monitor *monitor, libxl_shutdown_reason reason,
                           struct xb_err *err);

#endif
