/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Column widths on a terminal: Chinese and Japanese characters take two, combining marks none.
 */
#ifndef XB_WIDTH_H
#define XB_WIDTH_H

#include <stddef.h>
#include <stdio.h>

/* The columns of a line of UTF-8, or of its first `bytes`. NULL has none. */
int xb_width(const char *text);
int xb_width_of(const char *text, size_t bytes);

/*
 * The length in bytes of the longest prefix of text that fits into `columns`, never splitting a
 * character from its combining marks.
 */
size_t xb_width_cut(const char *text, int columns);

/* Like printf's "%-*s" or, with negative columns, "%*s", but counting columns. */
void xb_put(FILE *out, const char *text, int columns);

#endif
