/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint result of all hosts, as a document. */
#include "alloc.h"
#include "base.h"
#include "compare_out.h"
#include "fleet_model.h"
#include "report_words.h"

#include <math.h>
#include <string.h>

#define HOST_COLUMNS 4
#define CHANGE_COLUMNS 5
#define FIGURE_COLUMNS 5
#define NAME_BYTES 400
#define DIFFERENCES_MAX 20

/* "A", "B" ..., then "27". */
static void name_kind(size_t kind, char out[24])
{
    if (kind < 26)
        snprintf(out, 24, "%c", (char)('A' + kind));
    else
        snprintf(out, 24, "%zu", kind + 1);
}

static void add_state(struct xb_doc *doc, const struct xb_fleet *f)
{
    char missing[400];
    if (xb_fleet_missing(f, missing, sizeof(missing)))
        xb_doc_add(doc, XB_BLOCK_ITEM, "MISSING: shard %s of %u; what follows is without %s.",
                   missing, f->split.count, strpbrk(missing, ",t") ? "them" : "it");
    for (size_t i = 0; i < f->count; i++) {
        const struct xb_run_row *run = &f->shards[i].model.run;
        if (strcmp(run->state, "finished") != 0)
            xb_doc_add(doc, XB_BLOCK_ITEM,
                       "Shard %u on %s is NOT FINISHED: %u of %u cells are done (run %.8s).",
                       f->shards[i].number, f->shards[i].host, run->cells_done, run->cells,
                       run->id);
    }
}

/* Shards are blocks of their own, whatever their hosts are called. */
static void add_same_names(struct xb_doc *doc, const struct xb_fleet *f)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t same = 0;
        bool told = false;
        for (size_t j = 0; j < f->count; j++) {
            bool equal = strcmp(f->shards[i].host, f->shards[j].host) == 0;
            same += equal;
            told = told || (equal && j < i);
        }
        if (same > 1 && !told)
            xb_doc_add(doc, XB_BLOCK_ITEM,
                       "%zu shards ran on hosts that are called %s; each is judged as a host of "
                       "its own.",
                       same, f->shards[i].host);
    }
}

static void add_versions(struct xb_doc *doc, const struct xb_fleet *f)
{
    for (size_t i = 1; i < f->count; i++) {
        const char *first = f->shards[0].model.run.version, *now = f->shards[i].model.run.version;
        if (strcmp(first, now) != 0)
            xb_doc_add(doc, XB_BLOCK_ITEM, "Shard %u was run by xenbench %s, shard %u by %s.",
                       f->shards[i].number, now, f->shards[0].number, first);
    }
}

static void add_kinds(struct xb_doc *doc, const struct xb_fleet *f)
{
    char name[24];
    if (f->kind_count < 2)
        return;
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "The hosts are of %zu kinds, which are judged apart: nothing is pooled over them.",
               f->kind_count);
    for (size_t k = 0; k < f->kind_count; k++) {
        name_kind(k, name);
        xb_doc_add(doc, XB_BLOCK_ITEM, "Kind %s, %zu shard%s: %s", name, f->kinds[k].shards,
                   xb_plural(f->kinds[k].shards), f->kinds[k].what);
    }
}

static const struct {
    size_t at; /* in struct xb_traits_row */
    const char *what;
} digests[] = {
    {offsetof(struct xb_traits_row, disk_sha256), "image's disk"},
    {offsetof(struct xb_traits_row, kernel_sha256), "image's kernel"},
    {offsetof(struct xb_traits_row, initrd_sha256), "image's initramfs"},
    {offsetof(struct xb_traits_row, agent_sha256), "agent"},
};

/* "" where it is not known. */
static const char *digest_of(const struct xb_fleet_shard *s, size_t guest, size_t digest)
{
    const char *const *at = (const void *)((const char *)&s->traits[guest] + digests[digest].at);
    return *at ? *at : "";
}

