/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_rows.h"

#include "base.h"

static void fill(const struct xb_read *in, const struct xb_shape *shape, sqlite3_stmt *stmt,
                 void *row)
{
    for (size_t i = 0; i < shape->count; i++) {
        void *member = (char *)row + shape->fields[i].offset;
        int column = (int)i;
        switch (shape->fields[i].kind) {
        case XB_FIELD_TEXT:
            *(char **)member =
                xb_arena_strdup(in->arena, (const char *)sqlite3_column_text(stmt, column));
            break;
        case XB_FIELD_REAL:
            *(double *)member = xb_column_real(stmt, column);
            break;
        case XB_FIELD_I64:
            *(int64_t *)member = sqlite3_column_int64(stmt, column);
            break;
        case XB_FIELD_U64:
            *(uint64_t *)member = (uint64_t)sqlite3_column_int64(stmt, column);
            break;
        case XB_FIELD_U32:
            *(uint32_t *)member = (uint32_t)sqlite3_column_int64(stmt, column);
            break;
        case XB_FIELD_BOOL:
            *(bool *)member = sqlite3_column_int64(stmt, column) != 0;
            break;
        }
    }
}

int xb_rows_read_vals(const struct xb_read *in, const struct xb_shape *shape, void *rows_of,
                      size_t *count, const char *sql, const struct xb_val *vals, size_t val_count)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    *(void **)rows_of = NULL;
    *count = 0;
    if (xb_store_query_vals(in->store, &stmt, in->err, sql, vals, val_count) < 0)
        return -1;
    while ((r = xb_store_step(in->store, stmt, in->err)) > 0)
        fill(in, shape, stmt, xb_arena_grow(in->arena, rows_of, count, shape->bytes));
    return r;
}

int xb_row_read_vals(const struct xb_read *in, const struct xb_shape *shape, void *row,
                     const char *sql, const struct xb_val *vals, size_t val_count)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query_vals(in->store, &stmt, in->err, sql, vals, val_count) < 0)
        return -1;
    int r = xb_store_step(in->store, stmt, in->err);
    if (r > 0)
        fill(in, shape, stmt, row);
    return r;
}
