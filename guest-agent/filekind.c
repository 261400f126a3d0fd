/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filekind.h"

#include "base.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#ifndef CONFIGFS_MAGIC
#define CONFIGFS_MAGIC 0x62656570 /* fs/configfs/mount.c; not in linux/magic.h */
#endif

/* File systems that generate their files' contents. */
static const unsigned long made_up[] = {
    PROC_SUPER_MAGIC,   SYSFS_MAGIC,         DEBUGFS_MAGIC,    TRACEFS_MAGIC, CONFIGFS_MAGIC,
    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC,
};

static const char *kind_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a named pipe";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

int xa_file_is_regular(const char *verb, const char *path, const struct stat *st,
                       struct xb_err *err)
{
    if (S_ISREG(st->st_mode))
        return 0;
    return xb_fail(err, XB_E_INPUT, S_ISDIR(st->st_mode) ? EISDIR : EINVAL,
                   "%s %s, which is %s: only regular files are copied", verb, path,
                   kind_name(st->st_mode));
}

bool xa_file_size_is_unknown(int fd, const struct stat *st)
{
    struct statfs fs;
    if (st->st_size == 0)
        return true;
    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < XB_ARRAY_LEN(made_up); i++) {
        if ((unsigned long)fs.f_type == made_up[i])
            return true;
    }
    return false;
}