/* Tell where hosts have other builds of an image: its name is the same, its programs may not be. */
static void add_digest(struct xb_doc *doc, const struct xb_fleet *f, size_t guest, size_t digest)
{
    const struct xb_fleet_shard *first = NULL, *other = NULL;
    for (size_t i = 0; i < f->count && !other; i++) {
        const struct xb_fleet_shard *s = &f->shards[i];
        const char *text = digest_of(s, guest, digest);
        if (*text && !first)
            first = s;
        else if (*text && strcmp(text, digest_of(first, guest, digest)) != 0)
            other = s;
    }
    if (other)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Guest %s: the %s differs between hosts: its digest is %.12s on %s, and %.12s "
                   "on %s (`xenbench image export` copies an image to other hosts).",
                   f->exp->guests[guest].name, digests[digest].what,
                   digest_of(first, guest, digest), first->host, digest_of(other, guest, digest),
                   other->host);
}

static void add_digests(struct xb_doc *doc, const struct xb_fleet *f)
{
    for (size_t g = 0; g < f->exp->guest_count; g++)
        for (size_t d = 0; d < XB_ARRAY_LEN(digests); d++)
            add_digest(doc, f, g, d);
}

/* ---- the hosts ---- */

static void put_level(struct xb_doc *doc, size_t at, const struct xb_fleet_shard *s)
{
    char text[48], below[64];
    if (isnan(s->level)) {
        xb_doc_cell(doc, at, 3, "-", NULL);
        return;
    }
    double percent = 100 * expm1(s->level);
    snprintf(text, sizeof(text), "%+.1f %%", fabs(percent) < 0.05 ? 0 : percent);
    snprintf(below, sizeof(below), "%s, z = %+.1f", s->z > 0 ? "SLOW" : "FAST", s->z);
    xb_doc_cell(doc, at, 3, text, fabs(s->z) > XB_APART_Z ? below : NULL);
}

static void put_host(struct xb_doc *doc, size_t at, const struct xb_fleet *f,
                     const struct xb_fleet_shard *s)
{
    char text[64], kind[24];
    name_kind(s->kind, kind);
    snprintf(text, sizeof(text), "kind %s", kind);
    xb_doc_cell(doc, at, 0, s->host, f->kind_count > 1 ? text : NULL);
    snprintf(text, sizeof(text), "%u", s->number);
    char run[16];
    snprintf(run, sizeof(run), "%.8s", s->model.run.id);
    xb_doc_cell(doc, at, 1, text, run);
    snprintf(text, sizeof(text), "%u of %u", s->model.run.cells_done, s->model.run.cells);
    xb_doc_cell(doc, at, 2, text, NULL);
    put_level(doc, at, s);
}

/* The slowest first, by kind. */
static void add_hosts(struct xb_doc *doc, const struct xb_fleet *f)
{
    static const char *const heads[HOST_COLUMNS] = {"host", "shard, run", "cells",
                                                    "against the median host"};
    xb_auto_free size_t *order = xb_fleet_slowest(f);
    xb_doc_add(doc, XB_BLOCK_HEADING, "Hosts");
    xb_doc_table(doc, f->count + 1, HOST_COLUMNS, "Above 0: slower, or worse");
    xb_doc_heads(doc, heads, HOST_COLUMNS);
    for (size_t i = 0; i < f->count; i++)
        put_host(doc, i + 1, f, &f->shards[order[i]]);
    xb_fleet_plot(doc, f, order);
}

/* ---- words for a change ---- */

static const char *word_of(const struct xb_fleet_change *row)
{
    bool metric = row->group->metric;
    switch (row->verdict) {
    case XB_FLEET_ALIKE:
        return "no difference";
    case XB_FLEET_BETTER:
        return metric ? "better" : "faster";
    case XB_FLEET_WORSE:
        return metric ? "worse" : "slower";
    case XB_FLEET_TOO_FEW:
        return "too few";
    case XB_FLEET_NO_HOST:
        break;
    }
    return "not judged";
}

