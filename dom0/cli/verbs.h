/*
 * Commands that have verbs, as `xenbench guest start` has: one table each, from which the help and the choice both come.
 */
#ifndef XB_VERBS_H
#define XB_VERBS_H

#include "app.h"

#include <stddef.h>

struct xb_verb {
    const char *name;
    xb_command_fn *fn;
    const char *summary; /* NULL: not listed */
};

/*
 * Carry out the verb that argv[1] names, with "COMMAND VERB" as its argv[0]. Without one, or with --help, says which there
 * are. Returns the verb's status; XB_E_INPUT where there is no such verb.
 */
int xb_run_verb(struct xb_app *app, const char *command, const struct xb_verb *verbs, size_t count,
                int argc, char **argv);

#endif
