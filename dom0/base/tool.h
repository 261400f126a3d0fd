/*
 * Programs of the host that do a part of our work: lvm, e2fsck, resize2fs, debugfs.
 */
#ifndef XB_TOOL_H
#define XB_TOOL_H

#include "err.h"

#include <stddef.h>

#define XB_TOOL_SAID_BYTES 400

/* Set by -v: all that tools and recipes say is shown. */
#define XB_VERBOSE_ENV "XENBENCH_VERBOSE"

/*
 * Run argv[0] (found by PATH) with no input and the C locale, and wait for its end. *out (may be
 * NULL: the words are there too) gets what it printed, to free; said gets its words on stderr (said.h). Returns its exit status,
 * 128 where a signal ended it, or -1 with err filled where it could not be run.
 *
 * Ctrl-C does not reach the tool: it comes to its end. Should we be killed meanwhile, the locks that
 * we hold stay held until it has.
 */
int xb_tool_status(const char *const argv[], char **out, char said[XB_TOOL_SAID_BYTES],
                   struct xb_err *err);

/*
 * The same for tools whose exit status must be 0. Where it is not: XB_E_HOST, "cannot WHAT: " and
 * the tool's words.
 */
int xb_tool(const char *const argv[], char **out, struct xb_err *err, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

#endif
