/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_read_checks.h"

#include "base.h"
#include "store_rows.h"

/* The result of a query that always returns a row. */
static int only(int r)
{
    return r < 1 ? -1 : 0;
}

/* The run ends background load, so a killed background job has not failed. */
int xb_read_promises(const struct xb_read *in, size_t case_no, const char *guest, uint64_t ticks_ns,
                     struct xb_promise_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_promise_row, member)
    static const struct xb_field fields[] = {F(cpus), F(how), F(claimed), F(steal)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_promise_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT p.cpus, p.how, (s.user_ns + s.system_ns) * 1.0 / nullif(max(s.wall_ns, 0), 0),"
        " CASE WHEN s.wall_ns >= ?4 THEN s.steal_ns * 1.0 / s.wall_ns END"
        " FROM samples s JOIN cells c USING (run, cell, attempt)"
        " LEFT JOIN promises p USING (run, cell, attempt, guest)"
        " LEFT JOIN parts a ON a.run = s.run AND a.case_no = c.case_no AND a.guest = s.guest"
        " WHERE" XB_COUNTED_OF_CASE " AND s.guest = ?3"
        " AND (s.outcome = 'exited' AND s.status = 0"
        "  OR a.role = 'background' AND s.outcome IN ('killed', 'timeout'))",
        XB_TEXT(in->run), XB_INT(case_no), XB_TEXT(guest), XB_INT(ticks_ns));
}

int xb_read_readings(const struct xb_read *in, struct xb_readings_row *row)
{
#define F(member) XB_FIELD(struct xb_readings_row, member)
    static const struct xb_field fields[] = {F(readings), F(differing)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_readings_row, fields);
    return only(xb_row_read(in, &shape, row,
                            "SELECT count(*), count(r.differs) FROM settings_read r"
                            " JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED,
                            XB_TEXT(in->run)));
}

int xb_read_probes(const struct xb_read *in, uint64_t ticks_ns, struct xb_probes_row *row)
{
#define F(member) XB_FIELD(struct xb_probes_row, member)
    static const struct xb_field fields[] = {F(probes), F(shorts), F(worst_steal),
                                             F(worst_pressure)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_probes_row, fields);
    return only(
        xb_row_read(in, &shape, row,
                    "SELECT count(*), ifnull(sum(p.short), 0),"
                    " max(p.steal_ns * 1.0 / p.span_ns) FILTER (WHERE p.span_ns >= ?2),"
                    " max(p.pressure_ns * 1.0 / p.span_ns)"
                    " FROM dom0_probes p JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED,
                    XB_TEXT(in->run), XB_INT(ticks_ns)));
}

int xb_read_agent_wakeups(const struct xb_read *in, uint32_t budget, struct xb_wakeups_row *row)
{
#define F(member) XB_FIELD(struct xb_wakeups_row, member)
    static const struct xb_field fields[] = {F(samples), F(most), F(over)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_wakeups_row, fields);
    return only(
        xb_row_read(in, &shape, row,
                    "SELECT count(agent_wakeups), ifnull(max(agent_wakeups), 0),"
                    " count(*) FILTER (WHERE agent_wakeups > ?2)"
                    " FROM samples s JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED,
                    XB_TEXT(in->run), XB_INT(budget)));
}

int xb_read_controller_wakeups(const struct xb_read *in, struct xb_cell_wakeups_row **rows,
                               size_t *count)
{
#define F(member) XB_FIELD(struct xb_cell_wakeups_row, member)
    static const struct xb_field fields[] = {F(wakeups), F(jobs)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_cell_wakeups_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT controller_wakeups, (SELECT count(*) FROM samples s WHERE s.run = c.run"
        "  AND s.cell = c.cell AND s.attempt = c.attempt)"
        " FROM cells c WHERE" XB_COUNTED " AND controller_wakeups IS NOT NULL",
        XB_TEXT(in->run));
}

int xb_read_counters(const struct xb_read *in, struct xb_counter_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_counter_row, member)
    static const struct xb_field fields[] = {F(case_no), F(guest), F(name), F(value), F(why)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_counter_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT c.case_no, n.guest, n.name, n.value, n.why FROM counters n"
                        " JOIN cells c USING (run, cell, attempt) WHERE" XB_COUNTED
                        " ORDER BY c.case_no, n.guest, n.name, n.cell",
                        XB_TEXT(in->run));
}
