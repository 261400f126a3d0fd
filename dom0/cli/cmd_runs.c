/*
 * `xenbench runs VERB`: the table of verbs.
 */
#include "cmd_runs.h"

#include "base.h"
#include "verbs.h"

#include <string.h>

static const struct xb_verb verbs[] = {
    {"list", xb_cmd_runs_list, "all runs of the store"},
    {"show", xb_cmd_runs_show, "one run: what, where, how far, why it stopped"},
    {"delete", xb_cmd_runs_delete, "remove runs and all that was measured in them"},
    {"export", xb_cmd_runs_export, "runs as a store of their own, or as JSON"},
    {"import", xb_cmd_runs_import, "take in the runs of another store"},
};

int xb_cmd_runs(struct xb_app *app, int argc, char **argv)
{
    return xb_run_verb(app, "runs", verbs, XB_ARRAY_LEN(verbs), argc, argv);
}
