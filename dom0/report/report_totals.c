/* Throughputs added up over the overlap of all jobs of a cell, out of the store. */
#include "report_totals.h"

#include "base.h"
#include "report_model_i.h"

#include <math.h>
#include <string.h>

/* One guest's job in one cell. */
struct share {
    double value, wall_s, overlap_run_ns, run_ns;
    double error; /* of overlap_run_ns, in parts of the overlap */
};

/* A cell with the jobs of all guests that are added up, in the order of the model's guests. */
struct gathering {
    const struct xb_group *first; /* whose figure all have */
    enum xb_figure_kind kind;
    size_t *guests;
    size_t count;
    struct share *shares; /* as guests */
    size_t have;          /* shares of the cell that are read */
    uint32_t cell;
    double overlap_s; /* NaN: only the jobs' own times tell */
    /* What came of the cells so far: */
    double *by_cpu, *by_wall, *overlaps, *least, *covers; /* covers: count for each cell */
    size_t cells;
    bool no_cpu; /* of any cell */
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

static bool same_figure(const struct xb_group *a, const struct xb_group *b)
{
    return a->metric && b->metric && strcmp(a->metric, b->metric) == 0 && a->unit && b->unit &&
           strcmp(a->unit, b->unit) == 0;
}

/* Who is added up in a case; none where they have not all the same figure of a kind that adds up. */
static void pick_guests(const struct xb_model *m, size_t case_no, struct gathering *all)
{
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_group *group = xb_model_group(m, case_no, g);
        if (group->role != XB_ROLE_MEASURED)
            continue;
        if (!all->first)
            all->first = group;
        if (!same_figure(all->first, group)) {
            all->count = 0;
            return;
        }
        all->guests[all->count++] = g;
    }
    all->kind = all->first ? xb_figure_kind(all->first->unit, all->first->better) : XB_FIGURE_OTHER;
    if (all->kind == XB_FIGURE_OTHER || all->count < 2)
        all->count = 0;
}

static int keep(double **values, size_t at, size_t count, double value, struct xb_err *err)
{
    double *grown = reallocarray(*values, count, sizeof(*grown));
    if (!grown)
        return xb_model_no_memory(err);
    *values = grown;
    grown[at] = value;
    return 0;
}

/* The cell whose shares are all there: its sum, both ways. */
static int add_cell(struct gathering *all, struct xb_err *err)
{
    double by_cpu = 0, by_wall = 0, overlap_s = all->overlap_s, longest_s = 0;
    for (size_t i = 0; isnan(all->overlap_s) && i < all->count; i++)
        overlap_s = fmin(overlap_s, all->shares[i].wall_s); /* fmin leaves NaN out */
    if (!(overlap_s > 0))
        return 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct share *s = &all->shares[i];
        double work = all->kind == XB_FIGURE_RATE ? s->value * s->wall_s : s->value;
        double part = fmin(1, overlap_s / s->wall_s),
               cpu_part = fmin(1, s->overlap_run_ns / s->run_ns);
        if (isnan(s->overlap_run_ns) || !(s->run_ns > 0) || s->error > XB_SHARE_ERROR_MAX)
            all->no_cpu = true;
        by_wall += work * part / overlap_s;
        by_cpu += work * cpu_part / overlap_s;
        longest_s = fmax(longest_s, s->wall_s);
        if (keep(&all->covers, all->cells * all->count + i, (all->cells + 1) * all->count, part,
                 err) < 0)
            return -1;
    }
    size_t at = all->cells++;
    return keep(&all->by_cpu, at, all->cells, by_cpu, err) < 0 ||
                   keep(&all->by_wall, at, all->cells, by_wall, err) < 0 ||
                   keep(&all->overlaps, at, all->cells, overlap_s, err) < 0 ||
                   keep(&all->least, at, all->cells, fmin(1, overlap_s / longest_s), err) < 0
               ? -1
               : 0;
}

