/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "app.h"
#include "base.h"
#include "commands.h"
#include "complete.h"
#include "escape.h"
#include "interrupt.h"
#include "journal_kinds.h"
#include "nearest.h"
#include "sandbox.h"
#include "streams.h"
#include "tool.h"
#include "xen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLOR "--color="

static void usage(FILE *out)
{
    fputs("Usage: xenbench [-v|--verbose] [--color=WHEN] [--no-sandbox] COMMAND [ARGUMENTS]\n\n"
          "Benchmarks Xen guests in isolation, from Dom0. -v shows what Xen's and the host's tools "
          "say.\n--no-sandbox, for debugging, reads guests' bytes with root's rights.\n\n",
          out);
    xb_verbs_list(xb_commands, out);
    fputs("\n`xenbench COMMAND --help` tells more; so does man xenbench-COMMAND.\n"
          "Exit status: 0 done, 1 a benchmark or guest failed, 2 usage or input, 3 the host "
          "failed\nor the output could not be written.\n",
          out);
}

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

static int run_command(struct xb_app *app, int argc, char **argv)
{
    int status = xb_run_verb(app, xb_commands, argc, argv);
    if (app->err.class != XB_E_NONE) {
        /* The message may quote a file that somebody else wrote. */
        xb_auto_free char *said = xb_escaped(app->err.msg);
        fprintf(stderr, "xenbench: %s\n", said);
        if (status == 0)
            status = (int)app->err.class;
    }
    return status;
}

/* Options before the command's name: they belong to xenbench itself. */
static const char *const own_options[] = {"verbose", "no-sandbox", "version",
                                          "help",    "color",      NULL};

static int refuse_option(const char *word)
{
    const char *near = strncmp(word, "--", 2) == 0 ? xb_nearest(word + 2, own_options) : NULL;
    if (strncmp(word, COLOR, strlen(COLOR)) == 0)
        fprintf(stderr, "xenbench: %s is none of auto, always, never\n", word);
    else if (near)
        fprintf(stderr, "xenbench: no option `%s`; did you mean `--%s`?\n", word, near);
    else
        fprintf(stderr, "xenbench: no option `%s`\n", word);
    if (!near)
        usage(stderr);
    return XB_E_INPUT;
}

/* --man (for the manual pages' build) and --complete (for a shell). -1: it is another option. */
static int tell(struct xb_app *app, int argc, char **argv)
{
    if (strcmp(argv[0], "--man") == 0)
        return xb_verbs_man(xb_commands, argc - 1, argv + 1, stdout);
    if (strcmp(argv[0], "--complete") != 0)
        return -1;
    xb_complete(app, xb_commands, own_options, argc - 1, argv + 1, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    struct xb_app app = {
        .state_dir = env_or("XENBENCH_STATE", "/var/lib/xenbench"),
        .run_dir = env_or("XENBENCH_RUN", "/run/xenbench"),
        .share_dir = env_or("XENBENCH_SHARE", XB_PREFIX "/share/xenbench"),
        .lib_dir = env_or("XENBENCH_LIB", XB_PREFIX "/lib/xenbench"),
        .conf_path = env_or("XENBENCH_CONF", "/etc/xenbench/xenbench.conf"),
        .journal = xb_journal_kinds,
    };
    xb_streams_prepare();
    xb_signals_prepare();
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "-v") == 0 || strcmp(argv[at], "--verbose") == 0) {
            app.verbose = true;
            setenv(XB_VERBOSE_ENV, "1", 1);
        } else if (strncmp(argv[at], COLOR, strlen(COLOR)) == 0 &&
                   xb_read_color(argv[at] + strlen(COLOR))) {
            continue;
        } else if (strcmp(argv[at], "--no-sandbox") == 0) {
            setenv(XB_NO_SANDBOX_ENV, "1", 1);
        } else if (strcmp(argv[at], "--version") == 0) {
            puts("xenbench " XB_VERSION);
            return 0;
        } else if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            usage(stdout);
            return 0;
        } else {
            int told = tell(&app, argc - at, argv + at);
            return told < 0 ? refuse_option(argv[at]) : told;
        }
    }
    if (at == argc) {
        usage(stderr);
        return XB_E_INPUT;
    }
    int status = run_command(&app, argc - at, argv + at);
    xb_xen_close(app.xen);
    return status;
}
