/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_check.h"

#include "base.h"
#include "report_build_i.h"
#include "wakeups.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A guest that wants more and gets less than this part of its promise is short of CPU. */
#define SHORT 0.9

static void percent(const struct xb_stats *s, char *out, size_t bytes)
{
    if (s->n > 0)
        snprintf(out, bytes, "%.0f %%", 100 * s->median);
    else
        snprintf(out, bytes, "-");
}

/* The guest's share of a CPU; if the window is too short for Xen's counts, say so. */
static void got(const struct xb_group *g, char *out, size_t bytes)
{
    if (g->share.n == 0 && g->too_short > 0)
        snprintf(out, bytes, "too short (± %.0f %%)", 100 * g->share_error.median);
    else
        percent(&g->share, out, bytes);
}

static bool has_promises(const struct xb_model *m)
{
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->checks->groups[i].how[0])
            return true;
    return false;
}

static void add_promises(struct xb_doc *doc, const struct xb_model *m)
{
    static const char *const heads[] = {"case",        "guest",      "promised", "got",
                                        "of the host", "guest says", "steal",    "promised by"};
    size_t rows = 0, row = 0;
    for (size_t c = 0; c < m->case_count; c++)
        rows += m->cases[c].solo ? 0 : m->guest_count;
    xb_doc_table(doc, rows + 1, XB_ARRAY_LEN(heads),
                 "CPU time divided by wall time; 100 % is one CPU. Columns: what the settings "
                 "promise a guest whose vcpus always want to run; what Xen gave it while all "
                 "jobs ran; its part of all the host's CPUs in the whole window; what the "
                 "guest says its job used, and how long it had to wait.");
    xb_doc_heads(doc, heads, XB_ARRAY_LEN(heads));
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_check_group *k = &m->checks->groups[i];
        char text[5][40];
        if (m->cases[i / m->guest_count].solo)
            continue;
        row++;
        percent(&k->promised, text[0], sizeof(text[0]));
        got(&m->groups[i], text[1], sizeof(text[1]));
        percent(&m->groups[i].host_share, text[2], sizeof(text[2]));
        percent(&k->claimed, text[3], sizeof(text[3]));
        percent(&k->steal, text[4], sizeof(text[4]));
        xb_doc_cell(doc, row, 0, i % m->guest_count ? "" : m->cases[i / m->guest_count].name, NULL);
        xb_doc_cell(doc, row, 1, m->guests[i % m->guest_count].name, NULL);
        for (size_t t = 0; t < XB_ARRAY_LEN(text); t++)
            xb_doc_cell(doc, row, 2 + t, text[t], NULL);
        xb_doc_cell(doc, row, 7, k->how, NULL);
    }
}

/* List the guests that report waiting for a CPU and got less than they were promised. */
static void add_shorts(struct xb_doc *doc, const struct xb_model *m)
{
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_check_group *k = &m->checks->groups[i];
        const struct xb_stats *got = &m->groups[i].share;
        if (k->promised.n == 0 || got->n == 0 || k->steal.n == 0 ||
            got->median >= SHORT * k->promised.median || k->steal.median < 0.05)
            continue;
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%s: %s was promised %.0f %%, got %.0f %%, and waited for CPUs: others "
                   "(Dom0, domains outside the experiment) ran on them, or the scheduler "
                   "behaves differently from the formula.",
                   m->cases[i / m->guest_count].name, m->guests[i % m->guest_count].name,
                   100 * k->promised.median, 100 * got->median);
    }
}

/* How many shares are left out, and why. */
static void add_too_short(struct xb_doc *doc, const struct xb_model *m)
{
    size_t too_short = 0, all = 0;
    double most = 0;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_group *g = &m->groups[i];
        too_short += g->too_short;
        all += g->too_short + g->share.n;
        most = g->too_short > 0 ? fmax(most, g->share_error.max) : most;
    }
    if (too_short > 0)
        xb_doc_add(
            doc, XB_BLOCK_ITEM,
            "Windows: %zu of %zu are too short for a share of a CPU. Xen's counts are read a "
            "little before the release and a little after the first job's end, so they cover time "
            "outside the window, here up to %.0f %% of its length. Above %.0f %% a share is "
            "neither shown, nor checked against a promise, nor compared. Longer jobs avoid this.",
            too_short, all, 100 * most, 100 * XB_SHARE_ERROR_MAX);
}

static void add_settings(struct xb_doc *doc, const struct xb_checks *k)
{
    if (k->readings == 0)
        return;
    if (k->differing == 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Settings: read back %zu times, at both edges of each window; all were as "
                   "asked.",
                   k->readings);
    else
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Settings: %zu of %zu readings at the windows' edges were not as asked; the "
                   "warnings say which.",
                   k->differing, k->readings);
}

static void add_dom0(struct xb_doc *doc, const struct xb_checks *k)
{
    if (k->probes == 0)
        return;
    if (isnan(k->worst_steal)) {
        xb_doc_add(
            doc, XB_BLOCK_ITEM,
            "Dom0 itself: it is unknown whether its vcpus had to wait, because that is counted "
            "in ticks of 10 ms and no window lasted 0.2 s or more.");
        return;
    }
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Dom0 itself: at worst its vcpus waited for %.1f %% of a window (all added up), "
               "and a task in it waited for a vcpu for %.1f %%. %s",
               100 * k->worst_steal, isnan(k->worst_pressure) ? 0 : 100 * k->worst_pressure,
               k->shorts ? "It was short of CPU: see the warnings." : "It was not short of CPU.");
}

static void add_wakeups(struct xb_doc *doc, const struct xb_checks *k)
{
    if (k->agents == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Wake-ups while jobs ran: an agent at most %" PRIu64 " (budget %d; the job's end is "
               "one), the controller at most %" PRIu64
               " in a cell (budget: one for each job, plus %d)%s",
               k->most_agent, XB_AGENT_WAKEUPS_MAX, k->most_controller, XB_CONTROLLER_WAKEUPS_MORE,
               k->over ? "; the warnings say where the budget was exceeded." : ".");
}

/* Absent counters: one item for all of them, with the first reason given. */
static void add_counters(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    size_t absent = 0, present = 0;
    const char *why = NULL;
    for (size_t i = 0; i < k->counter_count; i++) {
        absent += k->counters[i].value.n == 0;
        present += k->counters[i].value.n > 0;
        if (k->counters[i].why && !why)
            why = k->counters[i].why;
    }
    if (absent > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s.", present ? "Absent in some samples" : "None",
                   why ? why : "not told why");
    for (size_t i = 0; i < k->counter_count; i++) {
        const struct xb_check_counter *c = &k->counters[i];
        if (c->value.n > 0 && c->case_no < m->case_count)
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s, %s: %s %.4g (%.4g to %.4g)",
                       m->cases[c->case_no].name, c->guest, c->name, c->value.median, c->value.min,
                       c->value.max);
    }
}

void xb_check_counters_add(struct xb_doc *doc, const struct xb_model *m)
{
    if (m->checks->counter_count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_FOLD, "Performance counters");
    add_counters(doc, m);
}

void xb_checks_add(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    bool promised = has_promises(m);
    if (promised)
        add_shorts(doc, m);
    add_settings(doc, k);
    add_too_short(doc, m);
    add_dom0(doc, k);
    add_wakeups(doc, k);
    xb_report_plot_shares(doc, m);
    if (promised)
        add_promises(doc, m);
}
