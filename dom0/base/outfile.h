/*
 * Where the user says that output goes: a file, a device, a pipe, a link to one of these, or `-`.
 */
#ifndef XB_OUTFILE_H
#define XB_OUTFILE_H

#include "newfile.h"

/*
 * Begin to write where the user said; xb_newfile_show and xb_newfile_end (newfile.h) end it. `-`, this process's own
 * descriptors (/dev/stdout), devices and pipes are written to as they are. A link is followed, and stays; one that leads
 * nowhere is XB_E_INPUT, as cp has it. A file is new, or with replace takes the place, owner and mode of the one that is
 * there. Block devices are refused. A pipe is waited for until it has a reader, or a stop signal (interrupt.h) is pending.
 * remedy (may be NULL) says what to do about a file that is there already.
 */
int xb_outfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    const char *remedy, struct xb_err *err);

/* The file that path is or leads to, for writers of their own. Devices and the like are refused. */
int xb_outfile_resolve(const char *path, char out[PATH_MAX], struct xb_err *err);

/* Write all of it. A pipe that nobody reads does not keep a pending stop signal from ending this. */
int xb_outfile_write(const struct xb_newfile *file, const void *bytes, size_t count,
                     struct xb_err *err);

/* XB_E_INPUT where it is a terminal, which would obey what such bytes say. */
int xb_outfile_no_terminal(const struct xb_newfile *file, struct xb_err *err);

#endif
