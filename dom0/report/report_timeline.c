/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When each job of a cell ran in the window: loaded, and drawn as a chart. */
#include "base.h"
#include "report_build_i.h"
#include "report_model_i.h"
#include "report_plot.h"
#include "store_read_samples.h"

#include <math.h>
#include <string.h>

/* More cells make the page too long: the chart has the first repetitions of each case. */
#define CELLS_MAX 24

/* Of a lane, in pixels. */
#define LANE_HEIGHT 9
#define LANE_GAP 2

int xb_model_load_jobs(struct xb_model *m, const struct xb_read *in)
{
    struct xb_job_row *rows;
    size_t count;
    if (xb_read_jobs(in, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct xb_job_row *row = &rows[i];
        if (!(row->end_s >= row->start_s) || !xb_model_group_at(m, row->case_no, row->guest))
            continue;
        struct xb_model_job *job = xb_arena_grow(in->arena, &m->jobs, &m->job_count, sizeof(*job));
        *job = (struct xb_model_job){
            .case_no = (size_t)row->case_no,
            .guest = (size_t)row->guest,
            .cell = row->cell,
            .repetition = row->repetition,
            .overlap_s = row->overlap_s,
            .start_s = row->start_s,
            .end_s = row->end_s,
        };
    }
    return 0;
}

static bool is_shown(const struct xb_model *m, const struct xb_model_job *job)
{
    size_t cases = 0;
    for (size_t c = 0; c < m->case_count; c++)
        cases += !m->cases[c].solo;
    size_t each = cases > 0 && cases < CELLS_MAX ? CELLS_MAX / cases : 1;
    return job->repetition < each && job->case_no < CELLS_MAX && !m->cases[job->case_no].solo;
}

/* The cell of jobs[from], and the jobs after it in the same cell. */
struct cell {
    size_t from, to;
    double window_s; /* until the last measured job's end; NaN: none ended */
};

static struct cell cell_from(const struct xb_model *m, size_t from)
{
    struct cell cell = {.from = from, .to = from, .window_s = NAN};
    for (; cell.to < m->job_count && m->jobs[cell.to].cell == m->jobs[from].cell; cell.to++) {
        const struct xb_model_job *job = &m->jobs[cell.to];
        if (xb_model_group(m, job->case_no, job->guest)->role == XB_ROLE_MEASURED)
            cell.window_s = fmax(cell.window_s, job->end_s); /* fmax leaves NaN out */
    }
    return cell;
}

static void put_jobs(struct xb_plot *p, const struct xb_model *m, const struct cell *cell)
{
    for (size_t i = cell->from; i < cell->to; i++) {
        const struct xb_model_job *job = &m->jobs[i];
        char tip[160];
        snprintf(tip, sizeof(tip), "%.64s: %.3f to %.3f s", m->guests[job->guest].name,
                 job->start_s, job->end_s);
        xb_plot_bar(p, job->start_s, job->end_s, LANE_GAP + (int)(i - cell->from) * LANE_HEIGHT,
                    LANE_HEIGHT - LANE_GAP, job->guest, "given", tip);
    }
}

static void put_cell(struct xb_plot *p, const struct xb_model *m, const struct cell *cell)
{
    const struct xb_model_job *first = &m->jobs[cell->from];
    int height = (int)(cell->to - cell->from) * LANE_HEIGHT + 2 * LANE_GAP;
    char who[48], figure[48] = "", said[120];
    snprintf(who, sizeof(who), "repetition %u", first->repetition + 1);
    if (!isnan(cell->window_s))
        snprintf(figure, sizeof(figure), "%.3f s", cell->window_s);
    snprintf(said, sizeof(said), "%s: window of %s", who, figure);
    xb_plot_row(p, who, figure, said, height);
    if (!isnan(cell->window_s)) {
        xb_plot_bar(p, 0, cell->window_s, 0, height, 0, "window", NULL);
        if (!isnan(first->overlap_s))
            xb_plot_bar(p, 0, fmin(first->overlap_s, cell->window_s), 0, height, 0, "overlap",
                        NULL);
    }
    put_jobs(p, m, cell);
    xb_plot_row_end(p);
}

void xb_report_plot_jobs(struct xb_doc *doc, const struct xb_model *m)
{
    double low = 0, high = 0;
    bool all = true, background = false;
    for (size_t i = 0; i < m->job_count; i++) {
        const struct xb_model_job *job = &m->jobs[i];
        if (!is_shown(m, job)) {
            all = all && m->cases[job->case_no].solo;
            continue;
        }
        low = fmin(low, job->start_s);
        high = fmax(high, job->end_s);
        background =
            background || xb_model_group(m, job->case_no, job->guest)->role == XB_ROLE_BACKGROUND;
    }
    if (m->job_count == 0)
        return;
    struct xb_plot p;
    char title[160];
    const struct xb_axis axis = xb_axis_linear(low, high, "");
    snprintf(title, sizeof(title), "When each job ran%s%s", all ? "" : ", in the first repetitions",
             background ? "; of background load that was restarted, the last start" : "");
    xb_plot_begin(&p, &axis, "timeline", title);
    for (size_t g = 0; g < m->guest_count; g++)
        xb_plot_key(&p, g, m->guests[g].name);
    xb_plot_key_mark(&p, "window", "window");
    xb_plot_key_mark(&p, "overlap", "all jobs ran");
    for (size_t i = 0; i < m->job_count;) {
        const struct cell cell = cell_from(m, i);
        size_t case_no = m->jobs[i].case_no;
        if (is_shown(m, &m->jobs[i]) && xb_plot_under(&p, case_no, m->cases[case_no].name))
            put_cell(&p, m, &cell);
        i = cell.to;
    }
    xb_plot_axis(&p, "seconds from the release");
    xb_plot_end(&p, doc);
}
