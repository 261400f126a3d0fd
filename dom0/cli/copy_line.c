/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "copy_line.h"

void xb_copy_line_begin(struct xb_copy_line *copy, const char *what)
{
    copy->what = what;
    xb_progress_begin(&copy->line, false);
    xb_progress_step(&copy->line);
}

void xb_copy_line_draw(void *arg, uint64_t done_bytes, uint64_t size_bytes)
{
    struct xb_copy_line *copy = arg;
    xb_progress_bytes(&copy->line, copy->what, done_bytes, size_bytes);
}

void xb_copy_line_end(struct xb_copy_line *copy)
{
    xb_progress_end(&copy->line);
}
