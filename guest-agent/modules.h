/* The kernel modules that vchan and disks need. */
#ifndef XB_MODULES_H
#define XB_MODULES_H

/*
 * Load those whose devices are not there yet, by modprobe where there is one, else by ourselves.
 * What fails shows when the device is opened.
 */
void xb_modules_load(void);
/* The driver of disks, where no udev loads it. */
void xb_modules_load_disks(void);

#endif
