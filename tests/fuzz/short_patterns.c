/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For fuzzers whose input contains patterns: refuse patterns with many repetitions. Each nested one
 * doubles the size of the C library's compiled pattern, which is not our bug.
 */
#include <regex.h>
#include <string.h>

#define REPEATED_MAX 8
int __real_regcomp(regex_t *out, const char *pattern, int flags);
int __wrap_regcomp(regex_t *out, const char *pattern, int flags);

int __wrap_regcomp(regex_t *out, const char *pattern, int flags)
{
    size_t repeated = 0;
    for (const char *c = pattern; *c; c++)
        repeated += strchr("*+?{", *c) != NULL;
    return repeated > REPEATED_MAX ? REG_ESPACE : __real_regcomp(out, pattern, flags);
}
