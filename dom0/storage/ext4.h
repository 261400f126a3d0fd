/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing the ext4 filesystem on the disk of a stopped guest, with e2fsprogs and without a mount.
 */
#ifndef XB_EXT4_H
#define XB_EXT4_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define XB_UUID_TEXT_BYTES 37

struct xb_ext4 {
    uint64_t bytes;                /* of the filesystem, not the disk */
    char uuid[XB_UUID_TEXT_BYTES]; /* as blkid shows it */
    bool checksums_by_uuid; /* a new UUID requires rewriting all of the filesystem's tables */
};

/*
 * Examine a disk: 1 if an ext2, ext3 or ext4 filesystem starts at its first byte, 0 if not, -1 with
 * err.
 */
int xb_ext4_look(const char *path, struct xb_ext4 *out, struct xb_err *err);

/*
 * The filesystem's last mount and write as text, which changes with either: 1, 0 if there is no
 * filesystem, -1 with err. Bypasses Dom0's page cache, which misses the guest's writes.
 */
#define XB_EXT4_WRITTEN_BYTES 96
int xb_ext4_written(const char *path, char out[XB_EXT4_WRITTEN_BYTES], struct xb_err *err);

/*
 * Replay the journal, so that the filesystem may be changed. XB_E_HOST if it is damaged, with
 * remedy, because only the caller knows whether this disk stays and what it is a copy of.
 */
int xb_ext4_settle(const char *path, const char *remedy, struct xb_err *err);

/* Enlarge the filesystem to fill its disk. */
int xb_ext4_grow(const char *path, struct xb_err *err);

/* Set a new UUID, in /etc/fstab and GRUB's configuration too. Settle the filesystem first. */
int xb_ext4_set_uuid(const char *path, const struct xb_ext4 *fs, const char *uuid,
                     struct xb_err *err);

/*
 * Write a text file whose name has no spaces. An existing file is replaced, not changed, so that a
 * guest's links and odd modes cannot mislead us. Settle the filesystem first.
 */
int xb_ext4_write_file(const char *path, const char *name, const char *text, mode_t mode,
                       struct xb_err *err);

/*
 * Give the system on the disk its own /etc/hostname and /etc/machine-id, and remove the shared
 * random seed. Does nothing without /etc. Settle the filesystem first.
 */
int xb_ext4_set_identity(const char *path, const char *hostname, const char *uuid,
                         struct xb_err *err);

#endif
