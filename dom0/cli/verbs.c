#include "verbs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void usage(FILE *out, const char *command, const struct xb_verb *verbs, size_t count)
{
    fprintf(out, "Usage: xenbench %s VERB [ARGUMENTS]\n\n", command);
    for (size_t i = 0; i < count; i++)
        if (verbs[i].summary)
            fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fprintf(out, "\n`xenbench %s VERB --help` tells more.\n", command);
}

int xb_run_verb(struct xb_app *app, const char *command, const struct xb_verb *verbs, size_t count,
                int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    for (size_t i = 0; i < count; i++) {
        char name[64];
        if (strcmp(word, verbs[i].name) != 0)
            continue;
        snprintf(name, sizeof(name), "%s %s", command, verbs[i].name);
        argv[1] = name;
        return verbs[i].fn(app, argc - 1, argv + 1);
    }
    if (*word && !help)
        fprintf(stderr, "xenbench: no verb `%s %s`\n", command, word);
    usage(help ? stdout : stderr, command, verbs, count);
    return help ? 0 : XB_E_INPUT;
}
