/* The kernel modules that vchan and disks need. */
#ifndef XB_MODULES_H
#define XB_MODULES_H

/*
 * Load those whose devices are missing, by modprobe or else by ourselves. Failures show when the
 * device is opened.
 */
void xb_modules_load(void);
/* The driver of disks, if no udev loads it. */
void xb_modules_load_disks(void);

#endif
