/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the report says, in a sentence or two: the largest difference between cases and guests. */
#include "alloc.h"
#include "base.h"
#include "report_build_i.h"
#include "stats.h"

#include <math.h>

/* A single figure has no spread by which a difference could be judged. */
#define ONE_REPETITION "cannot be judged by one repetition each: give it more (`repetitions`)."

/* Two groups whose medians differ beyond their spread: b over a. */
struct difference {
    const struct xb_group *a, *b;
    size_t case_a, case_b, guest_a, guest_b;
    double ratio;
    bool found;
};

static bool is_comparable(const struct xb_group *a, const struct xb_group *b)
{
    return a->role == XB_ROLE_MEASURED && b->role == XB_ROLE_MEASURED && a->value.median > 0 &&
           b->value.median > 0 && xb_report_same_figure(a, b);
}

/* The comparison in pairs of case a with case b; NULL: there is none. */
static const struct xb_model_pair *pair_of(const struct xb_model *m, size_t a, size_t b, size_t g)
{
    for (size_t i = 0; i < m->pair_count; i++)
        if (m->pairs[i].guest == g && ((m->pairs[i].a == a && m->pairs[i].b == b) ||
                                       (m->pairs[i].a == b && m->pairs[i].b == a)))
            return &m->pairs[i];
    return NULL;
}

static bool differ_in_pairs(const struct xb_model_pair *pair)
{
    const struct xb_paired *d = &pair->difference;
    return d->coverage >= XB_CONFIDENCE && (d->low > 0 || d->high < 0);
}

static void consider(struct difference *most, const struct difference *one)
{
    if (!most->found || fabs(log(one->ratio)) > fabs(log(most->ratio))) {
        *most = *one;
        most->found = true;
    }
}

/*
 * A guest's largest difference between a case and the first. Adds the comparisons to *compared, and
 * those in which both figures have a spread to *judged.
 */
static struct difference between_cases(const struct xb_model *m, size_t *compared, size_t *judged)
{
    struct difference most = {.found = false};
    for (size_t c = 1; c < m->case_count; c++) {
        for (size_t g = 0; !m->cases[c].solo && g < m->guest_count; g++) {
            const struct xb_group *a = xb_model_group(m, 0, g), *b = xb_model_group(m, c, g);
            const struct xb_model_pair *pair = pair_of(m, 0, c, g);
            if (!is_comparable(a, b))
                continue;
            (*compared)++;
            *judged += xb_report_judged(&a->value, &b->value);
            struct difference one = {a, b, 0, c, g, g, b->value.median / a->value.median, false};
            if (pair ? differ_in_pairs(pair) : xb_report_apart(&a->value, &b->value))
                consider(&most, &one);
        }
    }
    return most;
}

/* A case's largest difference between two guests; b has the greater figure. Counts likewise. */
static struct difference between_guests(const struct xb_model *m, size_t *compared, size_t *judged)
{
    struct difference most = {.found = false};
    for (size_t c = 0; c < m->case_count; c++) {
        for (size_t i = 0; !m->cases[c].solo && i < m->guest_count; i++)
            for (size_t j = 0; j < m->guest_count; j++) {
                const struct xb_group *a = xb_model_group(m, c, i), *b = xb_model_group(m, c, j);
                if (i == j || !is_comparable(a, b))
                    continue;
                (*compared)++;
                *judged += xb_report_judged(&a->value, &b->value);
                struct difference one = {a,    b, c, c, i, j, b->value.median / a->value.median,
                                         false};
                if (one.ratio > 1 && xb_report_apart(&a->value, &b->value))
                    consider(&most, &one);
            }
    }
    return most;
}

/* "36 % less time than with", "2.4 times the time of"; to free. */
static char *ratio_words(double ratio, const char *what, const char *than)
{
    if (ratio >= 2 || ratio <= 0.5)
        return xb_asprintf("%.*f times the %s of",
                           ratio < 0.1 ? 3
                           : ratio < 1 ? 2
                                       : 1,
                           ratio, what);
    return xb_asprintf("%.0f %% %s %s %s", 100 * fabs(ratio - 1), ratio < 1 ? "less" : "more", what,
                       than);
}

