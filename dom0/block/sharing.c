/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May the guest have the disk, or does somebody else use it? The rules are those of xl's block
 * script, except that a partition in use also counts as use of its disk.
 */
#include "base.h"
#include "block.h"
#include "loopdev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

#define DEVICES_MAX 64

/* All device numbers of the target: a device has one, a file those of its loop devices. */
struct identity {
    const struct stat *target;
    const char *sysfs;
    dev_t devices[DEVICES_MAX];
    size_t count;
};

static bool has_device(const struct identity *id, dev_t number)
{
    for (size_t i = 0; i < id->count; i++)
        if (number && id->devices[i] == number)
            return true;
    return false;
}

/* Is number the target, its partition, or the disk that holds it? */
static bool has_part_of(const struct identity *id, dev_t number)
{
    for (size_t i = 0; i < id->count; i++)
        if (xb_block_overlap(id->sysfs, id->devices[i], number))
            return true;
    return false;
}

static bool has_path(const struct identity *id, const char *path)
{
    struct stat st;
    if (path[0] != '/' || stat(path, &st) < 0)
        return false;
    if (S_ISBLK(st.st_mode))
        return has_device(id, st.st_rdev);
    return S_ISREG(id->target->st_mode) && st.st_dev == id->target->st_dev &&
           st.st_ino == id->target->st_ino;
}

dev_t xb_block_parse_device(const char *text)
{
    unsigned int high, low;
    int at = 0;
    if (sscanf(text, "%x:%x%n", &high, &low, &at) != 2 || text[at])
        return 0;
    return makedev(high, low);
}

bool xb_block_parse_mount(char *line, dev_t *number, char **source, bool *read_only)
{
    unsigned int high, low;
    char *tail = strstr(line, " - "), *save = NULL, options[8];
    if (!tail || sscanf(line, "%*d %*d %u:%u %*s %*s %7s", &high, &low, options) != 3)
        return false;
    strtok_r(tail + 3, " \n", &save);
    *source = strtok_r(NULL, " \n", &save);
    const char *super = strtok_r(NULL, " \n", &save);
    if (!*source || !super)
        return false;
    *number = makedev(high, low);
    *read_only = strncmp(options, "ro", 2) == 0 || strncmp(super, "ro", 2) == 0;
    return true;
}

static int in_dom0(struct xb_block *block, const char *how, struct xb_err *err)
{
    block->busy = true;
    return xb_fail(err, XB_E_INPUT, 0, "%s is in use in Dom0: %s", block->target, how);
}

static int check_mounts(struct xb_block *block, const struct identity *id, struct xb_err *err)
{
    xb_auto_free char *line = NULL;
    size_t line_bytes = 0;
    xb_auto_fclose FILE *mounts = fopen("/proc/self/mountinfo", "re");
    while (mounts && getline(&line, &line_bytes, mounts) > 0) {
        dev_t number;
        char *source;
        bool read_only;
        if (!xb_block_parse_mount(line, &number, &source, &read_only) ||
            (read_only && block->mode == XB_BLOCK_READ))
            continue;
        if (has_device(id, number) || has_path(id, source))
            return in_dom0(block, read_only ? "mounted" : "mounted read-write", err);
    }
    return 0;
}

static int check_swap(struct xb_block *block, const struct identity *id, struct xb_err *err)
{
    char line[PATH_MAX];
    xb_auto_fclose FILE *swaps = fopen("/proc/swaps", "re");
    while (swaps && fgets(line, sizeof(line), swaps)) {
        line[strcspn(line, " \t\n")] = '\0';
        if (has_path(id, line))
            return in_dom0(block, "as swap space", err);
    }
    return 0;
}

/*
 * Mounted partitions, volume groups and RAID hold their devices exclusively in Dom0. Opened for
 * reading, because udev rescans a device when a writer closes it.
 */
static int check_held(struct xb_block *block, struct xb_err *err)
{
    if (block->mode == XB_BLOCK_READ || !S_ISBLK(block->target_stat.st_mode))
        return 0;
    xb_auto_close int fd = open(block->target, O_RDONLY | O_EXCL | O_CLOEXEC);
    return fd >= 0 || errno != EBUSY
               ? 0
               : in_dom0(block, "held by a partition, volume group, RAID or the like", err);
}

