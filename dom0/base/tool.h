/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running the host's programs, such as lvm, e2fsck, resize2fs and debugfs.
 */
#ifndef XB_TOOL_H
#define XB_TOOL_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define XB_TOOL_SAID_BYTES 400

/* Set by -v: show all output of tools and recipes. */
#define XB_VERBOSE_ENV "XENBENCH_VERBOSE"

/*
 * Run argv[0] (by PATH, no input, C locale) to its end, even after Ctrl-C; our locks stay held even
 * if we are killed. *out (out may be NULL) gets stdout, to be freed, and said the condensed stderr.
 * Returns the exit status, 128 after a signal, -1 with err if it could not be run.
 */
int xb_tool_status(const char *const argv[], char **out, char said[XB_TOOL_SAID_BYTES],
                   struct xb_err *err);

/* Find the program in PATH, else in the administrator's folders. */
bool xb_tool_find(const char *name, char out[PATH_MAX]);

/*
 * As xb_tool_status for a program that reads a guest's filesystem: confined (sandbox.h) to this
 * disk. fds, which -1 ends (NULL: none), stay open in the program, as /proc/self/fd/N.
 */
struct xb_tool_reach {
    const char *disk;
    const int *fds;
};
int xb_tool_status_within(const struct xb_tool_reach *reach, const char *const argv[], char **out,
                          char said[XB_TOOL_SAID_BYTES], struct xb_err *err);

/* The same, requiring exit status 0; otherwise XB_E_HOST: "cannot WHAT: " and the tool's words. */
int xb_tool(const char *const argv[], char **out, struct xb_err *err, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
int xb_tool_within(const struct xb_tool_reach *reach, const char *const argv[], char **out,
                   struct xb_err *err, const char *what, ...) __attribute__((format(printf, 5, 6)));

/*
 * For callers that run a program in another way: condense its output, read from fd, without the
 * lines that begin with drop (NULL: none). With -v all of it is shown.
 */
void xb_tool_words(const char *const argv[], int fd, const char *drop,
                   char said[XB_TOOL_SAID_BYTES]);

#endif
