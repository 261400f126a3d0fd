/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison as a document: what differs, the verdict in a sentence, the table, how to read it.
 */
#include "compare_out.h"

#include "base.h"
#include "report_words.h"

#include <math.h>
#include <string.h>

#define NAME_BYTES 400
#define COLUMNS 7

static void add_runs(struct xb_doc *doc, const struct xb_comparison *c)
{
    for (size_t i = 0; i < c->run_count; i++) {
        const struct xb_run_row *run = &c->runs[i].model.run;
        const char *host = xb_model_fact(&c->runs[i].model, "host_name");
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s: %s, run %.8s of %.16s%s%s%s", c->runs[i].letter,
                   i == 0 ? " (the baseline)" : "", run->name, run->id, run->started_at,
                   host ? " on " : "", host ? host : "",
                   strcmp(run->state, "finished") == 0 ? "" : "; NOT FINISHED");
    }
}

static void add_list(struct xb_doc *doc, const char *heading, char *const *list, size_t count)
{
    if (count > 0)
        xb_doc_add(doc, XB_BLOCK_HEADING, "%s", heading);
    for (size_t i = 0; i < count; i++)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s", list[i]);
}

/* ---- the verdict ---- */

struct tally {
    size_t of[XB_VERDICTS];
    size_t rows;
    const struct xb_compared *most[XB_VERDICTS]; /* the largest change of each verdict */
    const struct xb_compared *widest;            /* of ALIKE: the row that could hide the most */
    const char *faster, *slower;
};

static bool is_larger(const struct xb_compared *row, const struct xb_compared *than)
{
    return !than || (row->ratio && fabs(row->change) > fabs(than->change));
}

static struct tally count(const struct xb_comparison *c, size_t run)
{
    struct tally t = {.faster = "faster", .slower = "slower"};
    for (size_t i = 0; i < c->row_count; i++) {
        const struct xb_compared *row = &c->rows[i];
        if (row->run != run)
            continue;
        t.rows++;
        t.of[row->verdict]++;
        if (is_larger(row, t.most[row->verdict]))
            t.most[row->verdict] = row;
        if (row->verdict == XB_VERDICT_ALIKE && row->ratio &&
            (!t.widest || row->beyond > t.widest->beyond))
            t.widest = row;
        if (row->a->metric) {
            t.faster = "better";
            t.slower = "worse";
        }
    }
    return t;
}

/* "slower in 2 (most: no pinning, base: +7.2 %)" */
static void say_verdict(const struct xb_comparison *c, const struct tally *t, enum xb_verdict kind,
                        const char *word, char *out, size_t bytes)
{
    char name[NAME_BYTES], change[48];
    size_t used = strlen(out);
    const struct xb_compared *most = t->most[kind];
    if (t->of[kind] == 0)
        return;
    xb_compared_name(c, most, name, sizeof(name));
    xb_compared_change(most, most->change, change, sizeof(change));
    snprintf(out + used, bytes - used, "%s%s in %zu (%s%s: %s)", used ? ", " : "", word,
             t->of[kind], t->of[kind] > 1 ? "most: " : "", name, change);
}

static void say_alike(const struct tally *t, char *out, size_t bytes)
{
    size_t used = strlen(out), n = t->of[XB_VERDICT_ALIKE];
    char down[64] = "", size[48];
    if (n == 0)
        return;
    if (t->widest) {
        xb_compared_size(t->widest, t->widest->beyond, size, sizeof(size));
        snprintf(down, sizeof(down), ", down to %s", size);
    }
    if (n == t->rows)
        snprintf(out + used, bytes - used, "no difference could be seen%s", down);
    else
        snprintf(out + used, bytes - used, "%sin %zu no difference could be seen%s",
                 used ? "; " : "", n, down);
}

