/*
 * The ext4 filesystem that fills a guest's disk, changed while no guest has it: by e2fsprogs, which
 * need no mount.
 */
#ifndef XB_EXT4_H
#define XB_EXT4_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define XB_UUID_TEXT_BYTES 37

struct xb_ext4 {
    uint64_t bytes;                /* the filesystem's, not the disk's */
    char uuid[XB_UUID_TEXT_BYTES]; /* as blkid shows it */
    bool checksums_by_uuid; /* a new UUID means to write all of the filesystem's tables anew */
};

/*
 * Look at a disk: 1 where an ext2, ext3 or ext4 filesystem begins at its first byte, 0 where
 * something else does, -1 with err.
 */
int xb_ext4_look(const char *path, struct xb_ext4 *out, struct xb_err *err);

/*
 * What the filesystem that begins at the first byte says of its last mount and write, as text that changes with either:
 * 1, 0 where there is none, -1 with err. Read past Dom0's page cache, which knows nothing of what a guest writes.
 */
#define XB_EXT4_WRITTEN_BYTES 96
int xb_ext4_written(const char *path, char out[XB_EXT4_WRITTEN_BYTES], struct xb_err *err);

/*
 * Carry out what its journal holds, so that it may be changed. XB_E_HOST where it is damaged, with
 * the remedy: the caller knows whether this disk stays, or what it is a copy of.
 */
int xb_ext4_settle(const char *path, const char *remedy, struct xb_err *err);

/* Let it have all of its disk. */
int xb_ext4_grow(const char *path, struct xb_err *err);

/* Give it another UUID, in /etc/fstab and GRUB's configuration too. It must be settled. */
int xb_ext4_set_uuid(const char *path, const struct xb_ext4 *fs, const char *uuid,
                     struct xb_err *err);

/*
 * Write a file of this text, whose name has no spaces. A file of that name is replaced, not changed:
 * a guest's links and odd modes do not lead us anywhere. It must be settled.
 */
int xb_ext4_write_file(const char *path, const char *name, const char *text, mode_t mode,
                       struct xb_err *err);

/*
 * Make the system on it a machine of its own: /etc/hostname, /etc/machine-id, and no seed for
 * random numbers that others have too. Nothing is done where there is no /etc. It must be settled.
 */
int xb_ext4_set_identity(const char *path, const char *hostname, const char *uuid,
                         struct xb_err *err);

#endif
