/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that gets its name only once it is complete: a killed process leaves nothing.
 */
#ifndef XB_NEWFILE_H
#define XB_NEWFILE_H

#include "base.h"
#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct xb_newfile {
    int fd; /* for writing and reading */
    bool replace;
    bool direct; /* written in place: a device, a pipe, stdout (outfile.h) */
    char path[PATH_MAX];
    char part[PATH_MAX]; /* the temporary name; "": nameless, gone when closed */
};
#define XB_NEWFILE_NONE                                                                            \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/*
 * Start a file that will be called path; XB_E_INPUT if path exists (with replace: only if it is not
 * a regular file). On a filesystem without nameless files it is path.xenbench-new until complete,
 * and replaces one that a killed process left.
 */
int xb_newfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    struct xb_err *err);

/* The same, but always with the temporary name path.xenbench-new. */
int xb_newfile_open_named(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                          struct xb_err *err);

/* A stream that writes to the file; close it before xb_newfile_show. NULL with err on failure. */
FILE *xb_newfile_stream(const struct xb_newfile *file, struct xb_err *err);

/*
 * Sync the complete file and give it its name. XB_E_INPUT if another file took the name meanwhile
 * and must not be replaced. The descriptor stays open.
 */
int xb_newfile_show(struct xb_newfile *file, struct xb_err *err);

/* Close the file, which vanishes unless xb_newfile_show named it. */
void xb_newfile_end(struct xb_newfile *file);
#define xb_auto_newfile XB_AUTO(xb_newfile_end)

#endif
