/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verbs.h"

#include "nearest.h"

#include <string.h>

#define VERBS_MAX 32

static const struct xb_verb *find(const struct xb_verb *verbs, const char *word)
{
    for (; verbs->name; verbs++)
        if (strcmp(verbs->name, word) == 0)
            return verbs;
    return NULL;
}

void xb_verbs_list(const struct xb_verb *verbs, FILE *out)
{
    for (; verbs->name; verbs++)
        if (verbs->summary)
            fprintf(out, "  %-10s %s\n", verbs->name, verbs->summary);
}

static int usage(const char *command, const struct xb_verb *verbs, bool asked)
{
    FILE *out = asked ? stdout : stderr;
    fprintf(out, "Usage: xenbench %s VERB [ARGUMENTS]\n\n", command);
    xb_verbs_list(verbs, out);
    fprintf(out, "\n`xenbench %s VERB --help` tells more.\n", command);
    return asked ? 0 : XB_E_INPUT;
}

/* command: the words before this one and a blank; "" for the first word. */
static int refuse(const char *command, const struct xb_verb *verbs, const char *word)
{
    const char *names[VERBS_MAX + 1] = {NULL}, *what = *command ? "verb" : "command";
    for (size_t n = 0; verbs->name && n < VERBS_MAX; verbs++)
        if (verbs->summary)
            names[n++] = verbs->name;
    const char *near = xb_nearest(word, names);
    if (near)
        fprintf(stderr, "xenbench: no %s `%s%s`; did you mean `%s%s`?\n", what, command, word,
                command, near);
    else
        fprintf(stderr, "xenbench: no %s `%s%s` (`xenbench %s--help` lists them)\n", what, command,
                word, command);
    return XB_E_INPUT;
}

int xb_run_verb(struct xb_app *app, const struct xb_verb *verbs, int argc, char **argv)
{
    char name[64], before[64] = "";
    const struct xb_verb *command = find(verbs, argv[0]);
    if (!command)
        return refuse("", verbs, argv[0]);
    if (!command->verbs)
        return command->fn(app, argc, argv);
    if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(command->name, command->verbs, argc > 1);
    snprintf(before, sizeof(before), "%s ", command->name);
    const struct xb_verb *verb = find(command->verbs, argv[1]);
    if (!verb)
        return refuse(before, command->verbs, argv[1]);
    snprintf(name, sizeof(name), "%s%s", before, verb->name);
    argv[1] = name;
    return verb->fn(app, argc - 1, argv + 1);
}