/* "6.551 s against 3.531 s", to free. */
static char *value_words(const struct difference *d)
{
    int digits = xb_report_digits(fmin(d->a->value.median, d->b->value.median));
    const char *unit = xb_report_unit(d->a), *gap = *unit ? " " : "";
    return xb_asprintf("%.*f%s%s against %.*f%s%s", digits, d->b->value.median, gap, unit, digits,
                       d->a->value.median, gap, unit);
}

static bool is_spoiled(const struct xb_model *m)
{
    for (size_t c = 0; c < m->case_count; c++)
        if (m->cases[c].spoiled)
            return true;
    return false;
}

/* The sentence about cases, to free; "" where none are compared. */
static char *case_words(const struct xb_model *m)
{
    size_t compared = 0, judged = 0;
    const struct difference d = between_cases(m, &compared, &judged);
    if (compared == 0)
        return xb_strdup("");
    if (is_spoiled(m))
        return xb_strdup("The cases cannot be ranked, because the machine beneath the lab took CPU "
                         "time from them.");
    if (!d.found)
        return judged
                   ? xb_asprintf("No case differs from \"%s\" beyond the spread.", m->cases[0].name)
                   : xb_strdup("The cases " ONE_REPETITION);
    xb_auto_free char *ratio = ratio_words(d.ratio, xb_report_metric(d.b), "than with");
    xb_auto_free char *values = value_words(&d);
    return xb_asprintf("With \"%s\", %s %s %s \"%s\" (%s)%s.", m->cases[d.case_b].name,
                       m->guests[d.guest_b].name, d.b->metric ? "reached" : "took", ratio,
                       m->cases[0].name, values,
                       compared > 1 ? ", the largest difference between cases" : "");
}

/* The sentence about guests, to free; "" where none are compared. */
static char *guest_words(const struct xb_model *m)
{
    size_t compared = 0, judged = 0;
    const struct difference d = between_guests(m, &compared, &judged);
    char cpu[64] = "";
    if (compared == 0)
        return xb_strdup("");
    if (!d.found)
        return xb_asprintf("Within %s, the guests %s", m->case_count > 1 ? "each case" : "the case",
                           judged ? "do not differ beyond the spread." : ONE_REPETITION);
    xb_auto_free char *ratio = ratio_words(d.ratio, xb_report_metric(d.b), "than");
    xb_auto_free char *values = value_words(&d);
    if (d.a->share.n > 0 && d.b->share.n > 0 && d.a->share.median > 0)
        snprintf(cpu, sizeof(cpu), " and had %.2f times the CPU time",
                 d.b->share.median / d.a->share.median);
    return xb_asprintf("Within a case, guests differ most with \"%s\": %s %s %s %s (%s)%s.",
                       m->cases[d.case_b].name, m->guests[d.guest_b].name,
                       d.b->metric ? "reached" : "took", ratio, m->guests[d.guest_a].name, values,
                       cpu);
}

/* If there is nothing to compare, say the first figure. */
static void say_figure(struct xb_doc *doc, const struct xb_model *m)
{
    size_t i = 0;
    while (i < m->case_count * m->guest_count && m->groups[i].value.n == 0)
        i++;
    if (i == m->case_count * m->guest_count) {
        xb_doc_add(doc, XB_BLOCK_LEAD, "There are no figures: no job ended successfully.");
        return;
    }
    const struct xb_group *g = &m->groups[i];
    const char *unit = xb_report_unit(g);
    xb_doc_add(doc, XB_BLOCK_LEAD, "%s %s %.*f%s%s, the median of %zu sample%s.",
               m->guests[i % m->guest_count].name, g->metric ? "reached" : "took",
               xb_report_digits(g->value.median), g->value.median, *unit ? " " : "", unit,
               g->value.n, xb_plural(g->value.n));
}

void xb_report_add_verdict(struct xb_doc *doc, const struct xb_model *m)
{
    xb_auto_free char *cases = case_words(m), *guests = guest_words(m);
    xb_doc_add(doc, XB_BLOCK_HEADING, "What it says");
    if (!*cases && !*guests)
        say_figure(doc, m);
    else
        xb_doc_add(doc, XB_BLOCK_LEAD, "%s%s%s", cases, *cases && *guests ? " " : "", guests);
    xb_report_plot_samples(doc, m);
}
