/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_read_samples.h"

#include "base.h"
#include "store_rows.h"
#include "xen_host.h"

int xb_read_samples(const struct xb_read *in, struct xb_sample_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_sample_row, member)
    static const struct xb_field fields[] = {
        F(case_no),       F(guest),    F(cell),        F(repetition),   F(well),
        F(ended),         F(wall_s),   F(dispatch_ms), F(metric),       F(overlap_share),
        F(overlap_slack), F(vcpus),    F(workload),    F(outcome),      F(status),
        F(user_s),        F(system_s), F(run_s),       F(max_rss_bytes)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_sample_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, g.position, c.cell, c.repetition,"
        " s.outcome = 'exited' AND s.status = 0, s.outcome IN ('killed', 'timeout'),"
        " s.wall_ns / 1e9, s.dispatch_delay_ns / 1e6, m.value,"
        " s.overlap_run_ns * 1.0 / c.overlap_ns, s.overlap_slack_ns * 1.0 / c.overlap_ns,"
        " ifnull(s.vcpus, g.vcpus), p.workload, s.outcome, s.status, s.user_ns / 1e9,"
        " s.system_ns / 1e9, s.run_ns / 1e9, s.max_rss_bytes"
        " FROM samples s JOIN cells c USING (run, cell, attempt)"
        " JOIN guests g ON g.run = s.run AND g.guest = s.guest"
        " LEFT JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest"
        " LEFT JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt"
        "  AND m.guest = s.guest AND m.name = ifnull(?2, p.metric)"
        " WHERE s.run = ?1 AND" XB_COUNTS " ORDER BY c.cell, g.position",
        XB_TEXT(in->run), XB_TEXT(in->metric));
}

int xb_read_metrics(const struct xb_read *in, struct xb_metric_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_metric_row, member)
    static const struct xb_field fields[] = {F(case_no), F(guest),  F(repetition), F(name),
                                             F(unit),    F(better), F(value)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_metric_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, g.position, c.repetition, m.name, m.unit, m.better, m.value"
        " FROM metrics m JOIN cells c USING (run, cell, attempt)"
        " JOIN guests g ON g.run = m.run AND g.guest = m.guest"
        " WHERE m.run = ?1 AND" XB_COUNTS " ORDER BY c.cell, g.position, m.name",
        XB_TEXT(in->run));
}

/*
 * A measured job's times are on its guest's clock, from the release. Background load was released
 * earlier, so its times are converted to Dom0's clock.
 */
int xb_read_jobs(const struct xb_read *in, struct xb_job_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_job_row, member)
    static const struct xb_field fields[] = {F(case_no),   F(cell),    F(repetition), F(guest),
                                             F(overlap_s), F(start_s), F(end_s)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_job_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, c.cell, c.repetition, g.position, c.overlap_ns / 1e9,"
        " (s.opened_ns - s.offset_before_ns - c.release_ns) / 1e9,"
        " CASE p.role WHEN 'background' THEN s.ended_ns - s.offset_before_ns - c.release_ns"
        "  ELSE s.wall_ns END / 1e9"
        " FROM samples s JOIN cells c USING (run, cell, attempt) JOIN guests g USING (run, guest)"
        " JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest"
        " WHERE s.run = ?1 AND" XB_COUNTS " ORDER BY c.case_no, c.repetition, g.position",
        XB_TEXT(in->run));
}

int xb_read_cell_times(const struct xb_read *in, struct xb_cell_times_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_cell_times_row, member)
    static const struct xb_field fields[] = {F(spent_s), F(window_s), F(job_s)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_cell_times_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT c.spent_ns / 1e9, c.window_ns / 1e9, max(s.wall_ns) / 1e9"
                        " FROM cells c JOIN samples s USING (run, cell, attempt)"
                        " WHERE" XB_COUNTED " GROUP BY c.cell, c.attempt ORDER BY c.cell",
                        XB_TEXT(in->run));
}

