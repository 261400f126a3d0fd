/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `xenbench selftest`. */
#include "commands.h"
#include "selftest.h"

#include <argp.h>

#define ROUNDS_DEFAULT 10

static const struct xb_opt rows[] = {
    OPT_STRING(struct xb_selftest_options, image, "image", 0, "IMAGE",
               "Make the guests from this image (default: micro)"),
    OPT_WORD(struct xb_selftest_options, type, "type", xb_guest_type_words + XB_GUEST_TYPE_PV,
             XB_GUEST_TYPE_PV, "Their type (default: as for `guest create`)"),
    OPT_TRUE(struct xb_selftest_options, bench, "bench", 0,
             "Then measure what xenbench itself takes, beside xl and libxenvchan alone"),
    OPT_NUMBER(struct xb_selftest_options, rounds, "rounds", 0, "N", 1, 1000,
               "With --bench: measure each row so often (default: 10)"),
    OPT_STRING(struct xb_selftest_options, json, "json", 0, "FILE",
               "Write all of it to FILE (`-`: stdout, in place of the text)"),
    OPT_QUIET(struct xb_selftest_options, quiet),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    struct xb_selftest_options *options = out;
    if (options->rounds && !options->bench)
        argp_error(state, "--rounds are those of the bench: it needs --bench");
    if (!options->rounds)
        options->rounds = ROUNDS_DEFAULT;
}

const struct xb_opts xb_opts_selftest = {
    .rows = rows,
    .check = check,
    .doc = "Try xenbench on this host: make three guests, boot them, run commands and an "
           "experiment in them, copy a file, write a checkpoint and restore it, shut them down."
           "\vThe guests are called selftest-1, selftest-2 and so on, and are removed at the end, "
           "whatever happened. Exit status 1: a guest failed at one of the steps.",
};

int xb_cmd_selftest(struct xb_app *app, int argc, char **argv)
{
    struct xb_selftest_options options = {.image = "micro"};
    xb_opts_parse(&xb_opts_selftest, argc, argv, &options);
    xb_selftest(app, &options, &app->err);
    return (int)app->err.class;
}
