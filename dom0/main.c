#include "app.h"
#include "interrupt.h"
#include "journal_kinds.h"
#include "streams.h"
#include "tool.h"
#include "verbs.h"
#include "xen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct xb_verb commands[] = {
    {"doctor", xb_cmd_doctor, "is this a Dom0 fit to measure on?"},
    {"image", xb_cmd_image, "build, list and remove the images that guests are made from"},
    {"workload", xb_cmd_workload, "list and show the benchmarks of the catalogue"},
    {"guest", xb_cmd_guest, "create, list, start, stop, save, restore guests; their console"},
    {"exec", xb_cmd_exec, "run a command in one or more guests"},
    {"push", xb_cmd_push, "copy a file into guests"},
    {"pull", xb_cmd_pull, "copy a file out of a guest"},
    {"plan", xb_cmd_plan,
     "what an experiment will do, how long it takes, and what speaks against it"},
    {"run", xb_cmd_run, "run an experiment file"},
    {"runs", xb_cmd_runs, "list, show, delete, export and import what was run"},
    {"report", xb_cmd_report, "the tables and plots of a run"},
    {"trace", xb_cmd_trace, "what vcpus did, from a file of xentrace"},
    {"host", xb_cmd_host,
     "prepare a bare Dom0 as a host to measure on, undo that; describe a host"},
    {"lifecycle", xb_cmd_lifecycle, "how long guests take to boot, be saved, restored, shut down"},
    {"clean", xb_cmd_clean, "put the host back and remove what xenbench made"},
    {"domain-helper", xb_cmd_domain_helper, NULL},
};

static void usage(FILE *out)
{
    fputs("Usage: xenbench [-v|--verbose] COMMAND [ARGUMENTS]\n\n"
          "Benchmarks Xen guests in isolation, from Dom0. -v shows what Xen's and the host's tools "
          "say.\n\n",
          out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (commands[i].summary)
            fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`xenbench COMMAND --help` tells more; so does xenbench(8).\n"
          "Exit status: 0 done, 1 a benchmark or guest failed, 2 usage or input, 3 the host "
          "failed\nor the output could not be written.\n",
          out);
}

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

static const struct xb_verb *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int run_command(struct xb_app *app, int argc, char **argv)
{
    const struct xb_verb *command = find_command(argv[0]);
    if (!command) {
        fprintf(stderr, "xenbench: no command `%s` (`xenbench --help` lists them)\n", argv[0]);
        return XB_E_INPUT;
    }
    int status = command->fn(app, argc, argv);
    if (app->err.class != XB_E_NONE) {
        fprintf(stderr, "xenbench: %s\n", app->err.msg);
        if (status == 0)
            status = (int)app->err.class;
    }
    return status;
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
        } else if (strcmp(argv[at], "--version") == 0) {
            puts("xenbench " XB_VERSION);
            return 0;
        } else {
            bool help = strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0;
            if (!help)
                fprintf(stderr, "xenbench: no option `%s`\n", argv[at]);
            usage(help ? stdout : stderr);
            return help ? 0 : XB_E_INPUT;
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
