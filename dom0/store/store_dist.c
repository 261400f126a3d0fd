/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_dist.h"

#include "base.h"
#include "store_cell.h"
#include "store_rows.h"

#include <math.h>

#define SAMPLE XB_CELL_KEY(key), XB_TEXT(guest)

int xb_store_histogram(struct xb_store *store, struct xb_cell_key key, const char *guest,
                       const struct xb_histogram_value *histogram, struct xb_err *err)
{
    const struct xb_dist *hist = histogram->hist;
    if (xb_store_do(
            store, err,
            "DELETE FROM histograms WHERE run = ? AND cell = ? AND attempt = ? AND guest = ?"
            " AND name = ?",
            SAMPLE, XB_TEXT(histogram->name)) < 0 ||
        xb_store_do(store, err,
                    "INSERT INTO histograms (run, cell, attempt, guest, name, unit, better, over,"
                    " least, most) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    SAMPLE, XB_TEXT(histogram->name), XB_TEXT(histogram->unit),
                    XB_TEXT(histogram->better), XB_INT(hist->over),
                    isnan(hist->least) ? XB_NULL : XB_REAL(hist->least),
                    isnan(hist->most) ? XB_NULL : XB_REAL(hist->most)) < 0)
        return -1;
    for (size_t i = 0; i < hist->count; i++)
        if (xb_store_do(store, err,
                        "INSERT INTO histogram_buckets (run, cell, attempt, guest, name, value,"
                        " count) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        SAMPLE, XB_TEXT(histogram->name), XB_REAL(hist->buckets[i].value),
                        XB_INT(hist->buckets[i].count)) < 0)
            return -1;
    return 0;
}

static int read_buckets(const struct xb_read *in, struct xb_dist_row *row)
{
#define F(member) XB_FIELD(struct xb_dist_bucket, member)
    static const struct xb_field fields[] = {F(value), F(count)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_dist_bucket, fields);
    struct xb_dist *hist = &row->hist;
    if (xb_rows_read(in, &shape, &hist->buckets, &hist->count,
                     "SELECT value, count FROM histogram_buckets WHERE run = ? AND cell = ? AND"
                     " attempt = ? AND guest = ? AND name = ? ORDER BY value",
                     XB_TEXT(row->run), XB_INT(row->cell), XB_INT(row->attempt),
                     XB_TEXT(row->guest_name), XB_TEXT(row->name)) < 0)
        return -1;
    for (size_t i = 0; i < hist->count; i++)
        hist->total += hist->buckets[i].count;
    hist->over = row->over;
    hist->least = row->least;
    hist->most = row->most;
    return 0;
}

int xb_read_histograms(const struct xb_read *in, struct xb_dist_row **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_dist_row, member)
    static const struct xb_field fields[] = {
        F(case_no), F(guest), F(name), F(unit), F(better),     F(cell),   F(repetition),
        F(over),    F(least), F(most), F(run),  F(guest_name), F(attempt)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_dist_row, fields);
    if (xb_rows_read(in, &shape, rows, count,
                     "SELECT c.case_no, g.position, h.name, h.unit, h.better, c.cell, c.repetition,"
                     " h.over, h.least, h.most, h.run, h.guest, h.attempt"
                     " FROM histograms h JOIN cells c USING (run, cell, attempt)"
                     " JOIN guests g ON g.run = h.run AND g.guest = h.guest"
                     " WHERE h.run = ? AND" XB_COUNTS
                     " ORDER BY c.case_no, g.position, h.name, c.cell",
                     XB_TEXT(in->run)) < 0)
        return -1;
    for (size_t i = 0; i < *count; i++)
        if (read_buckets(in, &(*rows)[i]) < 0)
            return -1;
    return 0;
}
