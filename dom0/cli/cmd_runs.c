/*
 * `xenbench runs VERB`: the table of verbs.
 */
#include "cmd_runs.h"

#include "base.h"

#include <string.h>

static const struct verb {
    const char *name;
    xb_command_fn *fn;
    const char *summary;
} verbs[] = {
    {"list", xb_cmd_runs_list, "all runs of the store"},
    {"show", xb_cmd_runs_show, "one run: what, where, how far, why it stopped"},
    {"delete", xb_cmd_runs_delete, "remove runs and all that was measured in them"},
    {"export", xb_cmd_runs_export, "runs as a store of their own, or as JSON"},
    {"import", xb_cmd_runs_import, "take in the runs of another store"},
};

static void usage(FILE *out)
{
    fputs("Usage: xenbench runs VERB [ARGUMENTS]\n\n", out);
    for (size_t i = 0; i < XB_ARRAY_LEN(verbs); i++)
        fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n`xenbench runs VERB --help` tells more. `xenbench report` shows what a run found.\n", out);
}

int xb_cmd_runs(struct xb_app *app, int argc, char **argv)
{
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        usage(stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < XB_ARRAY_LEN(verbs); i++) {
        char name[32];
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        snprintf(name, sizeof(name), "runs %s", verbs[i].name);
        argv[1] = name;
        return verbs[i].fn(app, argc - 1, argv + 1);
    }
    if (argc > 1)
        fprintf(stderr, "xenbench: no verb `runs %s`\n", argv[1]);
    usage(stderr);
    return XB_E_INPUT;
}
