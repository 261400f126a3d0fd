/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run under way, in words.
 */
#ifndef XB_REPORT_WATCH_H
#define XB_REPORT_WATCH_H

#include "store_watch.h"

#include <stdio.h>

/*
 * The view for a terminal of this size: at most `rows` lines of at most `columns`, none of which
 * wraps. Returns the number of lines. end_of_line is put before each newline.
 */
int xb_watch_draw(const struct xb_watch *watch, int columns, int rows, const char *end_of_line,
                  FILE *out);
/* For anything else: a line for each cell that was done since the last look. */
void xb_watch_tell(const struct xb_watch *watch, FILE *out);
/* The last line, once the run has ended or no process works on it. */
void xb_watch_tell_end(const struct xb_watch *watch, FILE *out);

#endif
