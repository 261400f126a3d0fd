/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PID 1 mode: what a guest without another init needs, and shutting the guest down, also when the
 * kernel runs /sbin/poweroff or /sbin/reboot.
 */
#ifndef XA_INIT_H
#define XA_INIT_H

#include "err.h"

#include <stdbool.h>

/* Mount the kernel's file systems, and make sure that /sbin/poweroff and /sbin/reboot exist. */
int xa_init_set_up(struct xb_err *err);
/* As PID 1: kill all processes, sync, remount / read-only, reboot(2) with command; no return. */
void xa_init_end(int command);

/* Was the program called as poweroff, reboot or halt? */
bool xa_power_is_called(const char *argv0);
/* Ask PID 1 for what the program was called as. Returns an exit status. */
int xa_power_main(const char *argv0);

#endif
