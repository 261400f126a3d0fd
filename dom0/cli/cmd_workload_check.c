/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench workload check: a run of one workload in one guest, in a store of its own. */
#include "agent.h"
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "experiment_opt.h"
#include "files.h"
#include "run.h"
#include "workload_found.h"

#include <argp.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define REPETITIONS_DEFAULT 5

struct request {
    struct xb_words name;
    const char *guest;
    uint32_t repetitions;
    bool quiet, json;
};

static const struct xb_opt rows[] = {
    OPT_STRING(struct request, guest, "guest", 0, "GUEST",
               "Run it in this guest, which is there already, or behind unix:PATH"),
    OPT_NUMBER(struct request, repetitions, "repetitions", 0, "N", 1, 1000,
               "Run it so often (default: 5)"),
    OPT_JSON(struct request, json),
    OPT_QUIET(struct request, quiet),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    if (!((struct request *)out)->guest)
        argp_error(state, "in which guest? --guest GUEST (`xenbench guest list` lists guests)");
}

const struct xb_opts xb_opts_workload_check = {
    .rows = rows,
    .words = OPT_WORDS(struct request, name, 1, 1,
                       "no workload named (`xenbench workload list` lists workloads)"),
    .check = check,
    .args = "WORKLOAD[:ARGUMENT] --guest GUEST",
    .doc = "Run a workload alone in a guest a few times, and say of each metric whether it was "
           "found, and how much it varies.\vNothing is kept. Exit status 1: a metric was not "
           "found in each repetition, or the job failed.",
};

struct checking {
    const struct request *o;
    const struct xb_workload *workload;
    bool missing; /* some repetition lacks a metric */
};

static int report(void *arg, struct xb_store *store, const char *run, struct xb_err *err)
{
    struct checking *c = arg;
    const struct xb_found_spec spec = {c->workload, c->o->repetitions, c->o->json};
    return xb_found_tell(&spec, store, run, &c->missing, err);
}

static int run_in(struct xb_app *app, struct checking *c, const char *store, struct xb_err *err)
{
    const struct request *o = c->o;
    bool socket = strncmp(o->guest, XB_AGENT_UNIX, strlen(XB_AGENT_UNIX)) == 0;
    xb_auto_free char *times = xb_asprintf("repetitions=%u", o->repetitions);
    xb_auto_free char *where =
        socket ? xb_asprintf("guest.socket=%s", o->guest + strlen(XB_AGENT_UNIX)) : NULL;
    char *sets[] = {times, where, NULL};
    const struct xb_one_line line = {
        .workload = o->name.v[0],
        .guests = socket ? "guest" : o->guest,
        .sets = {.v = sets, .count = socket ? 2 : 1},
    };
    struct xb_one_line_text text;
    if (xb_one_line_counts(&line))
        return xb_fail(err, XB_E_INPUT, 0, "--guest %.60s: the name of one guest was expected",
                       o->guest);
    if (xb_one_line_write(&text, &line, err) < 0)
        return -1;
    const struct xb_exp_source source = {.path = text.path, .text = text.text, .said = &text.said};
    const struct xb_run_options options = {.source = &source,
                                           .afresh = true,
                                           .passing = true,
                                           .store = store,
                                           .quiet = o->quiet,
                                           .report = report,
                                           .report_arg = c};
    int r = xb_run(app, &options, err);
    xb_one_line_text_clear(&text);
    return r;
}

static void remove_store(const char *store)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[PATH_MAX];
    for (size_t i = 0; i < XB_ARRAY_LEN(suffixes); i++)
        if (xb_path(path, sizeof(path), NULL, "%s%s", store, suffixes[i]) == 0)
            unlink(path);
}

static int check_workload(struct xb_app *app, const struct request *o, struct xb_err *err)
{
    struct xb_workload *workload;
    char store[PATH_MAX];
    if (xb_workload_find(app, o->name.v[0], &workload, err) < 0)
        return -1;
    struct checking c = {.o = o, .workload = workload};
    int r = xb_path(store, sizeof(store), err, "%s/" XB_WORKLOAD_CHECK_PREFIX "%d.sqlite",
                    app->run_dir, (int)getpid());
    if (r == 0)
        r = xb_make_dirs(app->run_dir, err) < 0 ? -1 : run_in(app, &c, store, err);
    remove_store(store);
    if (r == 0 && c.missing)
        r = xb_fail(err, XB_E_BENCH, 0, "workload %s: a metric was not found in each repetition",
                    workload->name);
    xb_workload_free(workload);
    return r;
}

int xb_cmd_workload_check(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.repetitions = REPETITIONS_DEFAULT};
    xb_opts_parse(&xb_opts_workload_check, argc, argv, &o);
    return check_workload(app, &o, &app->err) < 0 ? (int)app->err.class : 0;
}
