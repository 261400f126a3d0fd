/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion in a shell: what can follow the words of a command line. The shells' own parts,
 * docs/man/xenbench.bash-completion and docs/man/_xenbench, only ask and show.
 */
#ifndef XB_COMPLETE_H
#define XB_COMPLETE_H

#include "verbs.h"

/*
 * Print what the last word of argv, which may be empty, can be, a line each: the whole word, a tab,
 * and a text about it. A line of a tab and `files` or `dirs` stands for names of files or of
 * directories. Words that end in `=`, `.` or `:` go on. What cannot be read is left out. options:
 * the names of those that stand before the command.
 */
void xb_complete(struct xb_app *app, const struct xb_verb *commands, const char *const *options,
                 int argc, char **argv, FILE *out);

#endif
