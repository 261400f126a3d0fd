/* When each job of a cell ran, against the window: loaded, and as a chart. */
#include "base.h"
#include "report_build_i.h"
#include "report_chart.h"
#include "report_json.h"
#include "report_model_i.h"

#include <math.h>
#include <string.h>

/* More cells than this are too high for a page: of each case its first repetitions. */
#define CELLS_MAX 40

/*
 * Measured jobs by their own clocks. Background load was released before, so its own clock is
 * carried over to Dom0's.
 */
int xb_model_load_jobs(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT c.case_no, c.cell, c.repetition, g.position, c.overlap_ns / 1e9,"
            " (s.opened_ns - s.offset_before_ns - c.release_ns) / 1e9,"
            " CASE p.role WHEN 'background' THEN s.ended_ns - s.offset_before_ns - c.release_ns"
            "  ELSE s.wall_ns END / 1e9"
            " FROM samples s JOIN cells c USING (run, cell, attempt) JOIN guests g USING (run, guest)"
            " JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest"
            " WHERE s.run = ?1 AND c.state = 'done' AND c.warmup = 0"
            " ORDER BY c.case_no, c.repetition, g.position",
            XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        double start_s = xb_column_real(stmt, 5), end_s = xb_column_real(stmt, 6);
        int64_t case_no = sqlite3_column_int64(stmt, 0), guest = sqlite3_column_int64(stmt, 3);
        if (!(end_s >= start_s) || !xb_model_group_at(m, case_no, guest))
            continue;
        struct xb_model_job *job = xb_model_grow(&m->jobs, &m->job_count, sizeof(*job), err);
        if (!job)
            return -1;
        *job = (struct xb_model_job){
            .case_no = (size_t)case_no,
            .guest = (size_t)guest,
            .cell = (uint32_t)sqlite3_column_int64(stmt, 1),
            .repetition = (uint32_t)sqlite3_column_int64(stmt, 2),
            .overlap_s = xb_column_real(stmt, 4),
            .start_s = start_s,
            .end_s = end_s,
        };
    }
    return r;
}

static bool is_shown(const struct xb_model *m, const struct xb_model_job *job)
{
    size_t each = m->case_count < CELLS_MAX ? CELLS_MAX / m->case_count : 1;
    return job->repetition < each && job->case_no < CELLS_MAX;
}

void xb_report_add_timeline(struct xb_doc *doc, const struct xb_model *m)
{
    bool all = true, background = false;
    char title[200];
    for (size_t i = 0; i < m->job_count; i++) {
        const struct xb_model_job *job = &m->jobs[i];
        all = all && is_shown(m, job);
        background =
            background || xb_model_group(m, job->case_no, job->guest)->role == XB_ROLE_BACKGROUND;
    }
    if (m->job_count == 0)
        return;
    snprintf(title, sizeof(title),
             "When each job ran%s: the window (grey), and in it the overlap of all jobs (darker)%s",
             all ? "" : ", in the first repetitions",
             background ? "; of background load that ended and was started again, the last time"
                        : "");
    xb_doc_chart(doc, XB_CHART_TIMELINE, title);
}

/*
 * A band per cell, in it a lane per guest. Behind the jobs the window, from the release to the last
 * end, and darker what all jobs have in common.
 */