static void read_key(struct xs_handle *xs, char *out, size_t out_bytes, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void read_key(struct xs_handle *xs, char *out, size_t out_bytes, const char *fmt, ...)
{
    char path[256];
    unsigned int bytes = 0;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    xb_auto_free char *value = xs_read(xs, XBT_NULL, path, &bytes);
    snprintf(out, out_bytes, "%.*s", value ? (int)bytes : 0, value ? value : "");
}

/*
 * The machine (vm path) of a domain, and of the guest that a device model's domain serves; "" if
 * unknown.
 */
static void read_vm(struct xs_handle *xs, const char *domid, char own[64], char served[64])
{
    char target[16];
    read_key(xs, own, 64, "/local/domain/%s/vm", domid);
    read_key(xs, target, sizeof(target), "/local/domain/%s/target", domid);
    served[0] = '\0';
    if (target[0])
        read_key(xs, served, 64, "/local/domain/%s/vm", target);
}

/*
 * During a local migration, and while one domain replaces another, a guest has its disk twice. A
 * half-destroyed domain no longer has a machine and counts as the same guest.
 */
static bool is_same_vm(const struct xb_block *block, const char *other)
{
    char own[64], served[64], other_own[64], other_served[64], domid[16];
    snprintf(domid, sizeof(domid), "%u", block->domid);
    read_vm(block->xs, domid, own, served);
    read_vm(block->xs, other, other_own, other_served);
    size_t n = strlen(own);
    if (n > 2 && strcmp(own + n - 2, "-1") == 0)
        own[n - 2] = '\0';
    if (!other_own[0] || strcmp(own, other_own) == 0)
        return true;
    return (served[0] && (strcmp(served, other_own) == 0 || strcmp(served, other_served) == 0)) ||
           (other_served[0] && strcmp(own, other_served) == 0);
}

/*
 * Does this backend of another disk use the target, or a part of it? QEMU's backends have a path,
 * the kernel's a device. In Dom0 itself the kernel checks partitions (check_held).
 */
static bool uses(const struct xb_block *block, const struct identity *id, const char *backend)
{
    char device[32], params[PATH_MAX];
    struct stat st;
    read_key(block->xs, device, sizeof(device), "%s/physical-device", backend);
    if (device[0])
        return has_part_of(id, xb_block_parse_device(device));
    if (!strstr(backend, "/qdisk/"))
        return false; /* its hotplug program waits for our lock and will see our disk */
    read_key(block->xs, params, sizeof(params), "%s/params", backend);
    const char *path = strchr(params, '/');
    if (!path)
        return false;
    bool device_there = stat(path, &st) == 0 && S_ISBLK(st.st_mode);
    return device_there ? has_part_of(id, st.st_rdev) : has_path(id, path);
}

static int check_backend(struct xb_block *block, const struct identity *id, const char *domid,
                         const char *backend, struct xb_err *err)
{
    char mode[8], name[80];
    if (strcmp(backend, block->path) == 0 || !uses(block, id, backend))
        return 0;
    read_key(block->xs, mode, sizeof(mode), "%s/mode", backend);
    bool reads = xb_block_mode_parse(mode) == XB_BLOCK_READ;
    if ((block->mode == XB_BLOCK_READ && reads) || is_same_vm(block, domid))
        return 0;
    read_key(block->xs, name, sizeof(name), "/local/domain/%s/name", domid);
    block->busy = true;
    return xb_fail(
        err, XB_E_INPUT, 0,
        "%s is, in whole or in part, the disk of domain %s (%s) already, which may %s it: a "
        "shared disk that one guest writes will be destroyed",
        block->target, domid, name, reads ? "read" : "write to");
}

/* List a directory of xenstore; the caller frees the list, which may be NULL. */
static char **list(struct xs_handle *xs, const char *path, unsigned int *count)
{
    *count = 0;
    return xs_directory(xs, XBT_NULL, path, count);
}

static int check_backends(struct xb_block *block, const struct identity *id, const char *type,
                          struct xb_err *err)
{
    char path[256];
    unsigned int domains, disks;
    snprintf(path, sizeof(path), "%s/%s", block->base_path, type);
    xb_auto_free char **domids = list(block->xs, path, &domains);
    for (unsigned int i = 0; i < domains; i++) {
        snprintf(path, sizeof(path), "%s/%s/%s", block->base_path, type, domids[i]);
        xb_auto_free char **devids = list(block->xs, path, &disks);
        for (unsigned int k = 0; k < disks; k++) {
            snprintf(path, sizeof(path), "%s/%s/%s/%s", block->base_path, type, domids[i],
                     devids[k]);
            if (check_backend(block, id, domids[i], path, err) < 0)
                return -1;
        }
    }
    return 0;
}

int xb_block_check_sharing(struct xb_block *block, struct xb_err *err)
{
    struct identity id = {.target = &block->target_stat, .sysfs = block->sysfs};
    if (block->mode == XB_BLOCK_UNCHECKED)
        return 0;
    if (S_ISBLK(id.target->st_mode))
        id.devices[id.count++] = id.target->st_rdev;
    else
        id.count = xb_loop_find(id.target, id.devices, DEVICES_MAX);
    if (check_mounts(block, &id, err) < 0 || check_swap(block, &id, err) < 0 ||
        check_held(block, err) < 0)
        return -1;
    if (!block->xs)
        return 0;
    if (check_backends(block, &id, block->type, err) < 0)
        return -1;
    return check_backends(block, &id, "qdisk", err);
}
