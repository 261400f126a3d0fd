/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds up throughputs over the overlap of all jobs of a cell. */
#include "report_totals.h"

#include "base.h"
#include "store_read_samples.h"

#include <math.h>
#include <string.h>

/* The guests of a case that are added up, in the model's order, and the sums of its cells. */
struct gathering {
    const struct xb_group *first; /* all guests have this group's figure */
    enum xb_figure_kind kind;
    size_t *guests;
    size_t count;
    /* From the cells so far: */
    double *by_cpu, *by_wall, *overlaps, *least, *covers; /* covers: `count` entries per cell */
    size_t cells;
    bool no_cpu; /* some cell has no CPU time */
};

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcasecmp(text + n - m, end) == 0;
}

enum xb_figure_kind xb_figure_kind(const char *unit, const char *better)
{
    static const char *const rates[] = {"/s",    "/sec",       "/ms",        "/us",      "/min",
                                        "/h",    "per second", "per minute", "per hour", "mips",
                                        "flops", "fps",        "bps",        "iops",     "hz"};
    static const char *const others[] = {"s", "ms", "us",    "ns",    "min",   "h",
                                         "%", "x",  "ratio", "score", "points"};
    if (!unit || !*unit || !better || strcmp(better, "more") != 0)
        return XB_FIGURE_OTHER;
    for (size_t i = 0; i < XB_ARRAY_LEN(rates); i++)
        if (ends_in(unit, rates[i]))
            return XB_FIGURE_RATE;
    for (size_t i = 0; i < XB_ARRAY_LEN(others); i++)
        if (strcasecmp(unit, others[i]) == 0)
            return XB_FIGURE_OTHER;
    return XB_FIGURE_WORK;
}

static bool same_metric(const struct xb_group *a, const struct xb_group *b)
{
    return a->metric && b->metric && xb_report_same_figure(a, b);
}

/* Pick the guests to add up in a case; none where their figures differ or do not add up. */
static void pick_guests(const struct xb_model *m, size_t case_no, struct gathering *all)
{
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_group *group = xb_model_group(m, case_no, g);
        if (group->role != XB_ROLE_MEASURED)
            continue;
        if (!all->first)
            all->first = group;
        if (!same_metric(all->first, group)) {
            all->count = 0;
            return;
        }
        all->guests[all->count++] = g;
    }
    all->kind = all->first ? xb_figure_kind(all->first->unit, all->first->better) : XB_FIGURE_OTHER;
    if (all->kind == XB_FIGURE_OTHER || all->count < 2)
        all->count = 0;
}

/* Add up a cell that has the jobs of all guests, by CPU time and by wall time. */
static void add_cell(struct gathering *all, const struct xb_work_row *works)
{
    double by_cpu = 0, by_wall = 0, overlap_s = works[0].overlap_s, longest_s = 0;
    for (size_t i = 0; isnan(works[0].overlap_s) && i < all->count; i++)
        overlap_s = fmin(overlap_s, works[i].wall_s); /* fmin leaves NaN out */
    if (!(overlap_s > 0))
        return;
    for (size_t i = 0; i < all->count; i++) {
        const struct xb_work_row *w = &works[i];
        double work = all->kind == XB_FIGURE_RATE ? w->value * w->wall_s : w->value;
        double part = fmin(1, overlap_s / w->wall_s),
               cpu_part = fmin(1, w->overlap_run_ns / w->run_ns);
        if (isnan(w->overlap_run_ns) || !(w->run_ns > 0) || w->slack > XB_SHARE_ERROR_MAX)
            all->no_cpu = true;
        by_wall += work * part / overlap_s;
        by_cpu += work * cpu_part / overlap_s;
        longest_s = fmax(longest_s, w->wall_s);
        all->covers[all->cells * all->count + i] = part;
    }
    size_t at = all->cells++;
    all->by_cpu[at] = by_cpu;
    all->by_wall[at] = by_wall;
    all->overlaps[at] = overlap_s;
    all->least[at] = fmin(1, overlap_s / longest_s);
}

/* Add up the samples that ended well, cell by cell; a cell that lacks one is left out. */
static int read_cells(size_t case_no, struct gathering *all, const struct xb_read *in)
{
    struct xb_work_row *works;
    size_t count;
    if (xb_read_works(in, case_no, &works, &count) < 0)
        return -1;
    double **figures[] = {&all->by_cpu, &all->by_wall, &all->overlaps, &all->least, &all->covers};
    for (size_t i = 0; i < XB_ARRAY_LEN(figures); i++)
        *figures[i] = xb_arena_alloc(in->arena, count, sizeof(double));
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && works[to].cell == works[from].cell;)
            to++;
        if (to - from >= all->count)
            add_cell(all, &works[from]);
    }
    return 0;
}

static void fill(struct xb_total *t, const struct xb_model *m, const struct gathering *all,
                 struct xb_arena *arena)
{
    t->covers = xb_arena_alloc(arena, m->guest_count, sizeof(*t->covers));
    t->metric = all->first->metric;
    snprintf(t->unit, sizeof(t->unit), "%.40s%s", all->first->unit,
             all->kind == XB_FIGURE_WORK ? "/s" : "");
    t->by_cpu = !all->no_cpu;
    t->rate = xb_stats_of(t->by_cpu ? all->by_cpu : all->by_wall, all->cells);
    t->overlap_s = xb_stats_of(all->overlaps, all->cells);
    t->least = xb_stats_of(all->least, all->cells);
    for (size_t i = 0; i < all->count; i++)
        t->covers[all->guests[i]] =
            xb_stats_over(all->covers + i, all->cells, all->count * sizeof(double), 0);
}

static int load_total(struct xb_model *m, size_t case_no, const struct xb_read *in)
{
    struct gathering all = {.guests = xb_arena_alloc(in->arena, m->guest_count, sizeof(size_t))};
    pick_guests(m, case_no, &all);
    if (all.count && read_cells(case_no, &all, in) < 0)
        return -1;
    if (all.cells)
        fill(&m->totals[case_no], m, &all, in->arena);
    return 0;
}

int xb_totals_load(struct xb_model *m, const struct xb_read *in)
{
    m->totals = xb_arena_alloc(in->arena, m->case_count, sizeof(*m->totals));
    for (size_t c = 0; c < m->case_count; c++)
        if (load_total(m, c, in) < 0)
            return -1;
    return 0;
}