static void say_unjudged(const struct tally *t, char *out, size_t bytes)
{
    static const struct {
        enum xb_verdict verdict;
        const char *word;
    } kinds[] = {{XB_VERDICT_TOO_FEW, "too few repetitions for a verdict"},
                 {XB_VERDICT_SPOILED, "not judged, since the machine beneath took CPU time"},
                 {XB_VERDICT_REFUSED, "not comparable"}};
    for (size_t i = 0; i < XB_ARRAY_LEN(kinds); i++) {
        size_t used = strlen(out), n = t->of[kinds[i].verdict];
        if (n > 0)
            snprintf(out + used, bytes - used, "%s%zu %s", used ? "; " : "", n, kinds[i].word);
    }
}

static void add_sentence(struct xb_doc *doc, const struct xb_comparison *c, size_t run)
{
    char text[1600] = "";
    struct tally t = count(c, run);
    say_verdict(c, &t, XB_VERDICT_WORSE, t.slower, text, sizeof(text));
    say_verdict(c, &t, XB_VERDICT_BETTER, t.faster, text, sizeof(text));
    say_alike(&t, text, sizeof(text));
    say_unjudged(&t, text, sizeof(text));
    xb_doc_add(doc, XB_BLOCK_LEAD, "%s against A, %zu comparison%s: %s.", c->runs[run].letter,
               t.rows, xb_plural(t.rows), text);
}

/* How many repetitions would suffice, where there are too few. */
static void add_remedy(struct xb_doc *doc, const struct xb_comparison *c)
{
    const struct xb_compared *few = NULL;
    char p[32];
    size_t n = 2;
    for (size_t i = 0; i < c->row_count && !few; i++)
        few = c->rows[i].verdict == XB_VERDICT_TOO_FEW ? &c->rows[i] : NULL;
    if (!few)
        return;
    while (xb_rank_least_p(n, n) * (double)c->tests > XB_COMPARE_ALPHA)
        n++;
    xb_compared_p(xb_rank_least_p(few->rank.n_a, few->rank.n_b), p, sizeof(p));
    xb_doc_add(doc, XB_BLOCK_TEXT,
               "%zu and %zu repetitions are too few: p cannot be less than %s. To judge %zu "
               "comparison%s at the 5 %% level, each run needs at least %zu repetitions.",
               few->rank.n_a, few->rank.n_b, p, c->tests, xb_plural(c->tests), n);
}

static void add_gates(struct xb_doc *doc, const struct xb_compare_out *out)
{
    for (size_t g = 0; g < out->gate_count; g++) {
        char text[1600] = "", name[NAME_BYTES], change[48];
        for (size_t i = 0; i < out->c->row_count; i++) {
            const struct xb_compared *row = &out->c->rows[i];
            size_t used = strlen(text);
            if (!xb_gate_fails(&out->gates[g], row))
                continue;
            xb_compared_name(out->c, row, name, sizeof(name));
            xb_compared_change(row, row->change, change, sizeof(change));
            snprintf(text + used, sizeof(text) - used, "%s%s: %s: %s", used ? "; " : "",
                     out->c->runs[row->run].letter, name, change);
        }
        xb_doc_add(doc, XB_BLOCK_ITEM, "Fail if %s: %s%s.", out->gates[g].text,
                   *text ? "FAILED, " : "passed", text);
    }
}

/* ---- the table ---- */

static bool is_mixed(const struct xb_comparison *c)
{
    for (size_t i = 1; i < c->row_count; i++)
        if (!xb_report_same_figure(c->rows[i].a, c->rows[0].a))
            return true;
    return false;
}

static void put_figure(struct xb_doc *doc, size_t at, size_t column, const struct xb_group *g)
{
    char text[64], below[64];
    int digits = xb_report_digits(g->value.median);
    if (g->value.n == 0)
        snprintf(text, sizeof(text), "-");
    else
        snprintf(text, sizeof(text), "%.*f ± %.*f", digits, g->value.median, digits, g->value.mad);
    int used = snprintf(below, sizeof(below), "n = %zu", g->value.n);
    if (g->failed > 0)
        snprintf(below + used, sizeof(below) - (size_t)used, ", %zu failed", g->failed);
    xb_doc_cell(doc, at, column, text, below);
}

