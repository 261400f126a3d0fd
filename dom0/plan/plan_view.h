/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an experiment will do on a host: for `xenbench plan`, which changes nothing.
 */
#ifndef XB_PLAN_VIEW_H
#define XB_PLAN_VIEW_H

#include "doubts.h"
#include "host_facts.h"
#include "shard.h"

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

/* One of the shards into which an experiment can be split. */
struct xb_plan_shard {
    uint32_t from, end; /* its repetitions, from `from` up to but not including `end` */
    size_t cases, cells;
    struct xb_plan_time time;
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
    char **steps; /* the workloads' commands besides the jobs, in words */
    size_t step_count;
    uint32_t builds; /* how often guests are rebuilt between cells */
    struct xb_plan_time time;
    struct xb_shard split; /* count 0: no shards are asked for */
    uint64_t split_seed;
    struct xb_plan_shard *shards; /* split.count */
    uint32_t *shard_of;           /* by case, from 1; 0: in every shard */
    char refusal[1024];           /* "": the host can do all of it */
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
/* plan_estimate.c: fill in the times from a store (NULL: the host's), which is only read. */
void xb_plan_estimate(struct xb_plan_view *view, struct xb_app *app, const char *store);

/*
 * plan_shards.c: split the experiment into split->count shards. XB_E_INPUT if that is impossible.
 * xb_plan_estimate fills in their times.
 */
int xb_plan_shards(struct xb_plan_view *view, const struct xb_shard *split,
                   const struct xb_texts *sets, struct xb_err *err);
/* Is case c measured in shard s, from 0? */
bool xb_plan_shard_has(const struct xb_plan_view *view, uint32_t s, uint32_t case_no);
void xb_plan_print_shards(const struct xb_plan_view *view, FILE *out);
json_t *xb_plan_shards_to_json(const struct xb_plan_view *view);

/* The number of guests that are rebuilt between a cell of case `before` and one of case `after`. */
uint32_t xb_plan_builds(const struct xb_experiment *exp, uint32_t before, uint32_t after);

void xb_plan_print(const struct xb_plan_view *view, FILE *out);
/* "90 s", "12 min", "3.5 h". */
void xb_plan_print_time(FILE *out, uint64_t ns);
json_t *xb_plan_to_json(const struct xb_plan_view *view);
json_t *xb_plan_time_to_json(const struct xb_plan_time *time);

#endif
