/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a text a number, and the complete number? Benchmarks write figures in many ways, and a wrong
 * figure is worse than none.
 */
#ifndef XB_FIGURE_H
#define XB_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a text, from `from` up to but not including `to`. */
struct xb_span {
    size_t from, to;
};

/*
 * Parse a decimal number, ignoring blanks around it: 12, -3.5, .5, 1.5e3, and 4,720,415 with commas
 * between groups of three digits. Returns NULL and sets *value, or returns the reason (a constant)
 * why the text is not a number.
 */
const char *xb_figure_read(const char *text, size_t bytes, double *value);

/*
 * Did the pattern cut the number, such as `415` of `4,720,415`, `12` of `12.5` or `1.5` of `1.5e3`?
 * A side of the group is open if the pattern does not say what stands there; a cut on a closed side
 * is the author's intention. Returns NULL, or why (a constant), with *number the word around it.
 */
const char *xb_figure_cut(const char *line, size_t bytes, struct xb_span group, bool open_before,
                          bool open_after, struct xb_span *number);

#endif
