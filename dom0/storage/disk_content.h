/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Adapting a disk's contents to its guest.
 */
#ifndef XB_DISK_CONTENT_H
#define XB_DISK_CONTENT_H

#include "disk.h"

/*
 * Adapt a disk that was copied from another: enlarge its filesystem to the disk, and set the
 * guest's host name and machine id. Disks without an ext4 filesystem stay as they are. remedy is
 * advice for a damaged filesystem, because the caller may remove this disk then.
 */
int xb_disk_personalise(const struct xb_disk *disk, const char *dir, const char *guest,
                        const char *uuid, const char *remedy, struct xb_err *err);

/* Give the filesystem a new UUID, after xb_disk_personalise or its like. */
int xb_disk_new_fs_uuid(const struct xb_disk *disk, const char *dir, const char *fs_uuid,
                        struct xb_err *err);

#endif
