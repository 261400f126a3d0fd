/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PID 1 mode: the needs of a guest that runs only the agent, and the shutdown that the kernel asks
 * for.
 */
#ifndef XA_INIT_H
#define XA_INIT_H

#include "err.h"

#include <stdbool.h>

/* Mount the kernel's file systems, and make sure that /sbin/poweroff and /sbin/reboot exist. */
int xa_init_set_up(struct xb_err *err);
/* Sync, unmount and reboot(2) with command. Does not return as PID 1. */
void xa_init_end(int command);

/* Was the program called as poweroff, reboot or halt? */
bool xa_power_is_called(const char *argv0);
/* Ask PID 1 to do that. Returns an exit status. */
int xa_power_main(const char *argv0);

#endif
