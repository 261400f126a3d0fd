/*
 * The hotplug program for disks: what Xen's /etc/xen/scripts/block does, as one small program.
 * libxl runs it, with `add` or `remove`, for each disk whose specification has `script=` with its
 * path.
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
    XB_BLOCK_WRITE,     /* "w": nobody else may have it */
    XB_BLOCK_UNCHECKED, /* "w!": the user answers for it */
};

/* One disk's backend in xenstore. */
struct xb_block {
    struct xs_handle *xs;
    char path[48];      /* backend/vbd/DOMID/DEVID, below Dom0's own part of xenstore */
    char type[16];      /* vbd */
    char base_path[24]; /* backend */
    unsigned int domid, devid;
    const char *sysfs; /* NULL: /sys/dev/block; tests have one of their own */
    bool busy;         /* with an error: the target is somebody else's, not a failure of the host */

    /* Of `add`: what the disk is made of. */
    char target[PATH_MAX];
    struct stat target_stat;
    enum xb_block_mode mode;
    bool direct_io;
};

/*
 * From the environment that libxl gives: XENBUS_PATH, XENBUS_TYPE, XENBUS_BASE_PATH. XB_E_INPUT
 * where this is none of libxl's calls.
 */
int xb_block_from_env(struct xb_block *block, struct xb_err *err);

/* "r", "w", "w!" and what xl's scripts take for them: ro, rw, rw! and so on. */
enum xb_block_mode xb_block_mode_parse(const char *text);

/* Copy one key below block->path; false where it is not there or too long. */
bool xb_block_read(const struct xb_block *block, const char *key, char *out, size_t out_bytes);

/* Target, mode and options of a disk to be added, from xenstore and the file system. */
int xb_block_look(struct xb_block *block, struct xb_err *err);

/*
 * Fill the keys that xl and the kernel's backend wait for, all at once. node (may be NULL) is the
 * loop device; device what the kernel is to open.
 */
int xb_block_connect(const struct xb_block *block, const char *node, const char *device,
                     dev_t number, struct xb_err *err);

/* Tell libxl and whoever looks why it failed: hotplug-error, and hotplug-status busy or error. */
void xb_block_tell_failure(const struct xb_block *block, const char *why);

/*
 * Is the target used in a way that goes ill with block->mode: mounted or otherwise held in Dom0, or
 * given to another guest? As xl's own script judges it: any number of readers or one writer, and
 * the same guest twice is allowed (a migration to this host). Beyond that script, a disk is taken to
 * be used where a partition of it is, and the other way round. Hold the lock. Sets block->busy. With
 * block->xs NULL only Dom0 is looked at.
 */
int xb_block_check_sharing(struct xb_block *block, struct xb_err *err);

/*
 * One line of /proc/self/mountinfo: the device that is mounted, by its number and by its source's
 * name, and whether it is read-only. False for a line of another form. line is cut up.
 */
bool xb_block_parse_mount(char *line, dev_t *number, char **source, bool *read_only);

/*
 * Do two devices have storage in common: the same one, or a disk and a partition of it? Two partitions have not. sysfs
 * as in struct xb_block.
 */
bool xb_block_overlap(const char *sysfs, dev_t a, dev_t b);

/* The device of "MAJOR:MINOR" in hexadecimal, as physical-device has it; 0 where it is none. */
dev_t xb_block_parse_device(const char *text);

#endif
