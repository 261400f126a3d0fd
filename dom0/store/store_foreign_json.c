/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens an export in JSON as a private store: results.json, or a list of those. */
#include "base.h"
#include "store_foreign.h"
#include "store_foreign_i.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* While a document is read, memory holds it several times. */
#define JSON_MAX_BYTES (256 << 20)
#define VALUES_MAX 64

/* JSON within JSON, as some columns have it, is text in the store. */
static struct xb_val value_of(const json_t *json, char **text)
{
    *text = NULL;
    switch (json_typeof(json)) {
    case JSON_INTEGER:
        return XB_INT(json_integer_value(json));
    case JSON_REAL:
        return XB_REAL(json_real_value(json));
    case JSON_STRING:
        return XB_TEXT(json_string_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return XB_INT(json_is_true(json));
    case JSON_NULL:
        return XB_NULL;
    default:
        *text = json_dumps(json, JSON_COMPACT);
        return XB_TEXT(*text);
    }
}

/* The columns that a JSON row has. Those unknown to this version are left out. */
struct columns {
    sqlite3_str *names, *marks;
    struct xb_val values[1 + VALUES_MAX]; /* the first is not bound: store_i.h */
    char *texts[1 + VALUES_MAX];          /* to free */
    size_t count;                         /* of bound values */
};

static void add_column(struct columns *c, const char *name, const json_t *value)
{
    if (!value || c->count == VALUES_MAX)
        return;
    c->count++;
    c->values[c->count] = value_of(value, &c->texts[c->count]);
    sqlite3_str_appendf(c->names, ", \"%w\"", name);
    sqlite3_str_appendall(c->marks, ", ?");
}

static int find_columns(struct xb_store *store, struct columns *c, const char *table,
                        const json_t *row, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT name FROM pragma_table_info(?) WHERE name != 'run'",
                       XB_TEXT(table)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        add_column(c, xb_column_text(stmt, 0), json_object_get(row, xb_column_text(stmt, 0)));
    return r;
}

static int insert(struct xb_store *store, const char *table, const char *run, const json_t *row,
                  struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    struct columns c = {sqlite3_str_new(NULL), sqlite3_str_new(NULL), {{0}}, {NULL}, 0};
    c.values[++c.count] = XB_TEXT(run);
    int r = find_columns(store, &c, table, row, err);
    char *names = sqlite3_str_finish(c.names), *marks = sqlite3_str_finish(c.marks);
    char *sql = sqlite3_mprintf("INSERT INTO \"%w\" (run%s) VALUES (?%s)", table,
                                names ? names : "", marks ? marks : "");
    if (r == 0)
        r = xb_store_query_vals(store, &stmt, err, sql, c.values, c.count);
    if (r == 0)
        r = xb_store_step(store, stmt, err);
    for (size_t i = 1; i <= c.count; i++)
        free(c.texts[i]);
    sqlite3_free(names);
    sqlite3_free(marks);
    sqlite3_free(sql);
    return r;
}

static int insert_host(struct xb_store *store, const char *run, const json_t *host,
                       struct xb_err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(
        (json_t *)host, key,
        value) if (json_is_string(value) &&
                   xb_store_do(store, err, "INSERT INTO host (run, key, value) VALUES (?, ?, ?)",
                               XB_TEXT(run), XB_TEXT(key),
                               XB_TEXT(json_string_value(value))) < 0) return -1;
    return 0;
}

static int insert_tables(struct xb_store *store, const char *run, const json_t *doc,
                         struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN"
                       " ('runs', 'host')") < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        const char *table = xb_column_text(stmt, 0);
        const json_t *rows = json_object_get(doc, table);
        for (size_t i = 0; i < json_array_size(rows); i++)
            if (insert(store, table, run, json_array_get(rows, i), err) < 0)
                return -1;
    }
    return r;
}

static int insert_run(struct xb_store *store, const json_t *doc, struct xb_err *err)
{
    const char *schema = json_string_value(json_object_get(doc, "schema"));
    const json_t *run = json_object_get(doc, "run");
    const char *id = json_string_value(json_object_get(run, "id"));
    if (!schema || strcmp(schema, "xenbench-results/1") != 0 || !id)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s is no results.json that this xenbench (" XB_VERSION ") can read",
                       store->path);
    return insert(store, "runs", id, run, err) < 0 ||
                   insert_host(store, id, json_object_get(doc, "host"), err) < 0
               ? -1
               : insert_tables(store, id, doc, err);
}

static int insert_all(struct xb_store *store, const json_t *doc, struct xb_err *err)
{
    const json_t *runs = json_object_get(doc, "runs");
    if (!json_is_array(runs))
        return insert_run(store, doc, err);
    for (size_t i = 0; i < json_array_size(runs); i++)
        if (insert_run(store, json_array_get(runs, i), err) < 0)
            return -1;
    return 0;
}

static json_t *read_json(const char *path, struct xb_err *err)
{
    struct stat file;
    json_error_t why;
    if (stat(path, &file) < 0 || file.st_size > JSON_MAX_BYTES) {
        xb_fail(err, XB_E_INPUT, 0, "%s has more than %d MiB of JSON: export the run as a store",
                path, JSON_MAX_BYTES >> 20);
        return NULL;
    }
    json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!doc)
        xb_fail(err, XB_E_INPUT, 0, "%s is no JSON: line %d: %s", path, why.line, why.text);
    return doc;
}

static int fill(struct xb_store *store, const char *path, struct xb_err *err)
{
    json_t *doc = read_json(path, err);
    if (!doc)
        return -1;
    int r = xb_store_migrate(store, 0, xb_store_version, err);
    if (r == 0)
        r = xb_store_begin(store, err);
    if (r == 0)
        r = insert_all(store, doc, err) < 0 ? -1 : xb_store_commit(store, err);
    json_decref(doc);
    if (r == 0)
        return xb_store_check_content(store, err);
    err->class = XB_E_INPUT; /* what SQLite refuses is the file's fault */
    return -1;
}

/* Does the file begin as JSON does? */
static bool is_json(const char *path)
{
    struct stat kind;
    if (stat(path, &kind) < 0 || !S_ISREG(kind.st_mode))
        return false;
    xb_auto_fclose FILE *file = fopen(path, "re");
    int c;
    while (file && isspace(c = fgetc(file)))
        ;
    return file && c == '{';
}

int xb_store_open_export(struct xb_store **out, const char *path, struct xb_err *err)
{
    if (!is_json(path))
        return xb_store_open_foreign(out, path, err);
    struct xb_store *store = xb_store_open_private(path, err);
    if (!store)
        return -1;
    if (fill(store, path, err) == 0) {
        *out = store;
        return 0;
    }
    xb_store_close(store);
    return -1;
}
