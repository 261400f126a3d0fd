/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "blockdev.h"

#include "alloc.h"
#include "apart.h"
#include "base.h"
#include "block/block.h"

#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define HEAD_BYTES XB_MIB

XB_CLEANUP(probe, blkid_probe, blkid_free_probe)
#define xb_auto_probe XB_AUTO(xb_cleanup_probe)

static void add_data(struct xb_blockdev *dev, const char *type, const char *what, const char *label)
{
    size_t used = strlen(dev->data), left = sizeof(dev->data) - used;
    snprintf(dev->data + used, left, "%s%s%s%s%s%s", used ? ", " : "", type, what,
             label ? " `" : "", label ? label : "", label ? "`" : "");
}

/* Describe a signature. Anybody can write a label, so keep printable characters only. */
static void describe(struct xb_blockdev *dev, blkid_probe probe)
{
    const char *type = NULL, *usage = "", *label = NULL;
    char text[64];
    if (blkid_probe_lookup_value(probe, "PTTYPE", &type, NULL) == 0) {
        dev->is_pv = false;
        add_data(dev, type, " partition table", NULL);
        return;
    }
    if (blkid_probe_lookup_value(probe, "TYPE", &type, NULL) < 0)
        return;
    dev->is_pv = strcmp(type, "LVM2_member") == 0 && !dev->data[0];
    blkid_probe_lookup_value(probe, "USAGE", &usage, NULL);
    if (blkid_probe_lookup_value(probe, "LABEL", &label, NULL) == 0) {
        snprintf(text, sizeof(text), "%s", label);
        for (char *c = text; *c; c++)
            if (*c < 0x20 || *c > 0x7e)
                *c = '?';
        label = text;
    }
    add_data(dev, type, strcmp(usage, "filesystem") == 0 ? " filesystem" : "", label);
}

/* What the device's bytes say; only these are foreign. */
struct said {
    uint8_t is_pv;
    char data[sizeof(((struct xb_blockdev *)NULL)->data)];
};

struct probing {
    struct xb_blockdev *dev;
    blkid_probe probe;
};

static int find_signatures(void *arg, int fd, struct xb_err *err)
{
    struct probing *p = arg;
    struct said said = {0};
    int found;
    while ((found = blkid_do_probe(p->probe)) == 0)
        describe(p->dev, p->probe);
    if (found < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", p->dev->path);
    said.is_pv = p->dev->is_pv;
    snprintf(said.data, sizeof(said.data), "%s", p->dev->data);
    return xb_apart_tell(fd, &said, sizeof(said), err);
}

static bool is_printable(const char *text, size_t bytes)
{
    size_t n = strnlen(text, bytes);
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return n < bytes;
}

/* A guest may have written to the device, so libblkid reads it in a process without rights. */
static int look_for_signatures(struct xb_blockdev *dev, struct xb_err *err)
{
    struct said said;
    xb_auto_close int fd = open(dev->path, O_RDONLY | O_CLOEXEC);
    xb_auto_probe blkid_probe probe = blkid_new_probe();
    if (fd < 0 || !probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot examine what %s holds", dev->path);
    dev->bytes = (uint64_t)blkid_probe_get_size(probe);
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
                                                 BLKID_SUBLKS_LABEL | BLKID_SUBLKS_BADCSUM);
    blkid_probe_enable_partitions(probe, 1);
    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_FORCE_GPT);
    struct probing probing = {dev, probe};
    int told = xb_apart_ask(find_signatures, &probing, &fd, 1, &said, sizeof(said), err);
    if (told < 0)
        return xb_fail_context(err, "device %s", dev->path);
    if (told == 0 || said.is_pv > 1 || !is_printable(said.data, sizeof(said.data)))
        return xb_fail(err, XB_E_HOST, 0, "cannot examine what %s holds", dev->path);
    dev->is_pv = said.is_pv;
    snprintf(dev->data, sizeof(dev->data), "%s", said.data);
    return 0;
}

/* Data without a signature is data too: an encrypted disk looks like that. */
static int look_for_bytes(struct xb_blockdev *dev, struct xb_err *err)
{
    xb_auto_free char *head = xb_malloc(HEAD_BYTES);
    xb_auto_close int fd = open(dev->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? pread(fd, head, HEAD_BYTES, 0) : -1;
    if (n < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", dev->path);
    for (ssize_t i = 0; i < n; i++) {
        if (head[i]) {
            add_data(dev, "something unknown", " (its first MiB is not empty)", NULL);
            break;
        }
    }
    return 0;
}

int xb_blockdev_probe(const char *device, struct xb_blockdev *out, struct xb_err *err)
{
    struct stat st;
    *out = (struct xb_blockdev){0};
    if (!realpath(device, out->path) || stat(out->path, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "device %s", device);
    if (!S_ISBLK(st.st_mode))
        return xb_fail(err, XB_E_INPUT, 0, "%s is no block device", device);
    if (look_for_signatures(out, err) < 0 || (!out->data[0] && look_for_bytes(out, err) < 0))
        return -1;
    return out->bytes ? 0 : xb_fail(err, XB_E_INPUT, 0, "device %s has no size", device);
}

/* Apply the check of the hotplug program for disks, without a guest. */
static int check_free(const struct xb_blockdev *dev, struct xs_handle *xs, struct xb_err *err)
{
    struct xb_block as_disk = {
        .xs = xs, .path = "none", .type = "vbd", .base_path = "backend", .mode = XB_BLOCK_WRITE};
    snprintf(as_disk.target, sizeof(as_disk.target), "%s", dev->path);
    if (stat(dev->path, &as_disk.target_stat) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "device %s", dev->path);
    return xb_block_check_sharing(&as_disk, err);
}

XB_CLEANUP(xs, struct xs_handle *, xs_close)
#define xb_auto_xs XB_AUTO(xb_cleanup_xs)

int xb_blockdev_check_unused(const struct xb_blockdev *dev, struct xb_err *err)
{
    xb_auto_xs struct xs_handle *xs = xs_open(0);
    if (!xs && access("/dev/xen/privcmd", F_OK) == 0) /* on Xen, but xenstored does not answer */
        return xb_fail(err, XB_E_HOST, errno, "cannot ask xenstored whether a guest has %s",
                       dev->path);
    return check_free(dev, xs, err);
}

int xb_blockdev_check_target(const char *device, bool data_may_be_lost, struct xb_err *err)
{
    struct xb_blockdev dev;
    if (xb_blockdev_probe(device, &dev, err) < 0)
        return -1;
    if (xb_blockdev_check_unused(&dev, err) < 0)
        return -1;
    if (dev.data[0] && !data_may_be_lost)
        return xb_fail(err, XB_E_INPUT, 0, "%s carries data: %s (--force overwrites it)", device,
                       dev.data);
    return 0;
}

bool xb_blockdev_is_same(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISBLK(one.st_mode) &&
           S_ISBLK(other.st_mode) && one.st_rdev == other.st_rdev;
}

int xb_blockdev_clear(const char *device, struct xb_err *err)
{
    xb_auto_free char *zeroes = xb_calloc(1, HEAD_BYTES);
    xb_auto_close int fd = open(device, O_WRONLY | O_EXCL | O_CLOEXEC);
    if (fd < 0 || pwrite(fd, zeroes, HEAD_BYTES, 0) < 0 || fsync(fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot clear the beginning of %s", device);
    return 0;
}
