/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does a block device carry data? Asked before any write to it.
 */
#ifndef XB_BLOCKDEV_H
#define XB_BLOCKDEV_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_blockdev {
    char path[PATH_MAX]; /* without symbolic links */
    uint64_t bytes;
    bool is_pv;     /* an LVM physical volume and nothing else */
    char data[200]; /* its contents: "ext4 filesystem, gpt partition table"; "" if empty */
};

/*
 * Examine a device as wipefs does: file systems, partition tables, RAID, LVM, swap; without a
 * signature, check whether the first MiB is empty. XB_E_INPUT if it is no block device or has no
 * size.
 */
int xb_blockdev_probe(const char *device, struct xb_blockdev *out, struct xb_err *err);

/*
 * Check that nobody uses the device: no mount, swap, volume group, RAID or guest's disk. XB_E_INPUT
 * names the user. XB_E_HOST on Xen if xenstore cannot say whether a guest has it.
 */
int xb_blockdev_check_unused(const struct xb_blockdev *dev, struct xb_err *err);

/*
 * May a device be overwritten? XB_E_INPUT if anybody uses it, or if it carries data that may not be
 * lost.
 */
int xb_blockdev_check_target(const char *device, bool data_may_be_lost, struct xb_err *err);

/* Are both paths the same block device? */
bool xb_blockdev_is_same(const char *a, const char *b);

/* Zero the first MiB, so that the device counts as empty. */
int xb_blockdev_clear(const char *device, struct xb_err *err);

#endif
