/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memfile.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static int mount_detached(uint64_t bound_bytes)
{
    char size[32];
    snprintf(size, sizeof(size), "%" PRIu64, bound_bytes);
    xb_auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
        fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return -1;
    return fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

void xa_memdir_open(struct xa_memdir *dir, uint64_t bound_bytes)
{
    dir->fd = mount_detached(bound_bytes);
    dir->bound_bytes = dir->fd >= 0 ? bound_bytes : 0;
}

void xa_memdir_close(struct xa_memdir *dir)
{
    xb_cleanup_close(&dir->fd);
    dir->fd = -1;
}

int xa_memdir_create(struct xa_memdir *dir, const char *name)
{
    /*
     * O_APPEND, because the job may reopen /dev/stdout and get an offset of its own. The mode lets
     * a job of another user do so too.
     */
    if (dir->fd >= 0) {
        int file = openat(dir->fd, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
        if (file >= 0)
            fchmod(file, 0666);
        return file;
    }
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool xa_memfile_dir_is_full(int fd)
{
    struct statfs fs;
    return fstatfs(fd, &fs) == 0 && fs.f_blocks > 0 && fs.f_bavail == 0;
}
