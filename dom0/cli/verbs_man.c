/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual pages' parts that come from the tables of commands. */
#include "verbs.h"

#include <string.h>

#define PAGE "\\fBxenbench\\-%s\\fR(8)"

/* argp's own options, which are in no command's rows. */
static void put_help(const char *of, FILE *out)
{
    fprintf(out,
            ".TP\n\\fB\\-?\\fR, \\fB\\-\\-help\\fR\nPrint a list of %s options.\n"
            ".TP\n\\fB\\-\\-usage\\fR\nPrint %s usage in short.\n",
            of, of);
}

/* The command with all its words, as the user types it. */
static void join(const struct xb_verb *command, const struct xb_verb *verb, char out[64])
{
    snprintf(out, 64, "%s%s%s", command->name, verb ? " " : "", verb ? verb->name : "");
}

static void put_forms(const struct xb_verb *command, FILE *out)
{
    char name[64];
    if (command->opts)
        xb_opts_man_forms(command->name, command->opts, out);
    for (const struct xb_verb *verb = command->verbs; verb && verb->name; verb++) {
        if (!verb->summary)
            continue;
        if (verb != command->verbs)
            fputs(".br\n", out);
        join(command, verb, name);
        xb_opts_man_forms(name, verb->opts, out);
    }
}

static void put_about(const struct xb_verb *command, FILE *out)
{
    fprintf(out, ".SH NAME\nxenbench\\-%s \\- %s\n.SH SYNOPSIS\n", command->name, command->summary);
    put_forms(command, out);
    fputs(".SH DESCRIPTION\n", out);
    if (command->opts)
        xb_opts_man_text(command->opts, out);
}

static void put_verb(const struct xb_verb *command, const struct xb_verb *verb, FILE *out)
{
    char name[64];
    join(command, verb, name);
    fprintf(out, ".SS %s\n", verb->name);
    xb_opts_man_forms(name, verb->opts, out);
    fputs(".PP\n", out);
    xb_opts_man_text(verb->opts, out);
    xb_opts_man_rows(verb->opts, ".PP", out);
}

static void put_options(const struct xb_verb *command, FILE *out)
{
    if (command->opts) {
        fputs(".SH OPTIONS\n", out);
        xb_opts_man_rows(command->opts, ".SS", out);
        put_help("the", out);
        return;
    }
    fputs(".SH VERBS\n", out);
    for (const struct xb_verb *verb = command->verbs; verb->name; verb++)
        if (verb->summary)
            put_verb(command, verb, out);
    fputs(".SS Each verb has also\n", out);
    put_help("its", out);
}

static void put_list(const struct xb_verb *verbs, FILE *out)
{
    for (; verbs->name; verbs++)
        if (verbs->summary)
            fprintf(out, ".TP\n" PAGE "\n%s\n", verbs->name, verbs->summary);
}

int xb_verbs_man(const struct xb_verb *verbs, int argc, char **argv, FILE *out)
{
    if (argc == 0) {
        put_list(verbs, out);
        return 0;
    }
    while (argc == 2 && verbs->name && strcmp(verbs->name, argv[1]) != 0)
        verbs++;
    if (argc != 2 || !verbs->name || !verbs->summary)
        return XB_E_INPUT;
    if (strcmp(argv[0], "about") == 0)
        put_about(verbs, out);
    else
        put_options(verbs, out);
    return 0;
}
