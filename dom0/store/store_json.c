/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_json.h"

#include "base.h"
#include "json_text.h"
#include "store_i.h"

#include <string.h>

/* The JSON in these columns becomes part of the document, not a string. */
static bool is_json(const char *column)
{
    static const char *const columns[] = {"settings", "baseline", "net",
                                          "until",    "compare",  "overrides"};
    for (size_t i = 0; i < XB_ARRAY_LEN(columns); i++)
        if (strcmp(columns[i], column) == 0)
            return true;
    return false;
}

static json_t *value_of(sqlite3_stmt *stmt, int column)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(stmt, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(stmt, column));
    case SQLITE_NULL:
        return json_null();
    default: {
        const char *text = xb_column_text(stmt, column);
        json_t *json = is_json(sqlite3_column_name(stmt, column))
                           ? json_loads(text, JSON_DECODE_ANY, NULL)
                           : NULL;
        return json ? json : xb_json_text(text);
    }
    }
}

static json_t *row_of(sqlite3_stmt *stmt)
{
    json_t *row = json_object();
    for (int c = 0; c < sqlite3_column_count(stmt); c++)
        if (strcmp(sqlite3_column_name(stmt, c), "run") != 0)
            json_object_set_new(row, sqlite3_column_name(stmt, c), value_of(stmt, c));
    return row;
}

static int put_rows(json_t *into, const char *key, struct xb_store *store, const char *sql,
                    const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    json_t *rows = json_array();
    int r;
    json_object_set_new(into, key, rows);
    if (xb_store_query(store, &stmt, err, sql, XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        json_array_append_new(rows, row_of(stmt));
    return r;
}

json_t *xb_store_run_json(struct xb_store *store, const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err, "SELECT * FROM runs WHERE run = ?", XB_TEXT(run)) < 0)
        return NULL;
    int r = xb_store_step(store, stmt, err);
    if (r == 0)
        xb_fail(err, XB_E_INPUT, 0, "no run %s in %s", run, xb_store_path(store));
    return r > 0 ? row_of(stmt) : NULL;
}

int xb_store_tables_json(struct xb_store *store, const char *run, json_t *into, struct xb_err *err)
{
    static const struct {
        const char *key, *sql;
    } tables[] = {
        {"guests", "SELECT * FROM guests WHERE run = ? ORDER BY position"},
        {"cases", "SELECT * FROM cases WHERE run = ? ORDER BY case_no"},
        {"parts", "SELECT * FROM parts WHERE run = ? ORDER BY case_no, guest"},
        {"cells", "SELECT * FROM cells WHERE run = ? ORDER BY cell, attempt"},
        {"samples", "SELECT * FROM samples WHERE run = ? ORDER BY cell, attempt, guest"},
        {"metrics", "SELECT * FROM metrics WHERE run = ? ORDER BY cell, attempt, guest, name"},
        {"histograms",
         "SELECT * FROM histograms WHERE run = ? ORDER BY cell, attempt, guest, name"},
        {"histogram_buckets",
         "SELECT * FROM histogram_buckets WHERE run = ? ORDER BY cell, attempt, guest, name, value"},
        {"vcpu_times",
         "SELECT * FROM vcpu_times WHERE run = ? ORDER BY cell, attempt, domain, vcpu"},
        {"settings_read",
         "SELECT * FROM settings_read WHERE run = ? ORDER BY cell, attempt, domain, edge DESC"},
        {"host_steal", "SELECT * FROM host_steal WHERE run = ? ORDER BY cell, attempt, pcpu"},
        {"promises", "SELECT * FROM promises WHERE run = ? ORDER BY cell, attempt, guest"},
        {"dom0_probes", "SELECT * FROM dom0_probes WHERE run = ? ORDER BY cell, attempt"},
        {"counters", "SELECT * FROM counters WHERE run = ? ORDER BY cell, attempt, guest, name"},
        {"traces", "SELECT * FROM traces WHERE run = ? ORDER BY cell, attempt"},
        {"trace_vcpus",
         "SELECT * FROM trace_vcpus WHERE run = ? ORDER BY cell, attempt, domain, vcpu"},
        {"trace_residency",
         "SELECT * FROM trace_residency WHERE run = ? ORDER BY cell, attempt, domain, vcpu, pcpu"},
        {"trace_waits",
         "SELECT * FROM trace_waits WHERE run = ? ORDER BY cell, attempt, domain, vcpu, kind"},
        {"trace_classes",
         "SELECT * FROM trace_classes WHERE run = ? ORDER BY cell, attempt, domain, vcpu, kind,"
         " from_ns"},
        {"warnings", "SELECT * FROM warnings WHERE run = ? ORDER BY case_no, cell, guest, code"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(tables); i++)
        if (put_rows(into, tables[i].key, store, tables[i].sql, run, err) < 0)
            return -1;
    return 0;
}
