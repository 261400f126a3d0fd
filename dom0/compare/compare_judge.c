/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of each row, and the verdict. */
#include "alloc.h"
#include "base.h"
#include "compare_model.h"
#include "report_words.h"

#include <math.h>
#include <string.h>

const char *const xb_verdict_words[] = {
    [XB_VERDICT_ALIKE] = "alike",
    [XB_VERDICT_BETTER] = "better",
    [XB_VERDICT_WORSE] = "worse",
    [XB_VERDICT_TOO_FEW] = "too few repetitions",
    [XB_VERDICT_SPOILED] = "spoiled",
    [XB_VERDICT_REFUSED] = "not comparable",
    [XB_VERDICTS] = NULL,
};

static void refuse(struct xb_compared *row, enum xb_verdict verdict, const char *why)
{
    row->verdict = verdict;
    row->why = why;
}

static void check_kind(struct xb_comparison *c, struct xb_compared *row)
{
    const char *letter = c->runs[row->run].letter;
    const char *kinds[][2] = {{xb_report_metric(row->a), xb_report_metric(row->b)},
                              {xb_report_unit(row->a), xb_report_unit(row->b)},
                              {xb_report_better(row->a), xb_report_better(row->b)}};
    static const char *const names[] = {"the figure", "the unit", "better"};
    for (size_t i = 0; i < XB_ARRAY_LEN(kinds) && !row->why; i++)
        if (strcmp(kinds[i][0], kinds[i][1]) != 0)
            refuse(row, XB_VERDICT_REFUSED,
                   xb_compare_text(c, "%s is %s in A, %s in %s", names[i],
                                   *kinds[i][0] ? kinds[i][0] : "none",
                                   *kinds[i][1] ? kinds[i][1] : "none", letter));
    if (!row->why && (row->a->value.n == 0 || row->b->value.n == 0))
        refuse(row, XB_VERDICT_REFUSED,
               xb_compare_text(c, "no figures in %s", row->a->value.n == 0 ? "A" : letter));
}

static void check_spoiled(struct xb_comparison *c, struct xb_compared *row)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[row->run].model;
    const struct xb_model_case *a = &ours->cases[row->case_a], *b = &theirs->cases[row->case_b];
    if (row->why || (!a->spoiled && !b->spoiled))
        return;
    refuse(row, XB_VERDICT_SPOILED,
           xb_compare_text(
               c, "the machine beneath%s took up to %.0f %% of a CPU's time",
               ours->small_lab || theirs->small_lab ? " has fewer CPUs than the lab, and" : "",
               100 * fmax(a->worst_steal, b->worst_steal)));
}

static void take_logarithms(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = log(values[i]);
}

/* Convert a shift on the test's scale to the change that is shown. */
static double shown(const struct xb_compared *row, double shift)
{
    return row->ratio ? expm1(shift) : shift;
}

/* detectable holds the spread until fill_detectable, when the number of tests is known. */
static void fill_figures(struct xb_compared *row)
{
    size_t n_a, n_b;
    xb_auto_free double *a = xb_model_figures(row->a, &n_a);
    xb_auto_free double *b = xb_model_figures(row->b, &n_b);
    row->ratio = row->a->value.min > 0 && row->b->value.min > 0;
    if (row->ratio) {
        take_logarithms(a, n_a);
        take_logarithms(b, n_b);
    }
    row->rank = xb_rank_of(a, n_a, b, n_b, XB_COMPARE_CONFIDENCE);
    row->change = shown(row, row->rank.shift);
    row->low = shown(row, row->rank.low);
    row->high = shown(row, row->rank.high);
    row->beyond = fmax(fabs(row->low), fabs(row->high));
    row->detectable = xb_pooled_sd(a, n_a, b, n_b);
}

/* Fill in the smallest difference that a test would find even if it were the only difference. */
static void fill_detectable(struct xb_comparison *c)
{
    const struct xb_compared *last = NULL;
    double shift = NAN;
    for (size_t i = 0; i < c->row_count; i++) {
        struct xb_compared *row = &c->rows[i];
        if (row->verdict == XB_VERDICT_REFUSED)
            continue;
        if (!last || last->rank.n_a != row->rank.n_a || last->rank.n_b != row->rank.n_b)
            shift = xb_rank_detectable(row->rank.n_a, row->rank.n_b,
                                       XB_COMPARE_ALPHA / (double)(c->tests ? c->tests : 1),
                                       XB_COMPARE_POWER);
        last = row;
        double spread = row->detectable;
        row->detectable = isinf(shift) ? INFINITY : spread > 0 ? shown(row, shift * spread) : NAN;
    }
}

static void judge(struct xb_comparison *c, struct xb_compared *row, double least)
{
    bool more = xb_report_more_is_better(row->a);
    if (least > XB_COMPARE_ALPHA)
        refuse(row, XB_VERDICT_TOO_FEW,
               xb_compare_text(c, "%zu against %zu repetitions cannot show any difference",
                               row->rank.n_a, row->rank.n_b));
    else if (row->p_holm <= XB_COMPARE_ALPHA)
        row->verdict = (row->rank.delta > 0) == more ? XB_VERDICT_BETTER : XB_VERDICT_WORSE;
    else
        row->verdict = XB_VERDICT_ALIKE;
}

/* All comparisons form one family. A row whose least possible p is too large has no verdict. */
static void judge_all(struct xb_comparison *c)
{
    xb_auto_free double *p = xb_calloc(c->row_count + 1, sizeof(*p));
    xb_auto_free double *least = xb_calloc(c->row_count + 1, sizeof(*least));
    size_t n = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        const struct xb_compared *row = &c->rows[i];
        if (row->why)
            continue;
        p[n] = row->rank.p;
        least[n++] = xb_rank_least_p(row->rank.n_a, row->rank.n_b);
    }
    c->tests = n;
    xb_holm(p, n);
    xb_holm(least, n);
    n = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        struct xb_compared *row = &c->rows[i];
        row->p_holm = row->why ? NAN : p[n];
        if (!row->why)
            judge(c, row, least[n++]);
    }
}

void xb_compare_judge(struct xb_comparison *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        check_kind(c, &c->rows[i]);
        if (c->rows[i].verdict != XB_VERDICT_REFUSED)
            fill_figures(&c->rows[i]);
        check_spoiled(c, &c->rows[i]);
    }
    judge_all(c);
    fill_detectable(c);
}
