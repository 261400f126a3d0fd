/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hotplug program for disks, in place of Xen's /etc/xen/scripts/block. libxl runs it with `add`
 * or `remove` for each disk whose specification names it (`script=`).
 */
#ifndef XB_BLOCK_H
#define XB_BLOCK_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <xenstore.h>

enum xb_block_mode {
    XB_BLOCK_READ,      /* "r": others may read it too */
    XB_BLOCK_WRITE,     /* "w": nobody else may use the disk */
    XB_BLOCK_UNCHECKED, /* "w!": unchecked, at the user's risk */
};

/* One disk's backend in xenstore. */
struct xb_block {
    struct xs_handle *xs;
    char path[48];      /* backend/vbd/DOMID/DEVID, below Dom0's own part of xenstore */
    char type[16];      /* vbd */
    char base_path[24]; /* backend */
    unsigned int domid, devid;
    const char *sysfs; /* NULL: /sys/dev/block; tests use another */
    bool busy;         /* on an error: the target is in use, so the host has not failed */

    /* Of `add`: the disk's source. */
    char target[PATH_MAX];
    struct stat target_stat;
    enum xb_block_mode mode;
    bool direct_io;
};

/*
 * Fill from libxl's environment: XENBUS_PATH, XENBUS_TYPE, XENBUS_BASE_PATH. XB_E_INPUT if they are
 * missing or wrong, so that libxl cannot have called us.
 */
int xb_block_from_env(struct xb_block *block, struct xb_err *err);

/* "r", "w", "w!" and the synonyms that xl's scripts accept: ro, rw, rw! and so on. */
enum xb_block_mode xb_block_mode_parse(const char *text);

/* Read a key below block->path; false if it is absent or too long. */
bool xb_block_read(const struct xb_block *block, const char *key, char *out, size_t out_bytes);

/* Read target, mode and options of a new disk from xenstore and the file system. */
int xb_block_look(struct xb_block *block, struct xb_err *err);

/*
 * Write the keys that xl and the kernel's backend wait for, in one transaction. node (may be NULL)
 * is the loop device; device is what the kernel opens.
 */
int xb_block_connect(const struct xb_block *block, const char *node, const char *device,
                     dev_t number, struct xb_err *err);

/* Report why adding failed: hotplug-error, and hotplug-status busy or error. */
void xb_block_tell_failure(const struct xb_block *block, const char *why);

/*
 * Does Dom0 or another guest use the target in conflict with block->mode? Allowed are readers or
 * one writer, and one guest twice (local migration); a partition counts as its disk. The caller
 * holds the lock. Sets block->busy. block->xs NULL checks Dom0 alone.
 */
int xb_block_check_sharing(struct xb_block *block, struct xb_err *err);

/*
 * Parse a line of /proc/self/mountinfo (modifying it): the mounted device's number, its source's
 * name, and whether it is read-only. False for any other line.
 */
bool xb_block_parse_mount(char *line, dev_t *number, char **source, bool *read_only);

/*
 * Do two devices share storage: the same device, or a disk and its partition? (Two partitions do
 * not.) sysfs as in struct xb_block.
 */
bool xb_block_overlap(const char *sysfs, dev_t a, dev_t b);

/* Parse physical-device's "MAJOR:MINOR" in hexadecimal; 0 if malformed. */
dev_t xb_block_parse_device(const char *text);

#endif
