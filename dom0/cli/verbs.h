/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree of commands, as tables. Dispatch, the help, the manual pages, completion and the nearest
 * word for a typo all use these tables.
 */
#ifndef XB_VERBS_H
#define XB_VERBS_H

#include "app.h"
#include "opt.h"

struct xb_verb {
    const char *name; /* NULL: the table's end */
    xb_command_fn *fn;
    const struct xb_opts *opts;
    const char *summary;         /* NULL: not for users */
    const struct xb_verb *verbs; /* instead of fn and opts, for a command with verbs */
};

/*
 * Run the command that argv names; its own argv[0] has all its words ("guest start"). Returns the
 * command's status; XB_E_INPUT if there is no such command.
 */
int xb_run_verb(struct xb_app *app, const struct xb_verb *verbs, int argc, char **argv);

/* Print a line for each command, for help. */
void xb_verbs_list(const struct xb_verb *verbs, FILE *out);
/*
 * verbs_man.c: print a part of a manual page, in troff. Without words: all commands, with their
 * pages. "about COMMAND": name, synopsis and description; "options COMMAND": its options or verbs.
 * Returns XB_E_INPUT for other words.
 */
int xb_verbs_man(const struct xb_verb *verbs, int argc, char **argv, FILE *out);

#endif
