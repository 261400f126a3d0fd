/*
 * Our standard output: what could not be written is an error of every command, however it ends.
 */
#ifndef XB_STREAMS_H
#define XB_STREAMS_H

#include "err.h"

#include <stdio.h>

/*
 * For main. A standard descriptor that is closed is opened so that using it fails, and no file of ours gets its number. When
 * the process exits with output that could not be written, that is told and the status is XB_E_HOST.
 */
void xb_streams_prepare(void);

/* Write out what `out` has buffered. XB_E_HOST, "cannot write WHAT: reason", where any of it was lost; that is told once. */
int xb_stream_flush(FILE *out, const char *what, struct xb_err *err);

#endif
