/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An experiment from the words of a command line, without a file.
 */
#ifndef XB_ONE_LINE_H
#define XB_ONE_LINE_H

#include "experiment.h"

/* What the command line says. The texts are the caller's; NULL and empty: not given. */
struct xb_one_line {
    const char *name;
    const char *workload;    /* of the catalogue; several with commas between: a case of each */
    const char *guests;      /* how many (3, 1..8), or names with commas between */
    const char *image;       /* for guests that are missing */
    struct xb_texts cases;   /* "NAME: KEY=VALUE ..." */
    struct xb_texts sets;    /* "KEY=VALUE" */
    struct xb_texts command; /* in place of a workload; a single word is for the guest's shell */
};

/* Is `guests` a number of guests to make for the run, rather than names? */
bool xb_one_line_counts(const struct xb_one_line *line);

/* Does any of sets and cases set this key, at whatever place, or name it within a value? */
bool xb_one_line_sets(const struct xb_one_line *line, const char *key);

struct xb_one_line_text {
    char *path; /* in the current directory: paths in the experiment are relative to it */
    char *text;
    struct xb_texts said; /* for each line: the option that asked for it */
};
/*
 * Write the experiment file that the words stand for, with comments. End with
 * xb_one_line_text_clear.
 */
int xb_one_line_write(struct xb_one_line_text *out, const struct xb_one_line *line,
                      struct xb_err *err);
void xb_one_line_text_clear(struct xb_one_line_text *text);

#endif