int xb_read_works(const struct xb_read *in, size_t case_no, struct xb_work_row **rows,
                  size_t *count)
{
#define F(member) XB_FIELD(struct xb_work_row, member)
    static const struct xb_field fields[] = {F(cell),           F(overlap_s), F(value), F(wall_s),
                                             F(overlap_run_ns), F(run_ns),    F(slack)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_work_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.cell, c.overlap_ns / 1e9, m.value, s.wall_ns / 1e9, s.overlap_run_ns, s.run_ns,"
        " s.overlap_slack_ns * 1.0 / c.overlap_ns"
        " FROM parts p JOIN guests g USING (run, guest)"
        " JOIN cells c ON c.run = p.run AND c.case_no = p.case_no"
        " JOIN samples s ON s.run = c.run AND s.cell = c.cell AND s.attempt = c.attempt"
        "  AND s.guest = p.guest"
        " JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt"
        "  AND m.guest = s.guest AND m.name = ifnull(?3, p.metric)"
        " WHERE p.run = ?1 AND p.case_no = ?2 AND p.role = 'measured' AND c.state = 'done'"
        " AND c.warmup = 0 AND s.outcome = 'exited' AND s.status = 0 AND s.wall_ns > 0"
        " ORDER BY c.cell, g.position",
        XB_TEXT(in->run), XB_INT(case_no), XB_TEXT(in->metric));
}

static const struct xb_field figure_field[] = {{XB_FIELD_REAL, 0}};
static const struct xb_shape figure_shape = XB_SHAPE(double, figure_field);

int xb_read_release_errors_ms(const struct xb_read *in, size_t case_no, double **figures,
                              size_t *count)
{
    return xb_rows_read(in, &figure_shape, figures, count,
                        "SELECT release_error_ns / 1e6 FROM cells c WHERE" XB_COUNTED_OF_CASE,
                        XB_TEXT(in->run), XB_INT(case_no));
}

int xb_read_run_shares(const struct xb_read *in, size_t case_no, const char *domain,
                       double **figures, size_t *count)
{
    return xb_rows_read(
        in, &figure_shape, figures, count,
        "SELECT CASE WHEN ifnull(max(t.span_error_ns), 0) * 10 <= ifnull(max(t.span_ns), c.window_ns)"
        " THEN sum(t.run_ns) * 1.0 / ifnull(max(t.span_ns), c.window_ns) END"
        " FROM vcpu_times t JOIN cells c USING (run, cell, attempt)"
        " WHERE t.domain = ?3 AND (c.window_ns > 0 OR t.domain = '" XB_DOM0
        "') AND" XB_COUNTED_OF_CASE " GROUP BY c.cell",
        XB_TEXT(in->run), XB_INT(case_no), XB_TEXT(domain));
}

int xb_read_worst_steals(const struct xb_read *in, size_t case_no, double **figures, size_t *count)
{
    return xb_rows_read(in, &figure_shape, figures, count,
                        "SELECT max(h.delay_ns * 1.0 / h.span_ns) FROM host_steal h"
                        " JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED_OF_CASE
                        " GROUP BY c.cell",
                        XB_TEXT(in->run), XB_INT(case_no));
}

int xb_read_start_settings(const struct xb_read *in, struct xb_settings_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_settings_row, member)
    static const struct xb_field fields[] = {F(case_no), F(guest), F(cell), F(attempt),
                                             F(settings)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_settings_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, g.position, c.cell, c.attempt, r.settings FROM settings_read r"
        " JOIN cells c USING (run, cell, attempt)"
        " JOIN guests g ON g.run = r.run AND g.guest = r.domain"
        " WHERE r.run = ? AND r.edge = 'start' AND" XB_COUNTS,
        XB_TEXT(in->run));
}

int xb_read_steals(const struct xb_read *in, uint32_t cell, uint32_t attempt,
                   struct xb_steal_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_steal_row, member)
    static const struct xb_field fields[] = {F(pcpu), F(run_ns), F(delay_ns)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_steal_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT pcpu, run_ns, delay_ns FROM host_steal"
                        " WHERE run = ? AND cell = ? AND attempt = ?",
                        XB_TEXT(in->run), XB_INT(cell), XB_INT(attempt));
}
