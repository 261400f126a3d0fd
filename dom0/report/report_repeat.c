/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases compared in pairs; how often each case was repeated, and why it stopped. */
#include "base.h"
#include "report_build_i.h"
#include "stats.h"

#include <math.h>
#include <string.h>

static void say_ratio(const struct xb_paired *r, char *out, size_t bytes)
{
    out[0] = '\0';
    if (r->n > 1)
        snprintf(out, bytes, ", %.3f times (%.3f to %.3f)", r->estimate, r->low, r->high);
}

static void add_pair(struct xb_doc *doc, const struct xb_model *m, const struct xb_model_pair *pair)
{
    const struct xb_paired *d = &pair->difference;
    const struct xb_group *group = xb_model_group(m, pair->a, pair->guest);
    const char *unit = xb_report_unit(group);
    char ratio[96];
    int digits = xb_report_digits(group->value.median);
    say_ratio(&pair->ratio, ratio, sizeof(ratio));
    if (d->n < 2) {
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s less %s, %s: too few pairs to say.",
                   m->cases[pair->b].name, m->cases[pair->a].name, m->guests[pair->guest].name);
        return;
    }
    bool apart = d->low > 0 || d->high < 0;
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "%s less %s, %s: %+.*f%s%s (%+.*f to %+.*f, %.1f %%)%s, from %zu pairs%s.",
               m->cases[pair->b].name, m->cases[pair->a].name, m->guests[pair->guest].name, digits,
               d->estimate, *unit ? " " : "", unit, digits, d->low, digits, d->high,
               100 * d->coverage, ratio, d->n,
               d->coverage < XB_CONFIDENCE ? ": too few to be sure"
               : apart                     ? ""
                                           : ": no difference");
}

void xb_report_add_pairs(struct xb_doc *doc, const struct xb_model *m)
{
    bool ranked = false;
    for (size_t i = 0; i < m->pair_count; i++) {
        add_pair(doc, m, &m->pairs[i]);
        ranked = ranked || m->pairs[i].difference.signed_rank;
    }
    if (m->pair_count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Cases compared in pairs were measured side by side in each round: %s",
               ranked ? "the Hodges-Lehmann estimate of the difference, with the interval of "
                        "Wilcoxon's signed-rank test."
                      : "the median of the differences, with the interval of the sign test.");
}

void xb_report_add_repetitions(struct xb_doc *doc, const struct xb_model *m)
{
    if (!m->run.until)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Repeated until sure");
    for (size_t c = 0; c < m->case_count; c++) {
        const struct xb_model_case *one = &m->cases[c];
        if (!one->stopped)
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %u repetition%s so far.", one->name,
                       one->repetitions, xb_plural(one->repetitions));
        else
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s. %s", one->name,
                       one->stopped_why ? one->stopped_why : "stopped",
                       strcmp(one->stopped, "sure") == 0  ? "It is sure."
                       : strcmp(one->stopped, "max") == 0 ? "It stopped at the maximum."
                                                          : "It stopped when the time was up.");
    }
}
