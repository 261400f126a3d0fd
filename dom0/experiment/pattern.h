/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What surrounds the first group of an extended regular expression, which regexec(3) does not tell.
 */
#ifndef XB_PATTERN_H
#define XB_PATTERN_H

#include "figure.h"

#include <stdbool.h>

/* The sides of the first group that may match a part of a number, such as `.*` or `[^:]*`. */
struct xb_pattern_sides {
    bool before, after;
};

struct xb_pattern_sides xb_pattern_sides(const char *pattern);

/* The longest run of plain characters, to find a line that nearly matches. */
struct xb_span xb_pattern_literal(const char *pattern);

#endif
