/*
 * What an experiment will do on a host: for `xenbench plan`, which changes nothing.
 */
#ifndef XB_PLAN_VIEW_H
#define XB_PLAN_VIEW_H

#include "doubts.h"
#include "host_facts.h"
#include "cell_order.h"

#include <stdio.h>

struct xb_plan_doubt {
    uint32_t case_no;
    char *guest; /* NULL: the whole case */
    enum xb_warning warning;
    char *message;
};

/* How long cells take, as far as earlier runs tell. */
struct xb_plan_time {
    uint64_t known_ns;    /* for the cells with comparable earlier runs */
    uint32_t known_cells; /* their number */
    uint64_t most_ns;     /* for the others, if each job runs into its time-out */
    uint32_t by_case;     /* cells known from the same case; the others from their workloads */
};

struct xb_plan_view {
    struct xb_experiment *exp;
    struct xb_host_facts facts;
    bool has_host;       /* facts are known */
    char host_name[256]; /* "this host", or the file; if not has_host, why not */
    uint64_t seed;
    struct xb_plan_cell *cells;
    size_t cell_count;
    struct xb_plan_doubt *doubts;
    size_t doubt_count;
    char **changes; /* in words, each restored */
    size_t change_count;
    char **steps; /* the workloads' commands beside the jobs, in words */
    size_t step_count;
    uint32_t builds; /* how often guests are rebuilt between cells */
    struct xb_plan_time time;
    char refusal[1024]; /* "": the host can do all of it */
};

/* Fill all but the time. Fails only with XB_E_HOST: doubts about the experiment are in the view. */
int xb_plan_view_make(struct xb_plan_view *view, struct xb_err *err);
void xb_plan_view_clear(struct xb_plan_view *view);

/*
 * plan_workloads.c: the commands of the experiment's workloads, and which workloads install
 * nothing. XB_E_INPUT if the catalogue lacks one.
 */
int xb_plan_workloads(struct xb_plan_view *view, struct xb_app *app, struct xb_err *err);
/* plan_changes.c */
void xb_plan_changes(struct xb_plan_view *view);
/* plan_estimate.c: from a store, which is only read (NULL or missing: nothing is known). */
void xb_plan_estimate(struct xb_plan_view *view, struct xb_app *app, const char *store);

/* The number of guests that are rebuilt between a cell of case `before` and one of case `after`. */
uint32_t xb_plan_builds(const struct xb_experiment *exp, uint32_t before, uint32_t after);

void xb_plan_print(const struct xb_plan_view *view, FILE *out);
json_t *xb_plan_to_json(const struct xb_plan_view *view);

#endif
