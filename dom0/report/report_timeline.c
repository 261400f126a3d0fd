/* When each job of a cell ran in the window: loaded, and drawn as a chart. */
#include "base.h"
#include "json_text.h"
#include "report_build_i.h"
#include "report_chart.h"
#include "report_model_i.h"
#include "store_read_samples.h"

#include <math.h>
#include <string.h>

/* More cells make the page too long: the chart has the first repetitions of each case. */
#define CELLS_MAX 40

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
             background ? "; for background load that was restarted, the last start" : "");
    xb_doc_chart(doc, XB_CHART_TIMELINE, title);
}

/*
 * A band per cell, with a lane per guest. Behind the jobs is the window, from the release to the
 * last end; the overlap of all jobs is darker.
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

/* The case's name and the repetition: "a core each, 2". */
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

/* Fill the data sets and the list of cells' names, in their order; return the number of cells. */
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
                        json_integer((json_int_t)count * (8 + 9 * (json_int_t)m->guest_count)));
    json_object_set_new(xb_chart_member(spec, "data", 0), "values", jobs);
    json_object_set_new(xb_chart_member(spec, "data", 1), "values", cells);
    json_object_set_new(xb_chart_member(spec, "scales", 1), "domain", names);
    json_object_set(xb_chart_member(spec, "scales", 2), "domain", guests);
    json_object_set_new(xb_chart_member(spec, "scales", 3), "domain", guests);
    return spec;
}
