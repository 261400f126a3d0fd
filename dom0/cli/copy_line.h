/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line on the terminal with the progress of a copy.
 */
#ifndef XB_COPY_LINE_H
#define XB_COPY_LINE_H

#include "progress.h"

struct xb_copy_line {
    const char *what;
    struct xb_progress_line line;
};

void xb_copy_line_begin(struct xb_copy_line *copy, const char *what);
/* For struct xb_progress; arg is a struct xb_copy_line. */
void xb_copy_line_draw(void *arg, uint64_t done_bytes, uint64_t size_bytes);
/* Clear the line. */
void xb_copy_line_end(struct xb_copy_line *copy);

#endif
