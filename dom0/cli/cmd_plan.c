/* xenbench plan */
#include "base.h"
#include "commands.h"
#include "plan_view.h"

struct plan {
    struct xb_words file, sets;
    const char *host, *store;
    bool json;
};

static const struct xb_opt rows[] = {
    OPT_STRING(struct plan, host, "host", 0, "FILE",
               "Judge by this description of a host, from `xenbench host show`, instead of this "
               "host"),
    OPT_STRINGS(struct plan, sets, "set", 0, "KEY=VALUE", "As with `xenbench run`"),
    OPT_STORE(struct plan, store),
    OPT_JSON(struct plan, json),
    OPT_END,
};

const struct xb_opts xb_opts_plan = {
    .rows = rows,
    .words = OPT_WORDS(struct plan, file, 1, 1, "which experiment? Give its file"),
    .args = "FILE",
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

static int show(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                struct xb_err *err)
{
    const struct xb_texts sets = {.v = plan->sets.v, .count = plan->sets.count};
    if (xb_experiment_read(&view->exp, plan->file.v[0], NULL, &sets, err) < 0 ||
        xb_plan_workloads(view, app, err) < 0 || find_host(app, plan, view, err) < 0)
        return -1;
    view->seed = view->exp->has_seed ? view->exp->seed : 0;
    if (xb_plan_view_make(view, err) < 0)
        return -1;
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

int xb_cmd_plan(struct xb_app *app, int argc, char **argv)
{
    struct plan plan = {0};
    struct xb_plan_view view = {.facts = {.max_cstate = -1}};
    xb_opts_parse(&xb_opts_plan, argc, argv, &plan);
    int r = show(app, &plan, &view, &app->err);
    xb_plan_view_clear(&view);
    xb_words_free(&plan.sets);
    return r < 0 ? (int)app->err.class : 0;
}
