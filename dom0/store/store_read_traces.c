/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_read_traces.h"

#include "base.h"
#include "store_rows.h"

/* Guests in the experiment's order, then other domains. */
#define DOMAIN_ORDER "c.case_no, ifnull(g.position, 1000000)"

int xb_read_traces(const struct xb_read *in, struct xb_traces_row *row)
{
#define F(member) XB_FIELD(struct xb_traces_row, member)
    static const struct xb_field fields[] = {F(traces),         F(records),  F(lost),
                                             F(contradictions), F(worst_ns), F(wakeups)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traces_row, fields);
    int r = xb_row_read(in, &shape, row,
                        "SELECT count(*), sum(records), sum(lost), sum(contradictions),"
                        " max(worst_ns), sum(wakeups)"
                        " FROM traces t JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED,
                        XB_TEXT(in->run));
    return r < 1 ? -1 : 0;
}

int xb_read_traced(const struct xb_read *in, struct xb_traced_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_row, member)
    static const struct xb_field fields[] = {F(case_no), F(domain)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT DISTINCT c.case_no, v.domain FROM trace_vcpus v"
        " JOIN cells c USING (run, cell, attempt)"
        " LEFT JOIN guests g ON g.run = v.run AND g.guest = v.domain WHERE" XB_COUNTED
        " ORDER BY " DOMAIN_ORDER ", v.domain",
        XB_TEXT(in->run));
}

int xb_read_traced_times(const struct xb_read *in, const struct xb_traced_row *of,
                         struct xb_traced_time_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_time_row, member)
    static const struct xb_field fields[] = {F(running), F(runnable)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_time_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT sum(v.running_ns) * 1.0 / t.covered_ns, sum(v.runnable_ns) * 1.0 / t.covered_ns"
        " FROM trace_vcpus v JOIN cells c USING (run, cell, attempt)"
        " JOIN traces t USING (run, cell, attempt)"
        " WHERE" XB_COUNTED_OF_CASE " AND v.domain = ?3 AND t.covered_ns > 0"
        " GROUP BY v.cell",
        XB_TEXT(in->run), XB_INT(of->case_no), XB_TEXT(of->domain));
}

int xb_read_traced_cpus(const struct xb_read *in, const struct xb_traced_row *of,
                        struct xb_traced_cpu_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_cpu_row, member)
    static const struct xb_field fields[] = {F(pcpu), F(percent)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_cpu_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT p.pcpu, sum(p.run_ns) * 100.0 / sum(sum(p.run_ns)) OVER ()"
                        " FROM trace_residency p JOIN cells c USING (run, cell, attempt)"
                        " WHERE" XB_COUNTED_OF_CASE " AND p.domain = ?3"
                        " GROUP BY p.pcpu ORDER BY p.pcpu",
                        XB_TEXT(in->run), XB_INT(of->case_no), XB_TEXT(of->domain));
}

int xb_read_traced_waits(const struct xb_read *in, const struct xb_traced_row *of, const char *kind,
                         struct xb_traced_wait_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_wait_row, member)
    static const struct xb_field fields[] = {F(p50_ns),  F(p90_ns),  F(p99_ns),
                                             F(p999_ns), F(most_ns), F(count)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_wait_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT max(w.p50_ns), max(w.p90_ns), max(w.p99_ns), max(w.p999_ns), max(w.max_ns),"
        " sum(w.count) FROM trace_waits w JOIN cells c USING (run, cell, attempt)"
        " WHERE" XB_COUNTED_OF_CASE " AND w.domain = ?3 AND w.kind = ?4 GROUP BY w.cell",
        XB_TEXT(in->run), XB_INT(of->case_no), XB_TEXT(of->domain), XB_TEXT(kind));
}

int xb_read_traced_classes(const struct xb_read *in, const struct xb_traced_row *of,
                           const char *kind, struct xb_traced_class_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_class_row, member)
    static const struct xb_field fields[] = {F(from_ns), F(count)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_class_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT h.from_ns, sum(h.count) FROM trace_classes h JOIN cells c USING (run, cell, attempt)"
        " WHERE" XB_COUNTED
        " AND c.case_no = ?2 AND h.domain = ?3 AND h.kind = ?4 GROUP BY h.from_ns",
        XB_TEXT(in->run), XB_INT(of->case_no), XB_TEXT(of->domain), XB_TEXT(kind));
}

int xb_read_traced_places(const struct xb_read *in, struct xb_traced_place_row **rows,
                          size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_place_row, member)
    static const struct xb_field fields[] = {F(case_no), F(domain), F(vcpu), F(pcpu), F(part)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_place_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, p.domain, CASE p.domain WHEN 'idle' THEN -1 ELSE p.vcpu END AS v, p.pcpu,"
        " sum(p.run_ns) * 1.0 / (SELECT sum(t.covered_ns) FROM traces t"
        "  JOIN cells x USING (run, cell, attempt) WHERE x.run = c.run AND x.case_no = c.case_no"
        "  AND x.state = 'done' AND x.warmup = 0)"
        " FROM trace_residency p JOIN cells c USING (run, cell, attempt)"
        " LEFT JOIN guests g ON g.run = p.run AND g.guest = p.domain"
        " WHERE" XB_COUNTED " GROUP BY c.case_no, p.domain, v, p.pcpu"
        " ORDER BY " DOMAIN_ORDER ", p.domain, v, p.pcpu",
        XB_TEXT(in->run));
}

int xb_read_traced_timelines(const struct xb_read *in, struct xb_traced_timeline_row **rows,
                             size_t *count)
{
#define F(member) XB_FIELD(struct xb_traced_timeline_row, member)
    static const struct xb_field fields[] = {F(case_no), F(domain), F(vcpu), F(span_s),
                                             F(timeline)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traced_timeline_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT c.case_no, v.domain, v.vcpu, t.covered_ns / 1e9, v.timeline FROM trace_vcpus v"
        " JOIN cells c USING (run, cell, attempt) JOIN traces t USING (run, cell, attempt)"
        " LEFT JOIN guests g ON g.run = v.run AND g.guest = v.domain"
        " WHERE" XB_COUNTED " AND v.timeline IS NOT NULL AND c.cell IN"
        "  (SELECT min(x.cell) FROM traces y JOIN cells x USING (run, cell, attempt)"
        "    WHERE x.run = ?1 AND x.state = 'done' AND x.warmup = 0 GROUP BY x.case_no)"
        " ORDER BY " DOMAIN_ORDER ", v.domain, v.vcpu",
        XB_TEXT(in->run));
}
