/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_read_run.h"

#include "base.h"
#include "store_rows.h"

int xb_read_run(const struct xb_read *in, struct xb_run_row *run)
{
#define F(member) XB_FIELD(struct xb_run_row, member)
    static const struct xb_field fields[] = {
        F(id),     F(name),    F(file),   F(state),      F(order),      F(workload),
        F(metric), F(unit),    F(better), F(version),    F(started_at), F(ended_at),
        F(until),  F(compare), F(seed),   F(warmup),     F(resumed),    F(shard_by),
        F(shards), F(shard),   F(cells),  F(cells_done), F(discarded),
    };
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_run_row, fields);
    int r = xb_row_read(
        in, &shape, run,
        "SELECT run, name, file, state, cell_order, workload, metric, unit, better, xenbench,"
        " started_at, ended_at, until, compare, seed, warmup, resumed,"
        " shard_by, ifnull(shards, 0), ifnull(shard, 0),"
        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state != 'discarded'),"
        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state = 'done'),"
        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state = 'discarded')"
        " FROM runs WHERE run = ?",
        XB_TEXT(in->run));
    return r == 0 ? xb_fail(in->err, XB_E_INPUT, 0, "no run %s in %s", in->run,
                            xb_store_path(in->store))
                  : (r < 0 ? -1 : 0);
}

int xb_read_cases(const struct xb_read *in, struct xb_case_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_case_row, member)
    static const struct xb_field fields[] = {F(name), F(settings), F(stopped), F(stopped_why),
                                             F(repetitions)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_case_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT name, settings, stopped, stopped_why,"
        " (SELECT count(*) FROM cells c WHERE c.run = cases.run AND c.case_no = cases.case_no"
        "  AND c.state = 'done' AND NOT c.warmup)"
        " FROM cases WHERE run = ? ORDER BY case_no",
        XB_TEXT(in->run));
}

int xb_read_guests(const struct xb_read *in, struct xb_guest_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_guest_row, member)
    static const struct xb_field fields[] = {F(name), F(image), F(type), F(clocksource), F(net)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_guest_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT guest, (SELECT group_concat(DISTINCT p.image) FROM parts p WHERE p.run = g.run AND"
        " p.guest = g.guest), (SELECT group_concat(DISTINCT p.type) FROM parts p WHERE"
        " p.run = g.run AND p.guest = g.guest), clocksource, net"
        " FROM guests g WHERE run = ? ORDER BY position",
        XB_TEXT(in->run));
}

#define OF_ALL_CASES(column)                                                                       \
    "(SELECT group_concat(DISTINCT p." column ") FROM parts p WHERE p.run = g.run AND"             \
    " p.guest = g.guest)"

int xb_read_traits(const struct xb_read *in, struct xb_traits_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_traits_row, member)
    static const struct xb_field fields[] = {
        F(guest),        F(image),         F(type),          F(kernel),     F(workload),
        F(os),           F(clocksource),   F(memory_bytes),  F(vcpus),      F(agent),
        F(agent_sha256), F(kernel_sha256), F(initrd_sha256), F(disk_sha256)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_traits_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT guest, " OF_ALL_CASES("image") ", " OF_ALL_CASES("type") ", " OF_ALL_CASES(
            "kernel") ", " OF_ALL_CASES("workload") ", os, clocksource, memory_bytes, vcpus,"
                                                    " agent, agent_sha256, kernel_sha256, initrd_sha256, disk_sha256"
                                                    " FROM guests g WHERE run = ? ORDER BY position",
        XB_TEXT(in->run));
}

int xb_read_parts(const struct xb_read *in, struct xb_part_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_part_row, member)
    static const struct xb_field fields[] = {F(case_no), F(guest), F(solo_case), F(role),
                                             F(metric),  F(unit),  F(better),    F(kernel)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_part_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT p.case_no, g.position, coalesce(p.solo_case, -1), p.role,"
        " CASE ?2 WHEN 'time' THEN NULL ELSE ifnull(?2, p.metric) END,"
        " CASE WHEN ?2 IS NULL THEN p.unit ELSE (SELECT unit FROM metrics m WHERE m.run = p.run AND"
        "  m.guest = p.guest AND m.name = ?2 LIMIT 1) END,"
        " CASE WHEN ?2 IS NULL THEN p.better ELSE (SELECT better FROM metrics m WHERE m.run = p.run"
        "  AND m.guest = p.guest AND m.name = ?2 LIMIT 1) END, p.kernel"
        " FROM parts p JOIN guests g USING (run, guest) WHERE p.run = ?1",
        XB_TEXT(in->run), XB_TEXT(in->metric));
}

int xb_read_warnings(const struct xb_read *in, struct xb_warning_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_warning_row, member)
    static const struct xb_field fields[] = {F(case_no), F(cell), F(guest), F(code), F(message)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_warning_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT case_no, cell, guest, code, message FROM warnings WHERE run = ?"
                        " ORDER BY code, message, case_no, cell, guest",
                        XB_TEXT(in->run));
}

int xb_read_facts(const struct xb_read *in, struct xb_fact_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_fact_row, member)
    static const struct xb_field fields[] = {F(key), F(value)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_fact_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT key, value FROM host WHERE run = ? ORDER BY key", XB_TEXT(in->run));
}
