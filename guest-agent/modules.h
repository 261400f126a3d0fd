/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel modules that vchan and disks need. */
#ifndef XA_MODULES_H
#define XA_MODULES_H

/*
 * Load the modules whose devices are missing, with modprobe or, without one, directly. A failure
 * shows when the device is opened.
 */
void xa_modules_load(void);
/* The driver of disks, if no udev loads it. */
void xa_modules_load_disks(void);

#endif
