/*
 * What is on a guest's disk, as far as it must fit the guest.
 */
#ifndef XB_DISK_CONTENT_H
#define XB_DISK_CONTENT_H

#include "disk.h"

/*
 * Make a disk that was filled from another one the guest's own: its filesystem gets all of the
 * disk, and the system on it the guest's host name and machine id. Disks that hold something else
 * than an ext4 filesystem are left as they are. remedy is what to do where the filesystem is damaged:
 * this disk may be removed then.
 */
int xb_disk_personalise(const struct xb_disk *disk, const char *dir, const char *guest,
                        const char *uuid, const char *remedy, struct xb_err *err);

/* Give its filesystem a UUID of its own. It must have been personalised. */
int xb_disk_new_fs_uuid(const struct xb_disk *disk, const char *dir, const char *fs_uuid,
                        struct xb_err *err);

#endif
