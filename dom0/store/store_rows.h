/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of a query as structs, for dom0/store alone: a shape says which member each column fills.
 */
#ifndef XB_STORE_ROWS_H
#define XB_STORE_ROWS_H

#include "store_i.h"
#include "store_read.h"

struct xb_field {
    enum {
        XB_FIELD_TEXT,
        XB_FIELD_REAL,
        XB_FIELD_I64,
        XB_FIELD_U64,
        XB_FIELD_U32,
        XB_FIELD_BOOL
    } kind;
    size_t offset;
};

/* The member's type says how the column is read. */
#define XB_FIELD(type, member)                                                                       \
    {                                                                                                \
        _Generic(((type *)0)->member, char *: XB_FIELD_TEXT, double: XB_FIELD_REAL,                \
                 int64_t: XB_FIELD_I64, uint64_t: XB_FIELD_U64, uint32_t: XB_FIELD_U32,            \
                 bool: XB_FIELD_BOOL),                                                             \
            offsetof(type, member) \
    }

struct xb_shape {
    size_t bytes; /* of a row */
    size_t count; /* of the fields */
    const struct xb_field *fields;
};
#define XB_SHAPE(type, fields)                                                                     \
    {                                                                                              \
        sizeof(type), XB_ARRAY_LEN(fields), fields                                                 \
    }

/* Read all rows; rows_of points to the caller's `struct ... *`. A query's first value is ?1. */
#define xb_rows_read(in, shape, rows_of, count, sql, ...)                                          \
    xb_rows_read_vals(in, shape, rows_of, count, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},   \
                      XB_VALS_COUNT(__VA_ARGS__))
int xb_rows_read_vals(const struct xb_read *in, const struct xb_shape *shape, void *rows_of,
                      size_t *count, const char *sql, const struct xb_val *vals, size_t val_count);

/* Read the first row. Returns 1, 0 if there is none, or -1. */
#define xb_row_read(in, shape, row, sql, ...)                                                      \
    xb_row_read_vals(in, shape, row, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},               \
                     XB_VALS_COUNT(__VA_ARGS__))
int xb_row_read_vals(const struct xb_read *in, const struct xb_shape *shape, void *row,
                     const char *sql, const struct xb_val *vals, size_t val_count);

#endif
