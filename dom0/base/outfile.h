/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output to where the user says: a file, a device, a pipe, a link to one of these, or `-`.
 */
#ifndef XB_OUTFILE_H
#define XB_OUTFILE_H

#include "newfile.h"

#include <stdio.h>

/*
 * Open path for writing; xb_newfile_show and xb_newfile_end end it. `-`, devices and pipes are
 * written in place, links followed (dangling: XB_E_INPUT), block devices refused. A pipe waits for
 * its reader or a stop signal. replace keeps owner and mode; remedy (or NULL) is advice otherwise.
 */
int xb_outfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    const char *remedy, struct xb_err *err);

/*
 * Let print write an output to path, which is replaced once the output is complete, or to stdout if
 * path is NULL. `what` names the output in errors: "the report".
 */
typedef int xb_print_fn(const void *arg, FILE *out, struct xb_err *err);
int xb_outfile_print(const char *path, const char *what, xb_print_fn *print, const void *arg,
                     struct xb_err *err);

/* Resolve path to the file behind it, for callers that write it themselves. Refuses devices etc. */
int xb_outfile_resolve(const char *path, char out[PATH_MAX], struct xb_err *err);

/* Write all bytes. A pending stop signal ends the wait for a pipe that nobody reads. */
int xb_outfile_write(const struct xb_newfile *file, const void *bytes, size_t count,
                     struct xb_err *err);

/* XB_E_INPUT if the output is a terminal, which would interpret such bytes. */
int xb_outfile_no_terminal(const struct xb_newfile *file, struct xb_err *err);

#endif
