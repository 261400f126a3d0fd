/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_deliver.h"

#include "base.h"
#include "newfile.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int copy_bytes(int from, int to, const char *path, struct xb_err *err)
{
    char buffer[64 * XB_KIB];
    ssize_t n;
    while ((n = read(from, buffer, sizeof(buffer))) > 0)
        if (xb_write_all(to, buffer, (size_t)n) < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return n < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot read what goes to %s", path) : 0;
}

/* The file gets its name once it is complete: nobody collects a part of it. */
static int copy_file(const char *from, const char *to, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    xb_auto_close int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", from);
    if (xb_newfile_open(&file, to, 0644, true, err) < 0 || copy_bytes(fd, file.fd, to, err) < 0)
        return -1;
    return xb_newfile_show(&file, err);
}

int xb_fleet_deliver(const struct xb_fleet_job *job, const char *path, const char *folder,
                     struct xb_err *err)
{
    char to[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (job->copy_to) {
        if (xb_path(to, sizeof(to), err, "%s/%s/", job->copy_to, folder) < 0)
            return -1;
        const char *const argv[] = {job->copy_with, path, to, NULL};
        return xb_tool(argv, NULL, err, "bring %s back to %s", slash ? slash + 1 : path, to);
    }
    if (xb_path(to, sizeof(to), err, "%s/%s", job->dir, folder) < 0)
        return -1;
    if (access(to, F_OK) != 0)
        return xb_fail(err, XB_E_HOST, errno,
                       "the fleet's directory %s is not on this node: is it shared? (`xenbench "
                       "fleet submit --copy-to HOST:%s` copies results there)",
                       job->dir, job->dir);
    if (xb_path(to, sizeof(to), err, "%s/%s/%s", job->dir, folder, slash ? slash + 1 : path) < 0)
        return -1;
    return copy_file(path, to, err);
}
