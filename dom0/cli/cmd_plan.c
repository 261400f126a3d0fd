/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench plan */
#include "base.h"
#include "commands.h"
#include "experiment_opt.h"
#include "plan_view.h"

#include <argp.h>

struct plan {
    struct xb_experiment_opt experiment;
    const char *host, *store;
    uint32_t shards; /* 0: not given */
    int by;          /* enum xb_shard_by plus 1; 0: not given */
    bool json;
};

static const struct xb_opt rows[] = {
    OPT_EXPERIMENT(struct plan, experiment),
    OPT_HEADING("The plan:"),
    OPT_STRING(struct plan, host, "host", 0, "FILE",
               "Judge by this description of a host, from `xenbench host show`, instead of this "
               "host"),
    OPT_NUMBER(struct plan, shards, "shards", 0, "N", 1, XB_SHARDS_MAX,
               "Also show N shards, parts that can be measured apart: `xenbench run --shard K/N` "
               "runs one"),
    OPT_SHARD_BY(struct plan, by),
    OPT_STORE(struct plan, store),
    OPT_JSON(struct plan, json),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    struct plan *plan = out;
    xb_experiment_opt_check(state, &plan->experiment,
                            "which experiment? Give its file, --guests and --workload, or --like");
    if (plan->by && !plan->shards)
        argp_error(state, "--by says what the shards divide: it needs --shards N");
}

const struct xb_opts xb_opts_plan = {
    .rows = rows,
    .words = OPT_WORDS(struct plan, experiment.words, 0, XB_OPT_MANY, NULL),
    .check = check,
    .args = "FILE\n--guests GUESTS --workload WORKLOAD [--case 'NAME: KEY=VALUE ...']...\n"
            "--guests GUESTS [--case ...]... -- COMMAND\n--like RUN",
    .doc =
        "Show what an experiment will do: every cell in order, all changes to the host, how long "
        "it may take, and every doubt about it. Nothing is touched.\v"
        "Exit status 2: the file is wrong, or the host cannot do what it asks.",
};

/* Use --host's description, else this host; without Xen, plan only what needs no host. */
static int find_host(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                     struct xb_err *err)
{
    struct xb_err why = {0};
    if (plan->host) {
        snprintf(view->host_name, sizeof(view->host_name), "%s", plan->host);
        view->has_host = true;
        return xb_host_facts_load(&view->facts, plan->host, err);
    }
    view->has_host = xb_host_facts_read(app, &view->facts, &why) == 0;
    snprintf(view->host_name, sizeof(view->host_name), "%s",
             view->has_host ? "this host" : "no Xen runs here");
    return 0;
}

static int view_experiment(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                           struct xb_err *err)
{
    if (xb_plan_workloads(view, app, err) < 0 || find_host(app, plan, view, err) < 0)
        return -1;
    view->seed = view->exp->has_seed ? view->exp->seed : 0;
    return xb_plan_view_make(view, err);
}

static int show(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                struct xb_err *err)
{
    if (view_experiment(app, plan, view, err) < 0) {
        xb_exp_locate(view->exp, err);
        return -1;
    }
    xb_plan_estimate(view, app, plan->store);
    if (plan->json) {
        json_t *json = xb_plan_to_json(view);
        json_dumpf(json, stdout, JSON_INDENT(2));
        json_decref(json);
        putchar('\n');
    } else {
        xb_plan_print(view, stdout);
    }
    return view->refusal[0] ? xb_fail(err, XB_E_INPUT, 0, "%s", view->refusal) : 0;
}

static int plan_source(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                       struct xb_err *err)
{
    struct xb_experiment_given given;
    int r = xb_experiment_opt_source(&given, app, &plan->experiment, plan->store, err);
    if (r == 0)
        r = xb_experiment_read(&view->exp, &given.source, err);
    if (r == 0 && plan->shards)
        r = xb_plan_shards(view,
                           &(struct xb_shard){.by = (enum xb_shard_by)(plan->by ? plan->by - 1 : 0),
                                              .count = plan->shards},
                           given.source.sets, err);
    xb_experiment_given_clear(&given);
    return r < 0 ? -1 : show(app, plan, view, err);
}

int xb_cmd_plan(struct xb_app *app, int argc, char **argv)
{
    struct plan plan = {.json = false};
    struct xb_plan_view view = {.facts = {.max_cstate = -1}};
    xb_experiment_opt_begin(&plan.experiment, argc, argv);
    xb_opts_parse(&xb_opts_plan, argc, argv, &plan);
    int r = plan_source(app, &plan, &view, &app->err);
    xb_plan_view_clear(&view);
    xb_experiment_opt_clear(&plan.experiment);
    return r < 0 ? (int)app->err.class : 0;
}
