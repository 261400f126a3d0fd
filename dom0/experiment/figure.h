/*
 * Is a text a number, and the whole of one? Benchmarks write figures in many ways, and a wrong figure is worse than none.
 */
#ifndef XB_FIGURE_H
#define XB_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a text: bytes from and up to these. */
struct xb_span {
    size_t from, to;
};

/*
 * The decimal number that text is, blanks around it left out: 12, -3.5, .5, 1.5e3, and 4,720,415, where commas separate
 * groups of three digits. NULL and *value set, or why it is none (a constant text).
 */
const char *xb_figure_read(const char *text, size_t bytes, double *value);

/*
 * Does the number go on where the pattern that found it does not look: `415` of `4,720,415`, `12` of `12.5` or `1.5` of
 * `1.5e3`? match is what the whole pattern matched in line, group what its first group did. Where the pattern matches what
 * lies beside the group, the cut is its author's. NULL, or why (a constant text); *number is then the whole of it.
 */
const char *xb_figure_cut(const char *line, size_t bytes, struct xb_span match,
                          struct xb_span group, struct xb_span *number);

#endif