static void put_change(struct xb_doc *doc, size_t at, const struct xb_compared *row)
{
    char text[48], low[48], high[48], below[128];
    xb_compared_change(row, row->change, text, sizeof(text));
    xb_compared_change(row, row->low, low, sizeof(low));
    xb_compared_change(row, row->high, high, sizeof(high));
    if (row->ratio)
        low[strcspn(low, " ")] = '\0';
    int used = snprintf(below, sizeof(below), "%s to %s", low, high);
    if (row->rank.coverage < XB_COMPARE_CONFIDENCE - 0.0005)
        snprintf(below + used, sizeof(below) - (size_t)used, " (%.0f %%)",
                 100 * row->rank.coverage);
    xb_doc_cell(doc, at, 3, text, below);
}

static void put_p(struct xb_doc *doc, size_t at, const struct xb_compared *row, size_t tests)
{
    char text[32] = "", alone[32], below[48];
    xb_compared_p(row->rank.p, alone, sizeof(alone));
    if (!isnan(row->p_holm))
        xb_compared_p(row->p_holm, text, sizeof(text));
    snprintf(below, sizeof(below), "alone %s", alone);
    xb_doc_cell(doc, at, 4, text, tests > 1 || !*text ? below : NULL);
    snprintf(text, sizeof(text), "%+.2f", row->rank.delta);
    xb_doc_cell(doc, at, 5, text, NULL);
}

static void put_verdict(struct xb_doc *doc, size_t at, const struct xb_compared *row)
{
    char below[160] = "", size[48];
    if (row->verdict == XB_VERDICT_ALIKE) {
        xb_compared_size(row, row->beyond, size, sizeof(size));
        snprintf(below, sizeof(below), "none beyond %s", size);
    }
    if (row->verdict <= XB_VERDICT_WORSE && isfinite(row->detectable)) {
        size_t used = strlen(below);
        xb_compared_size(row, row->detectable, size, sizeof(size));
        snprintf(below + used, sizeof(below) - used, "%scould show %s", used ? "\n" : "", size);
    }
    xb_doc_cell(doc, at, 6, xb_compared_word(row), below);
}

static void put_row(struct xb_doc *doc, size_t at, const struct xb_comparison *c,
                    const struct xb_compared *row, bool mixed)
{
    char name[NAME_BYTES], below[NAME_BYTES];
    const char *guest = c->runs[0].model.guests[row->guest_a].name;
    const char *unit = xb_report_unit(row->a);
    xb_compared_case(c, row, name, sizeof(name));
    if (mixed)
        snprintf(below, sizeof(below), "%s: %s%s%s", guest, xb_report_metric(row->a),
                 *unit ? " in " : "", unit);
    else
        snprintf(below, sizeof(below), "%s", guest);
    xb_doc_cell(doc, at, 0, name, below);
    put_figure(doc, at, 1, row->a);
    put_figure(doc, at, 2, row->b);
    if (row->verdict != XB_VERDICT_REFUSED) {
        put_change(doc, at, row);
        put_p(doc, at, row, c->tests);
    }
    put_verdict(doc, at, row);
}

static void add_table(struct xb_doc *doc, const struct xb_comparison *c, size_t run)
{
    const char *head[COLUMNS] = {"case",   "A",      c->runs[run].letter, "change", "p",
                                 "effect", "verdict"};
    const struct xb_compared *first = &c->rows[0];
    bool mixed = is_mixed(c);
    const char *unit = xb_report_unit(first->a);
    char what[160];
    size_t rows = 0;
    for (size_t i = 0; i < c->row_count; i++)
        rows += c->rows[i].run == run;
    snprintf(what, sizeof(what), "%s%s%s, %s is better", xb_report_metric(first->a),
             *unit ? " in " : "", unit, xb_report_better(first->a));
    xb_doc_table(doc, rows + 1, COLUMNS,
                 mixed ? "Each guest's own figure: median ± median absolute deviation" : what);
    xb_doc_heads(doc, head, COLUMNS);
    for (size_t i = 0, at = 1; i < c->row_count; i++)
        if (c->rows[i].run == run)
            put_row(doc, at++, c, &c->rows[i], mixed);
}