/* Samples that ended well, cell by cell; a cell in which one is missing is left out whole. */
static int read_cells(const struct xb_model *m, size_t case_no, struct gathering *all,
                      struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT c.cell, c.overlap_ns / 1e9, m.value, s.wall_ns / 1e9, s.overlap_run_ns, s.run_ns,"
            " s.overlap_slack_ns * 1.0 / c.overlap_ns"
            " FROM parts p JOIN guests g USING (run, guest)"
            " JOIN cells c ON c.run = p.run AND c.case_no = p.case_no"
            " JOIN samples s ON s.run = c.run AND s.cell = c.cell AND s.attempt = c.attempt"
            "  AND s.guest = p.guest"
            " JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt"
            "  AND m.guest = s.guest AND m.name = p.metric"
            " WHERE p.run = ?1 AND p.case_no = ?2 AND p.role = 'measured' AND c.state = 'done'"
            " AND c.warmup = 0 AND s.outcome = 'exited' AND s.status = 0 AND s.wall_ns > 0"
            " ORDER BY c.cell, g.position",
            XB_TEXT(m->id), XB_INT(case_no)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        uint32_t cell = (uint32_t)sqlite3_column_int64(stmt, 0);
        if (cell != all->cell)
            all->have = 0;
        all->cell = cell;
        if (all->have == all->count)
            continue;
        all->overlap_s = xb_column_real(stmt, 1);
        all->shares[all->have++] = (struct share){xb_column_real(stmt, 2), xb_column_real(stmt, 3),
                                                  xb_column_real(stmt, 4), xb_column_real(stmt, 5),
                                                  xb_column_real(stmt, 6)};
        if (all->have == all->count && add_cell(all, err) < 0)
            return -1;
    }
    return r;
}

static int fill(struct xb_total *t, const struct xb_model *m, const struct gathering *all,
                struct xb_err *err)
{
    xb_auto_free double *one = calloc(all->cells + 1, sizeof(*one));
    t->covers = calloc(m->guest_count + 1, sizeof(*t->covers));
    if (!one || !t->covers)
        return xb_model_no_memory(err);
    t->metric = all->first->metric;
    snprintf(t->unit, sizeof(t->unit), "%.40s%s", all->first->unit,
             all->kind == XB_FIGURE_WORK ? "/s" : "");
    t->by_cpu = !all->no_cpu;
    t->rate = xb_stats_of(t->by_cpu ? all->by_cpu : all->by_wall, all->cells);
    t->overlap_s = xb_stats_of(all->overlaps, all->cells);
    t->least = xb_stats_of(all->least, all->cells);
    for (size_t i = 0; i < all->count; i++) {
        for (size_t c = 0; c < all->cells; c++)
            one[c] = all->covers[c * all->count + i];
        t->covers[all->guests[i]] = xb_stats_of(one, all->cells);
    }
    return 0;
}

static int load_total(struct xb_model *m, size_t case_no, struct xb_store *store,
                      struct xb_err *err)
{
    struct gathering all = {.cell = UINT32_MAX};
    int rc = -1;
    all.guests = calloc(m->guest_count + 1, sizeof(*all.guests));
    all.shares = calloc(m->guest_count + 1, sizeof(*all.shares));
    if (!all.guests || !all.shares) {
        xb_model_no_memory(err);
        goto out;
    }
    pick_guests(m, case_no, &all);
    rc = all.count ? read_cells(m, case_no, &all, store, err) : 0;
    if (rc == 0 && all.cells)
        rc = fill(&m->totals[case_no], m, &all, err);
out:
    free(all.guests);
    free(all.shares);
    free(all.by_cpu);
    free(all.by_wall);
    free(all.overlaps);
    free(all.least);
    free(all.covers);
    return rc;
}

int xb_totals_load(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    m->totals = calloc(m->case_count + 1, sizeof(*m->totals));
    if (!m->totals)
        return xb_model_no_memory(err);
    for (size_t c = 0; c < m->case_count; c++)
        if (load_total(m, c, store, err) < 0)
            return -1;
    return 0;
}

void xb_totals_free(struct xb_total *totals, size_t count)
{
    for (size_t c = 0; totals && c < count; c++)
        free(totals[c].covers);
    free(totals);
}
