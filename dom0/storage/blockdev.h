/*
 * Does a block device carry data? Asked before anything is written to it.
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
    bool is_pv;     /* it is an LVM physical volume and nothing else */
    char data[200]; /* what is on it: "ext4 filesystem, gpt partition table"; "" where nothing is */
};

/*
 * Look at a device as wipefs does: file systems, partition tables, RAID, LVM, swap; and where there
 * is no signature whether its first MiB is empty. XB_E_INPUT where it is no block device or has no
 * size.
 */
int xb_blockdev_probe(const char *device, struct xb_blockdev *out, struct xb_err *err);

/*
 * Nobody may hold it: not mounted, no swap, no volume group or RAID, no guest's disk. XB_E_INPUT
 * says who does. xs may be NULL where there is no Xen.
 */
struct xs_handle;
int xb_blockdev_check_free(const struct xb_blockdev *dev, struct xs_handle *xs, struct xb_err *err);

/*
 * May a device be written over? XB_E_INPUT where somebody holds it, always; and where it carries data, unless that may be
 * lost. On Xen it is XB_E_HOST where xenstore cannot be asked whether a guest has it.
 */
int xb_blockdev_check_target(const char *device, bool data_may_be_lost, struct xb_err *err);

/* Do both paths lead to the same block device? */
bool xb_blockdev_is_same(const char *a, const char *b);

/* Fill its first MiB with zeroes, so that it carries nothing. */
int xb_blockdev_clear(const char *device, struct xb_err *err);

#endif
