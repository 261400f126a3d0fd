/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison: runs, what differs between them, and a row for each case and guest.
 */
#ifndef XB_COMPARE_MODEL_H
#define XB_COMPARE_MODEL_H

#include "compare.h"
#include "report_model.h"
#include "stats_rank.h"

/* The confidence of verdicts and intervals, and the power for what could have been seen. */
#define XB_COMPARE_CONFIDENCE 0.95
#define XB_COMPARE_ALPHA (1 - XB_COMPARE_CONFIDENCE)
#define XB_COMPARE_POWER 0.8

struct xb_compared_run {
    char letter[2];   /* A is the baseline */
    const char *word; /* as the user named the run */
    struct xb_model model;
    struct xb_traits_row *traits; /* of guests */
    size_t trait_count;
    const char *source; /* the text of the experiment */
    const char *sets;   /* "memory=1G, dom0.vcpus=1": the settings by --set; "": none */
};

enum xb_verdict {
    XB_VERDICT_ALIKE = 0, /* no difference could be seen */
    XB_VERDICT_BETTER,
    XB_VERDICT_WORSE,
    XB_VERDICT_TOO_FEW, /* too few repetitions to show any difference */
    XB_VERDICT_SPOILED, /* the machine beneath took too much CPU time */
    XB_VERDICT_REFUSED, /* the figures are of different kinds, or there are none */
};
#define XB_VERDICTS (XB_VERDICT_REFUSED + 1)
extern const char *const xb_verdict_words[]; /* for programs: alike, better ... */

/* One guest in one case, of a run and of the baseline. */
struct xb_compared {
    size_t run; /* from 1 */
    size_t case_a, case_b, guest_a, guest_b;
    const struct xb_group *a, *b;
    bool ratio;               /* all figures are positive: change is a fraction of A's figure */
    struct xb_rank rank;      /* if ratio, of the logarithms */
    double p_holm;            /* corrected; NaN: p does not decide the verdict */
    double change, low, high; /* of B against A: 0.03 is 3 % more; no ratio: in the metric's unit */
    double beyond;            /* the largest change within the interval, either way */
    double detectable;        /* the smallest increase to be seen; INFINITY: none; NaN: unknown */
    enum xb_verdict verdict;
    const char *why; /* why there is no verdict */
};

struct xb_comparison {
    struct xb_arena arena;
    struct xb_compared_run runs[XB_COMPARE_RUNS];
    size_t run_count;
    struct xb_compared *rows; /* by run, case and guest of the baseline */
    size_t row_count;
    size_t tests; /* rows with a p that counts: Holm's number of comparisons */
    char **alone; /* cases and guests without a counterpart, in words */
    size_t alone_count;
    char **differs; /* what differs between hosts, guests and settings, in words */
    size_t differ_count;
};

/* compare_source.c: find and load the runs. */
int xb_compare_load(struct xb_comparison *c, struct xb_app *app,
                    const struct xb_compare_request *request, struct xb_err *err);
void xb_compare_free(struct xb_comparison *c);
/* compare_match.c: the rows, without figures. XB_E_INPUT if the runs have nothing in common. */
int xb_compare_match(struct xb_comparison *c, const struct xb_compare_request *request,
                     struct xb_err *err);
/* compare_judge.c: figures and verdicts. */
void xb_compare_judge(struct xb_comparison *c);
/* compare_differs.c */
void xb_compare_differs(struct xb_comparison *c);

/* "no pinning"; for a case with two names "no pinning = none". */
void xb_compared_case(const struct xb_comparison *c, const struct xb_compared *row, char *out,
                      size_t bytes);
/* The same with the guest: "no pinning, base". */
void xb_compared_name(const struct xb_comparison *c, const struct xb_compared *row, char *out,
                      size_t bytes);
/* Add words to one of the comparison's lists. */
void xb_compare_say(struct xb_comparison *c, char ***list, size_t *count, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Format a text in the comparison's arena. */
char *xb_compare_text(struct xb_comparison *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
