/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loopdev.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#define FREE_TRIES 64
/* libxl kills a hotplug program after 40 s; report the failure before that. */
#define BACKEND_WAIT_NS (30 * XB_NS_PER_S)
#define LOOK_FIRST_NS (XB_NS_PER_MS / 2)
#define LOOK_LONGEST_NS (20 * XB_NS_PER_MS)

/*
 * Name the disk in the loop device, so that xb_loop_detach recognizes it: loop devices are reused.
 */
static void tag(const struct xb_block *block, char out[LO_NAME_SIZE])
{
    snprintf(out, LO_NAME_SIZE, "xenbench %s", block->path);
}

/* 1: bound, 0: another process took the device meanwhile, -1: failed. */
static int try_attach(struct xb_loop *loop, int control, int file, const struct xb_block *block,
                      struct xb_err *err)
{
    int n = ioctl(control, LOOP_CTL_GET_FREE);
    if (n < 0)
        return xb_fail(err, XB_E_HOST, errno, "there is no free loop device");
    snprintf(loop->path, sizeof(loop->path), "/dev/loop%d", n);
    bool read_only = block->mode == XB_BLOCK_READ;
    xb_auto_close int fd = open(loop->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot open %s", loop->path);
    struct loop_config config = {.fd = (uint32_t)file};
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) |
                           (block->direct_io ? LO_FLAGS_DIRECT_IO : 0);
    tag(block, (char *)config.info.lo_file_name);
    if (ioctl(fd, LOOP_CONFIGURE, &config) < 0)
        return errno == EBUSY ? 0
                              : xb_fail(err, XB_E_HOST, errno, "cannot bind %s to %s", loop->path,
                                        block->target);
    loop->number = st.st_rdev;
    loop->fd = xb_steal_fd(&fd);
    return 1;
}

int xb_loop_attach(struct xb_loop *loop, const struct xb_block *block, struct xb_err *err)
{
    loop->fd = -1;
    xb_auto_close int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return xb_fail(err, XB_E_HOST, errno, "no loop devices (modprobe loop): /dev/loop-control");
    bool read_only = block->mode == XB_BLOCK_READ;
    xb_auto_close int file = open(block->target, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (file < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot open %s", block->target);
    for (int i = 0; i < FREE_TRIES; i++) {
        int status = try_attach(loop, control, file, block, err);
        if (status)
            return status < 0 ? -1 : 0;
    }
    return xb_fail(err, XB_E_HOST, EBUSY, "other programs take every free loop device");
}

int xb_loop_hand_over(const struct xb_block *block, struct xb_err *err)
{
    char path[128];
    uint64_t deadline_ns = xb_now_ns() + BACKEND_WAIT_NS, pause_ns = LOOK_FIRST_NS;
    /* The kernel creates this file once it has opened the device. */
    snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%u-%u/physical_device",
             block->type, block->domid, block->devid);
    while (access(path, F_OK) < 0) {
        if (xb_now_ns() >= deadline_ns)
            return xb_fail(err, XB_E_HOST, 0,
                           "the kernel has not opened %s (is xen-blkback loaded? dmesg tells more)",
                           block->target);
        xb_pause(&pause_ns, LOOK_LONGEST_NS);
    }
    return 0;
}

/*
 * While we hold the device open, nobody can free and rebind it, so it is still this disk's when we
 * free it. If others use it, the kernel frees it when the last of them closes it.
 */
int xb_loop_detach(const struct xb_block *block, const char *path, struct xb_err *err)
{
    char ours[LO_NAME_SIZE];
    struct loop_info64 info;
    struct stat st;
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    tag(block, ours);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode) ||
        ioctl(fd, LOOP_GET_STATUS64, &info) < 0 ||
        strncmp((const char *)info.lo_file_name, ours, sizeof(ours)) != 0)
        return 0;
    if (ioctl(fd, LOOP_CLR_FD) < 0 && errno != ENXIO)
        return xb_fail(err, XB_E_HOST, errno, "cannot free %s", path);
    return 0;
}

static bool is_of_file(const char *name, const struct stat *file, dev_t *number)
{
    char path[300];
    struct loop_info64 info;
    struct stat st;
    snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", name);
    if (access(path, F_OK) < 0)
        return false;
    snprintf(path, sizeof(path), "/dev/%s", name);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
        return false;
    *number = st.st_rdev;
    return info.lo_device == file->st_dev && info.lo_inode == file->st_ino;
}

size_t xb_loop_find(const struct stat *file, dev_t *out, size_t max)
{
    size_t count = 0;
    xb_auto_closedir DIR *dir = opendir("/sys/block");
    for (struct dirent *entry; dir && count < max && (entry = readdir(dir));)
        if (strncmp(entry->d_name, "loop", 4) == 0)
            count += is_of_file(entry->d_name, file, &out[count]);
    return count;
}
