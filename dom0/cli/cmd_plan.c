/* xenbench plan */
#include "alloc.h"
#include "app.h"
#include "base.h"
#include "options.h"
#include "plan_view.h"

#include <string.h>

enum { OPT_HOST = 256, OPT_JSON, OPT_STORE, OPT_SET };

struct plan {
    const char *file, *host, *store;
    struct xb_texts sets; /* borrowed from the command line */
    bool json;
};

static const struct argp_option options[] = {
    {"host", OPT_HOST, "FILE", 0,
     "judge by this description of a host (`xenbench host show` writes one) rather than this one",
     0},
    {"set", OPT_SET, "KEY=VALUE", 0, "as with `xenbench run`", 0},
    {"store", OPT_STORE, "FILE", 0, "estimate times from FILE rather than from the host's store",
     0},
    {"json", OPT_JSON, NULL, 0, "for programs", 0},
    {0},
};

static error_t add_set(struct plan *plan, char *value)
{
    plan->sets.v = xb_reallocarray(plan->sets.v, plan->sets.count + 1, sizeof(*plan->sets.v));
    plan->sets.v[plan->sets.count++] = value;
    return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct plan *plan = state->input;
    switch (key) {
    case OPT_HOST:
        plan->host = value;
        return 0;
    case OPT_STORE:
        plan->store = value;
        return 0;
    case OPT_JSON:
        plan->json = true;
        return 0;
    case OPT_SET:
        return add_set(plan, value);
    case ARGP_KEY_ARG:
        if (plan->file)
            argp_error(state, "one experiment at a time: %s", value);
        plan->file = value;
        return 0;
    case ARGP_KEY_END:
        if (!plan->file)
            argp_error(state, "which experiment? Give its file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse_option,
    "FILE",
    "Show what an experiment will do: every cell in its order, what is changed on the host and put "
    "back, how long it may take, and every doubt about it. Nothing is touched.\v"
    "Exit status 2: the file is wrong, or the host cannot give what it asks for.",
    NULL,
    NULL,
    NULL,
};

/* This host where it is one, another by its description; without either, what needs none. */
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
             view->has_host ? "this host" : "no Xen is here");
    return 0;
}

static int show(struct xb_app *app, const struct plan *plan, struct xb_plan_view *view,
                struct xb_err *err)
{
    if (xb_experiment_read(&view->exp, plan->file, NULL, &plan->sets, err) < 0 ||
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
    xb_options_parse(&parser, argc, argv, &plan);
    int rc = show(app, &plan, &view, &app->err);
    xb_plan_view_clear(&view);
    free(plan.sets.v);
    return rc < 0 ? (int)app->err.class : 0;
}
