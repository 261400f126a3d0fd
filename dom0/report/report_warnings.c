/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings: each kind once, with a count, a reason and advice; then one by one. */
#include "alloc.h"
#include "base.h"
#include "report_build_i.h"
#include "warning.h"

#include <string.h>

/* Further cases, or messages, are not named. */
#define CASES_NAMED 3
#define WARNINGS_MAX 40

/* Warnings are sorted by code and message, so those of a kind are neighbours. */
struct group {
    size_t from, to;
    const struct xb_warning_kind *kind; /* NULL: unknown */
    size_t messages;                    /* different ones */
};

static bool is_same_kind(const struct xb_warning_row *a, const struct xb_warning_row *b)
{
    const struct xb_warning_kind *kind = xb_warning_kind_of(a->code);
    return kind ? kind == xb_warning_kind_of(b->code) : strcmp(a->code, b->code) == 0;
}

static struct group group_from(const struct xb_model *m, size_t from)
{
    struct group group = {from, from, xb_warning_kind_of(m->warnings[from].code), 0};
    for (; group.to < m->warning_count && is_same_kind(&m->warnings[from], &m->warnings[group.to]);
         group.to++)
        group.messages += group.to == from || strcmp(m->warnings[group.to].message,
                                                     m->warnings[group.to - 1].message) != 0;
    return group;
}

static bool is_note(const struct xb_model *m, const struct group *group)
{
    return xb_warning_severity(m->warnings[group->from].code) == XB_SEVERITY_NOTE;
}

/* Does no earlier warning of the group name the cell (or the case) of warning i? */
static bool is_new(const struct xb_model *m, size_t from, size_t i, bool by_cell)
{
    for (size_t k = from; k < i; k++)
        if (by_cell ? m->warnings[k].cell == m->warnings[i].cell
                    : m->warnings[k].case_no == m->warnings[i].case_no)
            return false;
    return true;
}

/* The number of cells that warnings name. */
static size_t count_cells(const struct xb_model *m, size_t from, size_t to)
{
    size_t cells = 0;
    for (size_t i = from; i < to; i++)
        cells += m->warnings[i].cell >= 0 && is_new(m, from, i, true);
    return cells;
}

/* "no pinning; a core each; 2 more", to free; "" where the warnings name no case. */
static char *case_names(const struct xb_model *m, size_t from, size_t to)
{
    char *names = xb_strdup("");
    size_t cases = 0;
    for (size_t i = from; i < to; i++) {
        int64_t c = m->warnings[i].case_no;
        if (c < 0 || (size_t)c >= m->case_count || !is_new(m, from, i, false) ||
            cases++ >= CASES_NAMED)
            continue;
        xb_auto_free char *before = names;
        names = xb_asprintf("%s%s%s", before, *before ? "; " : "", m->cases[c].name);
    }
    if (cases > CASES_NAMED) {
        xb_auto_free char *before = names;
        names = xb_asprintf("%s; %zu more", before, cases - CASES_NAMED);
    }
    return names;
}

/* "Dom0 was short of CPU in 5 of 18 cells (no pinning): MESSAGE. ADVICE." */
static void add_kind(struct xb_doc *doc, const struct xb_model *m, const struct group *group)
{
    size_t cells = count_cells(m, group->from, group->to);
    size_t all = m->run.cells_done > cells ? m->run.cells_done : cells;
    xb_auto_free char *names = case_names(m, group->from, group->to);
    xb_auto_free char *where =
        cells > 0 ? xb_asprintf(" in %zu of %zu cell%s", cells, all, xb_plural(all))
                  : xb_strdup("");
    xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s%s%s%s%s: %s.%s%s%s", group->kind->what, where,
               *names ? " (" : "", names, *names ? ")" : "",
               group->messages > 1 ? "; for example" : "", m->warnings[group->from].message,
               group->kind->advice ? " " : "", group->kind->advice ? group->kind->advice : "",
               group->kind->advice ? "." : "");
}

/* The message explains itself. */
static void add_message(struct xb_doc *doc, const struct xb_model *m, const struct group *group)
{
    xb_auto_free char *names = case_names(m, group->from, group->to);
    xb_auto_free char *more = group->messages > 1
                                  ? xb_asprintf(" (and %zu more like it)", group->messages - 1)
                                  : xb_strdup("");
    xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s%s%s", names, *names ? ": " : "",
               m->warnings[group->from].message, more);
}

static void add_all(struct xb_doc *doc, const struct xb_model *m, bool notes)
{
    size_t told = 0;
    for (size_t i = 0; i < m->warning_count;) {
        const struct group group = group_from(m, i);
        i = group.to;
        if (is_note(m, &group) != notes)
            continue;
        if (told++ == 0)
            xb_doc_add(doc, XB_BLOCK_HEADING, notes ? "Good to know" : "Warnings");
        if (group.kind && group.kind->what)
            add_kind(doc, m, &group);
        else
            add_message(doc, m, &group);
    }
}

void xb_report_add_warnings(struct xb_doc *doc, const struct xb_model *m)
{
    add_all(doc, m, false);
    add_all(doc, m, true);
}

/* Equal messages are one item. */
static size_t add_equal(struct xb_doc *doc, const struct xb_model *m, size_t from)
{
    size_t to = from;
    while (to < m->warning_count && strcmp(m->warnings[to].code, m->warnings[from].code) == 0 &&
           strcmp(m->warnings[to].message, m->warnings[from].message) == 0)
        to++;
    xb_auto_free char *names = case_names(m, from, to);
    xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s%s", names, *names ? ": " : "", m->warnings[from].message);
    return to;
}

void xb_report_add_each_warning(struct xb_doc *doc, const struct xb_model *m)
{
    size_t told = 0;
    for (size_t i = 0; i < m->warning_count;) {
        const struct group group = group_from(m, i);
        i = group.to;
        if (group.messages < 2)
            continue;
        for (size_t at = group.from; at < group.to && told <= WARNINGS_MAX;) {
            if (told++ == 0)
                xb_doc_add(doc, XB_BLOCK_FOLD, "Warnings one by one");
            if (told > WARNINGS_MAX)
                xb_doc_add(doc, XB_BLOCK_ITEM, "and more, which are in results.json");
            else
                at = add_equal(doc, m, at);
        }
    }
}
