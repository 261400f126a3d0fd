/*
 * Columns of a terminal: Chinese and Japanese characters take two, combining marks none.
 */
#ifndef XB_WIDTH_H
#define XB_WIDTH_H

#include <stddef.h>
#include <stdio.h>

/* The columns that a line of UTF-8 takes, or its first `bytes`. NULL takes none. */
int xb_width(const char *text);
int xb_width_of(const char *text, size_t bytes);

/* The bytes of the longest beginning of text that fits into `columns`, in whole characters with their marks. */
size_t xb_width_cut(const char *text, int columns);

/* As printf's "%-*s" and, where columns is negative, "%*s"; counted in columns. */
void xb_put(FILE *out, const char *text, int columns);

#endif
