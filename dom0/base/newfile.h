/*
 * A file that gets its name when it is whole, and not before: who is killed meanwhile leaves nothing.
 */
#ifndef XB_NEWFILE_H
#define XB_NEWFILE_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct xb_newfile {
    int fd; /* to be written, and read */
    bool replace;
    bool direct; /* written to as it is: a device, a pipe, stdout (outfile.h) */
    char path[PATH_MAX];
    char part
        [PATH_MAX]; /* what it is called until then; "": it has no name, and is gone when it is closed */
};
#define XB_NEWFILE_NONE                                                                            \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/*
 * Begin a file that is to be called path. XB_E_INPUT where there is something of that
 * name already; with replace only where that is a directory. Where the filesystem knows no files without a name it is
 * called path.xenbench-new until it is whole, and what an earlier one left under that name is replaced.
 */
int xb_newfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    struct xb_err *err);

/* The same with that name from the beginning, as if the filesystem knew no other. */
int xb_newfile_open_named(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                          struct xb_err *err);

/* To write text into it: a stream to be closed before it is shown. NULL where that fails. */
FILE *xb_newfile_stream(const struct xb_newfile *file, struct xb_err *err);

/*
 * It is whole: written out, and then given its name. XB_E_INPUT where somebody else's file has come by the name meanwhile
 * and is not to be replaced. The descriptor stays open.
 */
int xb_newfile_show(struct xb_newfile *file, struct xb_err *err);

/* Close it. One that was not shown is gone. */
void xb_newfile_end(struct xb_newfile *file);
#define xb_auto_newfile __attribute__((cleanup(xb_newfile_end)))

#endif