static void say(const struct xb_fleet_change *row, double value, bool sign, char out[48])
{
    xb_say_change(row->group, row->ratio, value, sign, out, 48);
}

/* ---- the verdict ---- */

/* "-0.1 to +2.3 %" */
static void say_interval(const struct xb_fleet_change *row, double from, double to, char *out,
                         size_t bytes)
{
    char low[48], high[48];
    say(row, from, true, low);
    say(row, to, true, high);
    if (row->ratio)
        low[strcspn(low, " ")] = '\0';
    snprintf(out, bytes, "%s to %s", low, high);
}

static void add_difference(struct xb_doc *doc, const struct xb_fleet *f,
                           const struct xb_fleet_change *row)
{
    char kind[24], change[48], interval[100];
    name_kind(row->kind, kind);
    say(row, row->change, true, change);
    say_interval(row, row->low, row->high, interval, sizeof(interval));
    xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s%s%s less %s, %s: %s, %s (%s), on %zu host%s.",
               f->kind_count > 1 ? "Kind " : "", f->kind_count > 1 ? kind : "",
               f->kind_count > 1 ? ": " : "", f->exp->cases[row->b].name,
               f->exp->cases[row->a].name, f->exp->guests[row->guest].name, word_of(row), change,
               interval, row->strata.used, xb_plural(row->strata.used));
}

static void add_verdict(struct xb_doc *doc, const struct xb_fleet *f)
{
    size_t told = 0, alike = 0;
    if (f->change_count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Verdict");
    for (size_t i = 0; i < f->change_count; i++) {
        enum xb_fleet_verdict verdict = f->changes[i].verdict;
        bool differs = verdict == XB_FLEET_BETTER || verdict == XB_FLEET_WORSE;
        if (differs && told++ < DIFFERENCES_MAX)
            add_difference(doc, f, &f->changes[i]);
        alike += verdict == XB_FLEET_ALIKE;
    }
    if (told > DIFFERENCES_MAX)
        xb_doc_add(doc, XB_BLOCK_ITEM, "and %zu more.", told - DIFFERENCES_MAX);
    if (alike)
        xb_doc_add(doc, XB_BLOCK_ITEM, "In %zu comparison%s no difference could be seen.", alike,
                   xb_plural(alike));
    if (told + alike < f->change_count)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%zu comparison%s without a verdict: too few repetitions, or no host that may "
                   "be judged.",
                   f->change_count - told - alike, xb_plural(f->change_count - told - alike));
}

/* ---- changes, in a table ---- */

static void put_change(struct xb_doc *doc, size_t at, const struct xb_fleet_change *row)
{
    char text[48], below[128];
    say(row, row->change, true, text);
    say_interval(row, row->low, row->high, below, sizeof(below));
    size_t used = strlen(below);
    if (row->strata.coverage < XB_FLEET_CONFIDENCE - 0.0005)
        snprintf(below + used, sizeof(below) - used, " (%.0f %%)", 100 * row->strata.coverage);
    xb_doc_cell(doc, at, 1, text, below);
}

static void put_p(struct xb_doc *doc, size_t at, const struct xb_fleet *f,
                  const struct xb_fleet_change *row)
{
    char text[32], alone[32], below[48];
    xb_compared_p(row->p_holm, text, sizeof(text));
    xb_compared_p(row->strata.p, alone, sizeof(alone));
    snprintf(below, sizeof(below), "alone %s", alone);
    xb_doc_cell(doc, at, 2, text, f->tests > 1 ? below : NULL);
}

static void put_spread(struct xb_doc *doc, size_t at, const struct xb_fleet_change *row)
{
    char text[64], between[48], error[48], below[128] = "";
    snprintf(text, sizeof(text), "%zu", row->strata.used);
    say(row, row->between, false, between);
    say(row, row->error, false, error);
    if (row->strata.used > 1)
        snprintf(below, sizeof(below), "between ± %s, error ± %s", between, error);
    if (row->spoiled) {
        size_t used = strlen(below);
        snprintf(below + used, sizeof(below) - used, "%s%zu not judged", used ? "\n" : "",
                 row->spoiled);
    }
    xb_doc_cell(doc, at, 3, text, below);
}

