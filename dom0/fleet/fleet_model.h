/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shards of an experiment, the kinds of hosts that they ran on, and the joint result.
 */
#ifndef XB_FLEET_MODEL_H
#define XB_FLEET_MODEL_H

#include "fleet.h"
#include "report_doc.h"
#include "shard.h"
#include "stats_strata.h"
#include "store_read_run.h"

#include <jansson.h>

#define XB_FLEET_CONFIDENCE 0.95
#define XB_FLEET_ALPHA (1 - XB_FLEET_CONFIDENCE)

/* One shard. Its figures form one block of the statistics, because it ran on one host. */
struct xb_fleet_shard {
    struct xb_model model;
    uint32_t number;
    const char *host;             /* its name, or "unknown" */
    struct xb_traits_row *traits; /* by guest */
    size_t kind;
    size_t *cases; /* by case of the experiment: its number in the model, or XB_FLEET_NONE */
    /*
     * How much worse its figures are than those of the median host of its kind, as a logarithm:
     * 0.01 is 1 %. NaN: nothing to compare with.
     */
    double level;
    double z; /* modified z-score of level */
};
#define XB_FLEET_NONE SIZE_MAX

/* Hosts that may be pooled: equal in all facts that fleet_kinds.c lists. */
struct xb_fleet_kind {
    size_t shards;
    char *what; /* the facts that differ between kinds, in words */
};

/* The figure of a guest in a case, on all hosts of a kind. */
struct xb_fleet_figure {
    size_t kind, case_no, guest;
    const struct xb_group *group; /* a host's, for the metric */
    size_t hosts, n, failed;
    bool ratio;             /* all figures are positive: spreads are fractions */
    double median;          /* of the hosts' medians */
    double within, between; /* standard deviation of repetitions on one host; between hosts */
};

enum xb_fleet_verdict {
    XB_FLEET_ALIKE = 0,
    XB_FLEET_BETTER,
    XB_FLEET_WORSE,
    XB_FLEET_TOO_FEW,
    XB_FLEET_NO_HOST, /* no host has figures of both cases that may be judged */
};
extern const char *const xb_fleet_verdict_words[]; /* for programs: alike, better ... */

/* Case b compared with case a in a guest: within each host of a kind, then combined. */
struct xb_fleet_change {
    size_t kind, a, b, guest;
    const struct xb_group *group; /* one of case a, for the metric */
    bool ratio;                   /* shifts are of logarithms; change is a fraction */
    struct xb_strata strata;
    double change, low, high;
    struct xb_paired pairs; /* where `compare` names it: round by round, as change; n 0: none */
    double p_holm;          /* NaN: there is no verdict */
    /* Standard deviations, in change's unit: of the hosts' true shifts; of one host's error. */
    double between, error;
    size_t *apart; /* shards whose shift is apart from the others */
    size_t apart_count;
    size_t spoiled; /* shards left out because the machine beneath took CPU time */
    enum xb_fleet_verdict verdict;
};

struct xb_fleet {
    struct xb_arena arena;
    struct xb_experiment *exp; /* with all cases */
    char *text, *overrides;
    uint64_t seed;
    struct xb_shard split;         /* its number means nothing */
    struct xb_fleet_shard *shards; /* in the order of their numbers */
    size_t count;
    struct xb_fleet_kind *kinds;
    size_t kind_count;
    struct xb_fleet_figure *figures; /* by kind, case and guest */
    size_t figure_count;
    struct xb_fleet_change *changes; /* by kind, pair and guest */
    size_t change_count;
    size_t tests; /* changes with a p that counts: Holm's number of comparisons */
    bool named;   /* `compare` names the pairs; else each case is compared with the first */
};

/* fleet_load.c: find the shards, check that they belong together, load them. */
int xb_fleet_load(struct xb_fleet *f, struct xb_app *app, const struct xb_fleet_request *request,
                  struct xb_err *err);
void xb_fleet_free(struct xb_fleet *f);
/* The numbers of the missing shards: "2, 5 to 7". False if none is missing. */
bool xb_fleet_missing(const struct xb_fleet *f, char *out, size_t bytes);

/* fleet_kinds.c */
void xb_fleet_find_kinds(struct xb_fleet *f);

/* fleet_judge.c */
void xb_fleet_judge(struct xb_fleet *f);
/* A shard's group; NULL where the shard has not measured the case in this guest. */
const struct xb_group *xb_fleet_group(const struct xb_fleet *f, size_t shard, size_t case_no,
                                      size_t guest);

/* fleet_level.c: which host is slow. */
void xb_fleet_find_levels(struct xb_fleet *f);
/*
 * How much worse a shard's median is than the median host's, as a logarithm; NaN if the shard has
 * no such figure, no other host of its kind has one, or the figures have no ratio.
 */
double xb_fleet_worse(const struct xb_fleet *f, const struct xb_fleet_figure *row, size_t shard);

/* Indices in f->shards, ordered by kind and, within a kind, from the slowest on; to free. */
size_t *xb_fleet_slowest(const struct xb_fleet *f);

/* fleet_plot.c: add the chart of the hosts, in the order of xb_fleet_slowest. */
void xb_fleet_plot(struct xb_doc *doc, const struct xb_fleet *f, const size_t *order);

/* fleet_doc.c, fleet_json.c */
void xb_fleet_doc(struct xb_doc *doc, const struct xb_fleet *f);
json_t *xb_fleet_json(const struct xb_fleet *f);

#endif
