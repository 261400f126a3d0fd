/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: differences between guests, and between cases. */
#include "base.h"
#include "report_build_i.h"
#include "stats.h"

bool xb_report_judged(const struct xb_stats *a, const struct xb_stats *b)
{
    return a->n > 1 && b->n > 1;
}

bool xb_report_apart(const struct xb_stats *a, const struct xb_stats *b)
{
    return xb_report_judged(a, b) && (a->ci_low > b->ci_high || b->ci_low > a->ci_high) &&
           a->median > 0 && b->median > 0;
}

static void compare_guests(struct xb_doc *doc, const struct xb_model *m, size_t c)
{
    size_t low = 0, high = 0;
    size_t known = 0;
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_group *group = xb_model_group(m, c, g);
        const struct xb_stats *s = &group->value;
        if (s->n == 0 || group->role != XB_ROLE_MEASURED)
            continue;
        /* Figures of different kinds are not compared. */
        if (known > 0 && !xb_report_same_figure(group, xb_model_group(m, c, low)))
            return;
        if (known == 0 || s->median < xb_model_group(m, c, low)->value.median)
            low = g;
        if (known == 0 || s->median > xb_model_group(m, c, high)->value.median)
            high = g;
        known++;
    }
    if (known < 2)
        return;
    const struct xb_group *l = xb_model_group(m, c, low), *h = xb_model_group(m, c, high);
    if (!xb_report_apart(&l->value, &h->value)) {
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s.", m->cases[c].name,
                   xb_report_judged(&l->value, &h->value)
                       ? "no difference between the guests beyond their spread"
                       : "by one repetition each, the guests' difference cannot be judged");
        return;
    }
    char cpu[96] = "";
    if (l->share.n > 0 && h->share.n > 0 && l->share.median > 0)
        snprintf(cpu, sizeof(cpu), "; by Xen's count it had %.2f times the CPU time while all ran",
                 h->share.median / l->share.median);
    if (l->metric)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s reached %.2f times the %s of %s%s.",
                   m->cases[c].name, m->guests[high].name, h->value.median / l->value.median,
                   l->metric, m->guests[low].name, cpu);
    else
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s took %.2f times as long as %s%s.", m->cases[c].name,
                   m->guests[high].name, h->value.median / l->value.median, m->guests[low].name,
                   cpu);
}

/*
 * Is the case compared in pairs with the first? That says more about the two than their intervals.
 */
static bool is_paired_with_first(const struct xb_model *m, size_t c)
{
    for (size_t i = 0; i < m->pair_count; i++)
        if ((m->pairs[i].a == 0 && m->pairs[i].b == c) ||
            (m->pairs[i].b == 0 && m->pairs[i].a == c))
            return true;
    return false;
}

static void compare_with_first(struct xb_doc *doc, const struct xb_model *m, size_t c)
{
    char text[600] = "";
    size_t used = 0, apart_count = 0, compared = 0, judged = 0;
    for (size_t g = 0; g < m->guest_count && used < sizeof(text); g++) {
        const struct xb_group *first = xb_model_group(m, 0, g), *other = xb_model_group(m, c, g);
        const struct xb_stats *a = &first->value, *b = &other->value;
        if (a->n == 0 || b->n == 0 || first->role != XB_ROLE_MEASURED ||
            other->role != XB_ROLE_MEASURED || !xb_report_same_figure(first, other))
            continue;
        compared++;
        judged += xb_report_judged(a, b);
        bool differs = xb_report_apart(a, b);
        apart_count += differs;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s ", used ? ", " : "",
                                 m->guests[g].name);
        if (used < sizeof(text) && differs)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%.2f times",
                                     b->median / a->median);
        else if (used < sizeof(text))
            used += (size_t)snprintf(text + used, sizeof(text) - used, "no difference");
    }
    if (compared == 0)
        return;
    if (apart_count == 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s against %s: %s.", m->cases[c].name, m->cases[0].name,
                   judged ? "no difference beyond the spread"
                          : "not to be judged by one repetition each");
    else
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s against %s, %s: %s.", m->cases[c].name, m->cases[0].name,
                   m->mixed        ? "each its own figure"
                   : m->run.metric ? m->run.metric
                                   : "time",
                   text);
}

static void compare_cases(struct xb_doc *doc, const struct xb_model *m)
{
    double worst = 0;
    bool spoiled = false;
    for (size_t c = 0; c < m->case_count; c++) {
        spoiled = spoiled || m->cases[c].spoiled;
        worst = m->cases[c].worst_steal > worst ? m->cases[c].worst_steal : worst;
    }
    if (m->case_count < 2)
        return;
    if (spoiled) {
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "The cases are not ranked against each other: the machine beneath the lab "
                   "took up to %.0f %% of a CPU's time, and not the same in each case. Within "
                   "a case, the guests' shares hold.",
                   100 * worst);
        return;
    }
    for (size_t c = 1; c < m->case_count; c++)
        if (!m->cases[c].solo && !is_paired_with_first(m, c))
            compare_with_first(doc, m, c);
}

void xb_report_add_findings(struct xb_doc *doc, const struct xb_model *m)
{
    double coverage = 1;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].value.n > 1 && m->groups[i].value.ci_coverage < coverage)
            coverage = m->groups[i].value.ci_coverage;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Differences");
    for (size_t c = 0; c < m->case_count; c++)
        compare_guests(doc, m, c);
    compare_cases(doc, m);
    xb_report_add_pairs(doc, m);
    if (coverage < XB_CONFIDENCE)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Differences are reported only where intervals lie apart. With so few "
                   "repetitions an interval is the whole range seen, which contains the true "
                   "median with only %.0f %%; from 6 repetitions on it is 95 %%.",
                   100 * coverage);
    xb_doc_end_section(doc);
}