static void put_row(struct xb_doc *doc, size_t at, const struct xb_fleet *f,
                    const struct xb_fleet_change *row)
{
    char name[NAME_BYTES], below[NAME_BYTES];
    snprintf(name, sizeof(name), "%s less %s", f->exp->cases[row->b].name,
             f->exp->cases[row->a].name);
    snprintf(below, sizeof(below), "%s: %s", f->exp->guests[row->guest].name,
             xb_report_metric(row->group));
    xb_doc_cell(doc, at, 0, name, below);
    if (row->strata.used > 0) {
        put_change(doc, at, row);
        put_p(doc, at, f, row);
    }
    put_spread(doc, at, row);
    snprintf(below, sizeof(below), "%zu host%s apart", row->apart_count,
             xb_plural(row->apart_count));
    xb_doc_cell(doc, at, 4, word_of(row), row->apart_count ? below : NULL);
}

static void add_changes(struct xb_doc *doc, const struct xb_fleet *f, size_t kind)
{
    static const char *const heads[CHANGE_COLUMNS] = {"cases, guest", "change", "p", "hosts",
                                                      "verdict"};
    size_t rows = 0;
    for (size_t i = 0; i < f->change_count; i++)
        rows += f->changes[i].kind == kind;
    if (rows == 0)
        return;
    xb_doc_table(doc, rows + 1, CHANGE_COLUMNS,
                 f->named ? "Cases that are compared" : "Each case against the first");
    xb_doc_heads(doc, heads, CHANGE_COLUMNS);
    for (size_t i = 0, at = 1; i < f->change_count; i++)
        if (f->changes[i].kind == kind)
            put_row(doc, at++, f, &f->changes[i]);
}

/* The same changes from pairs, round by round, as in the report of one run. */
static void add_pairs(struct xb_doc *doc, const struct xb_fleet *f, size_t kind)
{
    for (size_t i = 0; i < f->change_count; i++) {
        const struct xb_fleet_change *row = &f->changes[i];
        const struct xb_paired *pairs = &row->pairs;
        char change[48], interval[100];
        if (row->kind != kind || pairs->n < 2)
            continue;
        say(row, pairs->estimate, true, change);
        say_interval(row, pairs->low, pairs->high, interval, sizeof(interval));
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "In pairs, round by round: %s less %s, %s: %s (%s, %.1f %%), from %zu pairs.",
                   f->exp->cases[row->b].name, f->exp->cases[row->a].name,
                   f->exp->guests[row->guest].name, change, interval, 100 * pairs->coverage,
                   pairs->n);
    }
}

static void add_apart(struct xb_doc *doc, const struct xb_fleet *f, size_t kind)
{
    for (size_t i = 0; i < f->change_count; i++) {
        const struct xb_fleet_change *row = &f->changes[i];
        char hosts[800] = "";
        for (size_t k = 0; row->kind == kind && k < row->apart_count; k++) {
            const struct xb_fleet_shard *s = &f->shards[row->apart[k]];
            size_t used = strlen(hosts);
            snprintf(hosts + used, sizeof(hosts) - used, "%s%s (shard %u)", used ? ", " : "",
                     s->host, s->number);
        }
        if (*hosts)
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s less %s, %s: %s stand%s apart from the other hosts.",
                       f->exp->cases[row->b].name, f->exp->cases[row->a].name,
                       f->exp->guests[row->guest].name, hosts, row->apart_count == 1 ? "s" : "");
    }
}

/* ---- figures ---- */