/* ---- what follows the tables ---- */

/* The verdict itself says that there are too few repetitions. */
static bool is_listed(const struct xb_compared *row)
{
    return row->why && row->verdict != XB_VERDICT_TOO_FEW;
}

/* Rows with one reason make one item. */
static void add_reasons(struct xb_doc *doc, const struct xb_comparison *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        char names[1200] = "", name[NAME_BYTES];
        const struct xb_compared *row = &c->rows[i];
        bool told = !is_listed(row);
        for (size_t j = 0; j < i && !told; j++)
            told = is_listed(&c->rows[j]) && strcmp(c->rows[j].why, row->why) == 0;
        for (size_t j = i; j < c->row_count && !told; j++) {
            size_t used = strlen(names);
            if (!is_listed(&c->rows[j]) || strcmp(c->rows[j].why, row->why) != 0)
                continue;
            xb_compared_name(c, &c->rows[j], name, sizeof(name));
            snprintf(names + used, sizeof(names) - used, "%s%s", used ? "; " : "", name);
        }
        if (!told)
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s", names, row->why);
    }
}

static void add_unjudged(struct xb_doc *doc, const struct xb_comparison *c)
{
    bool any = c->alone_count > 0;
    for (size_t i = 0; i < c->row_count; i++)
        any = any || is_listed(&c->rows[i]);
    if (!any)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Not compared or not judged");
    for (size_t i = 0; i < c->alone_count; i++)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s", c->alone[i]);
    add_reasons(doc, c);
}

static void add_method(struct xb_doc *doc, const struct xb_comparison *c)
{
    bool exact = true;
    for (size_t i = 0; i < c->row_count; i++)
        exact = exact && (c->rows[i].verdict == XB_VERDICT_REFUSED || c->rows[i].rank.exact);
    xb_doc_add(doc, XB_BLOCK_HEADING, "How to read it");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Figures: median ± median absolute deviation. Change: Hodges-Lehmann estimate of "
               "the ratio to A, with its %.0f %% confidence interval.",
               100 * XB_COMPARE_CONFIDENCE);
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "p: two-sided rank sum test (Mann-Whitney, %s), corrected for %zu comparison%s "
               "(Holm); below 0.05 a difference counts.",
               exact ? "exact" : "exact below 50 repetitions", c->tests, xb_plural(c->tests));
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Effect: Cliff's delta: +1 if every figure is above all of A's, -1 if every figure "
               "is below all of A's, 0 if neither side tends to be higher.");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "None beyond: the confidence interval excludes larger changes. Could show: the "
               "smallest increase that this many repetitions would find with a probability of %.0f "
               "%%, given the spread seen.",
               100 * XB_COMPARE_POWER);
}

void xb_compare_doc(struct xb_doc *doc, const struct xb_compare_out *out)
{
    const struct xb_comparison *c = out->c;
    *doc = (struct xb_doc){0};
    xb_doc_add(doc, XB_BLOCK_TITLE, "Comparison of %zu runs", c->run_count);
    add_runs(doc, c);
    add_list(doc, "What differs", c->differs, c->differ_count);
    xb_doc_add(doc, XB_BLOCK_HEADING, "Verdict");
    for (size_t run = 1; run < c->run_count; run++)
        add_sentence(doc, c, run);
    add_remedy(doc, c);
    add_gates(doc, out);
    for (size_t run = 1; run < c->run_count; run++) {
        xb_compare_plot(doc, c, run);
        add_table(doc, c, run);
    }
    add_unjudged(doc, c);
    add_method(doc, c);
}