static const char spec_text[] =
    "{\"$schema\":\"https://vega.github.io/schema/vega/v5.json\",\"width\":640,\"padding\":5,"
    "\"data\":[{\"name\":\"jobs\"},{\"name\":\"cells\"}],"
    "\"scales\":["
    "{\"name\":\"x\",\"type\":\"linear\",\"range\":\"width\",\"domain\":{\"fields\":["
    "{\"data\":\"jobs\",\"field\":\"start\"},{\"data\":\"jobs\",\"field\":\"end\"}]}},"
    "{\"name\":\"y\",\"type\":\"band\",\"range\":\"height\",\"padding\":0.15},"
    "{\"name\":\"lane\",\"type\":\"band\",\"range\":[0,{\"signal\":\"bandwidth('y')\"}],\"padding\":0.15},"
    "{\"name\":\"colour\",\"type\":\"ordinal\",\"range\":{\"scheme\":\"tableau10\"}}],"
    "\"axes\":[{\"orient\":\"bottom\",\"scale\":\"x\",\"title\":\"seconds from the release\"},"
    "{\"orient\":\"left\",\"scale\":\"y\",\"labelLimit\":260,\"ticks\":false}],"
    "\"legends\":[{\"fill\":\"colour\",\"title\":\"guest\"}],"
    "\"marks\":["
    "{\"type\":\"rect\",\"from\":{\"data\":\"cells\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"value\":0},\"x2\":{\"scale\":\"x\",\"field\":\"window\"},"
    "\"y\":{\"scale\":\"y\",\"field\":\"cell\"},"
    "\"height\":{\"scale\":\"y\",\"band\":1},\"fill\":{\"value\":\"#eee\"}}}},"
    "{\"type\":\"rect\",\"from\":{\"data\":\"cells\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"value\":0},\"x2\":{\"scale\":\"x\",\"field\":\"overlap\"},"
    "\"y\":{\"scale\":\"y\",\"field\":\"cell\"},"
    "\"height\":{\"scale\":\"y\",\"band\":1},\"fill\":{\"value\":\"#ccc\"}}}},"
    "{\"type\":\"rect\",\"from\":{\"data\":\"jobs\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"field\":\"start\"},\"x2\":{\"scale\":\"x\",\"field\":\"end\"},"
    "\"y\":{\"scale\":\"y\",\"field\":\"cell\",\"offset\":{\"scale\":\"lane\",\"field\":\"guest\"}},"
    "\"height\":{\"scale\":\"lane\",\"band\":1},\"fill\":{\"scale\":\"colour\",\"field\":\"guest\"},"
    "\"tooltip\":{\"signal\":\"{cell: datum.cell, guest: datum.guest, does: datum.role, start: datum.start, "
    "end: datum.end}\"}}}}]}";

/* "a core each, 2": cases have names of their own. */
static json_t *cell_name(const struct xb_model *m, const struct xb_model_job *job)
{
    char name[200];
    snprintf(name, sizeof(name), "%.160s, %u", m->cases[job->case_no].name, job->repetition + 1);
    return xb_json_text(name);
}

/* The window ends with the last measured job. */
static void end_cell(json_t *cell, double window_s, double overlap_s)
{
    if (cell && isfinite(window_s)) {
        json_object_set_new(cell, "window", json_real(window_s));
        json_object_set_new(cell, "overlap",
                            json_real(isnan(overlap_s) ? 0 : fmin(overlap_s, window_s)));
    }
}

/* Jobs and cells as data sets, and the cells' names in their order; the number of cells. */
static size_t fill_data(const struct xb_model *m, json_t *jobs, json_t *cells, json_t *names)
{
    double window_s = NAN, overlap_s = NAN;
    json_t *cell = NULL;
    size_t count = 0;
    for (size_t i = 0; i < m->job_count; i++) {
        const struct xb_model_job *job = &m->jobs[i];
        const struct xb_group *group = xb_model_group(m, job->case_no, job->guest);
        if (!is_shown(m, job))
            continue;
        if (count == 0 || job->cell != m->jobs[i - 1].cell) {
            end_cell(cell, window_s, overlap_s);
            window_s = NAN;
            cell =
                json_pack("{s:o, s:i, s:i}", "cell", cell_name(m, job), "window", 0, "overlap", 0);
            json_array_append_new(cells, cell);
            json_array_append_new(names, cell_name(m, job));
            count++;
        }
        overlap_s = job->overlap_s;
        if (group->role == XB_ROLE_MEASURED)
            window_s = fmax(window_s, job->end_s); /* fmax leaves NaN out */
        json_array_append_new(
            jobs, json_pack("{s:o, s:o, s:s, s:f, s:f}", "cell", cell_name(m, job), "guest",
                            xb_json_text(m->guests[job->guest].name), "role",
                            xb_role_words[group->role], "start", job->start_s, "end", job->end_s));
    }
    end_cell(cell, window_s, overlap_s);
    return count;
}

json_t *xb_chart_timeline(const struct xb_model *m)
{
    if (m->job_count == 0)
        return NULL;
    json_t *spec = json_loads(spec_text, 0, NULL), *jobs = json_array(), *cells = json_array();
    json_t *names = json_array(), *guests = json_array();
    size_t count = fill_data(m, jobs, cells, names);
    for (size_t g = 0; g < m->guest_count; g++)
        json_array_append_new(guests, xb_json_text(m->guests[g].name));
    json_object_set_new(spec, "height",
                        json_integer((json_int_t)(count * (8 + 9 * m->guest_count))));
    json_object_set_new(xb_chart_member(spec, "data", 0), "values", jobs);
    json_object_set_new(xb_chart_member(spec, "data", 1), "values", cells);
    json_object_set_new(xb_chart_member(spec, "scales", 1), "domain", names);
    json_object_set(xb_chart_member(spec, "scales", 2), "domain", guests);
    json_object_set_new(xb_chart_member(spec, "scales", 3), "domain", guests);
    return spec;
}