static void put_figure(struct xb_doc *doc, size_t at, const struct xb_fleet *f,
                       const struct xb_fleet_figure *row)
{
    char text[64], below[NAME_BYTES];
    const char *unit = xb_report_unit(row->group);
    snprintf(below, sizeof(below), "%s: %s%s%s", f->exp->guests[row->guest].name,
             xb_report_metric(row->group), *unit ? " in " : "", unit);
    xb_doc_cell(doc, at, 0, f->exp->cases[row->case_no].name, below);
    snprintf(text, sizeof(text), "%.*f", xb_report_digits(row->median), row->median);
    xb_doc_cell(doc, at, 1, text, NULL);
    snprintf(text, sizeof(text), "%zu", row->hosts);
    int used = snprintf(below, sizeof(below), "n = %zu", row->n);
    if (row->failed)
        snprintf(below + used, sizeof(below) - (size_t)used, ", %zu failed", row->failed);
    xb_doc_cell(doc, at, 2, text, below);
    xb_say_change(row->group, row->ratio, row->within, false, text, sizeof(text));
    xb_doc_cell(doc, at, 3, text, NULL);
    xb_say_change(row->group, row->ratio, row->between, false, text, sizeof(text));
    xb_doc_cell(doc, at, 4, row->hosts > 1 ? text : "-", NULL);
}

static void add_figures(struct xb_doc *doc, const struct xb_fleet *f, size_t kind)
{
    static const char *const heads[FIGURE_COLUMNS] = {"case, guest", "median", "hosts",
                                                      "spread within", "between hosts"};
    size_t rows = 0;
    for (size_t i = 0; i < f->figure_count; i++)
        rows += f->figures[i].kind == kind;
    if (rows == 0)
        return;
    xb_doc_table(doc, rows + 1, FIGURE_COLUMNS, "The median host's figures");
    xb_doc_heads(doc, heads, FIGURE_COLUMNS);
    for (size_t i = 0, at = 1; i < f->figure_count; i++)
        if (f->figures[i].kind == kind)
            put_figure(doc, at++, f, &f->figures[i]);
}

static void add_kind(struct xb_doc *doc, const struct xb_fleet *f, size_t kind)
{
    char name[24];
    name_kind(kind, name);
    if (f->kind_count > 1)
        xb_doc_add(doc, XB_BLOCK_HEADING, "Kind %s", name);
    else
        xb_doc_add(doc, XB_BLOCK_HEADING, "All hosts");
    add_changes(doc, f, kind);
    add_pairs(doc, f, kind);
    add_apart(doc, f, kind);
    add_figures(doc, f, kind);
}

static void add_method(struct xb_doc *doc, const struct xb_fleet *f)
{
    xb_doc_add(doc, XB_BLOCK_HEADING, "How to read it");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Change: repetitions are compared only with those of the same host. The "
               "Hodges-Lehmann estimate over all hosts with its %.0f %% interval, and p by van "
               "Elteren's test, corrected for %zu comparison%s (Holm): is there a difference on "
               "these hosts?",
               100 * XB_FLEET_CONFIDENCE, f->tests, xb_plural(f->tests));
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Between: the standard deviation of the hosts' true changes or medians, beyond what "
               "the repetitions explain. Error: the standard error of one host's estimate. Spread "
               "within: the pooled standard deviation of repetitions within a host.");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Apart, SLOW, FAST: a modified z-score beyond %.1f (Iglewicz and Hoaglin); with "
               "fewer than %d hosts, no host is marked.",
               XB_APART_Z, XB_APART_LEAST);
}

void xb_fleet_doc(struct xb_doc *doc, const struct xb_fleet *f)
{
    *doc = (struct xb_doc){0};
    xb_doc_add(doc, XB_BLOCK_TITLE, "%s: %zu of %u shards by %s", f->exp->name, f->count,
               f->split.count, xb_shard_words[f->split.by]);
    add_state(doc, f);
    add_same_names(doc, f);
    add_versions(doc, f);
    add_kinds(doc, f);
    add_digests(doc, f);
    add_verdict(doc, f);
    add_hosts(doc, f);
    for (size_t kind = 0; kind < f->kind_count; kind++)
        add_kind(doc, f, kind);
    add_method(doc, f);
}
