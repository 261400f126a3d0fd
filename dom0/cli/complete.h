/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion in a shell: what can follow the words of a command line. The shells' own parts,
 * docs/man/xenbench.bash-completion and docs/man/_xenbench, only ask and show.
 */
#ifndef XB_COMPLETE_H
#define XB_COMPLETE_H

#include "verbs.h"

/*
 * Print what the last word of argv (may be "") can become, one per line: the complete word, a tab,
 * a description. A tab and `files` or `dirs` stands for such names. After a word that ends in `=`,
 * `.` or `:` the user types on. What cannot be read is left out. options: those before the command.
 */
void xb_complete(struct xb_app *app, const struct xb_verb *commands, const char *const *options,
                 int argc, char **argv, FILE *out);

#endif
