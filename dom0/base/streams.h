/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our standard output: a command whose output cannot be written fails, however it ends.
 */
#ifndef XB_STREAMS_H
#define XB_STREAMS_H

#include "err.h"

#include <stdio.h>

/*
 * For main. A closed standard descriptor is opened such that using it fails, and no file of ours
 * gets its number. At exit, unwritten output is reported and the status becomes XB_E_HOST.
 */
void xb_streams_prepare(void);

/* Flush `out`. If output was lost: XB_E_HOST, "cannot write WHAT: reason", reported once. */
int xb_stream_flush(FILE *out, const char *what, struct xb_err *err);

#endif
