/*
 * What an extended regular expression says around its first group, which regexec(3) does not tell.
 */
#ifndef XB_PATTERN_H
#define XB_PATTERN_H

#include "figure.h"

#include <stdbool.h>

/* Which sides of the first group have something that matches a part of a number as well as anything else: `.*`, `[^:]*`. */
struct xb_pattern_sides {
    bool before, after;
};

struct xb_pattern_sides xb_pattern_sides(const char *pattern);

/* The longest run of plain characters: a line that nearly matches has them too. */
struct xb_span xb_pattern_literal(const char *pattern);

#endif
