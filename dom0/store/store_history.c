/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_history.h"

#include "base.h"
#include "store_rows.h"

int xb_read_history(const struct xb_read *in, const char *experiment, struct xb_history_row **rows,
                    size_t *count)
{
#define F(member) XB_FIELD(struct xb_history_row, member)
    static const struct xb_field fields[] = {F(run),    F(started_at), F(case_name),
                                             F(guest),  F(metric),     F(unit),
                                             F(better), F(median),     F(samples)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_history_row, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT run, started_at, cases.name, m.guest, m.metric, m.unit, m.better,"
                        " median, samples FROM runs JOIN medians m USING (run)"
                        " JOIN cases USING (run, case_no) JOIN guests USING (run, guest)"
                        " WHERE runs.name = ? AND state = 'finished'"
                        " ORDER BY started_at, run, case_no, position",
                        XB_TEXT(experiment));
}

int xb_read_history_names(const struct xb_read *in, struct xb_history_name **rows, size_t *count)
{
    static const struct xb_field fields[] = {XB_FIELD(struct xb_history_name, name),
                                             XB_FIELD(struct xb_history_name, runs)};
    static const struct xb_shape shape = XB_SHAPE(struct xb_history_name, fields);
    return xb_rows_read(in, &shape, rows, count,
                        "SELECT name, count(*) FROM runs WHERE state = 'finished' GROUP BY name"
                        " ORDER BY name");
}
