/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens somebody else's store. The file may be anything, so it is copied page by page into a
 * private database; SQLite and the schema's text check the copy before any row is used.
 */
#include "alloc.h"
#include "base.h"
#include "experiment.h"
#include "dist.h"
#include "store_foreign.h"
#include "store_foreign_i.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* The longest value accepted. The longest that a run writes is the experiment's text. */
#define VALUE_MAX_BYTES (4 * XB_MIB)
#define FIRST_WITH_HISTOGRAMS 12

/* Switch off what a hostile database could do by its schema alone. */
static int distrust(struct xb_store *store, struct xb_err *err)
{
    if (sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK ||
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) != SQLITE_OK)
        return xb_store_fail_sql(store, err, "cannot be set up");
    return 0;
}

static struct xb_store *make(sqlite3 *db, const char *path)
{
    struct xb_store *store = xb_calloc(1, sizeof(*store));
    store->db = db;
    store->path = xb_strdup(path);
    return store;
}

struct xb_store *xb_store_open_private(const char *path, struct xb_err *err)
{
    sqlite3 *db = NULL;
    if (sqlite3_open("", &db) == SQLITE_OK)
        return make(db, path);
    xb_fail(err, XB_E_HOST, 0, "%s cannot be read: %s", path, sqlite3_errmsg(db));
    sqlite3_close(db);
    return NULL;
}

static int check_file(const char *path, struct xb_err *err)
{
    struct stat file;
    if (stat(path, &file) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "%s cannot be read", path);
    if (!S_ISREG(file.st_mode))
        return xb_fail(err, XB_E_INPUT, 0, "%s is no file", path);
    if (file.st_size > XB_STORE_FOREIGN_MAX_BYTES)
        return xb_fail(err, XB_E_INPUT, 0, "%s has %lld MiB; at most %lld are accepted", path,
                       (long long)file.st_size >> 20, (long long)XB_STORE_FOREIGN_MAX_BYTES >> 20);
    return 0;
}

/*
 * Open read-only. A file without a log beside it is opened as immutable, so that SQLite creates no
 * file beside it.
 */
static int open_source(const char *path, sqlite3 **db, struct xb_err *err)
{
    char wal[PATH_MAX], *absolute xb_auto_free = realpath(path, NULL);
    struct stat log;
    int flags = SQLITE_OPEN_READONLY;
    char *uri = NULL;
    if (!absolute)
        return xb_fail(err, XB_E_INPUT, errno, "%s cannot be read", path);
    bool has_log = snprintf(wal, sizeof(wal), "%s-wal", absolute) >= (int)sizeof(wal) ||
                   (stat(wal, &log) == 0 && log.st_size > 0);
    if (!has_log && !strpbrk(absolute, "?#%")) {
        uri = sqlite3_mprintf("file:%s?immutable=1", absolute);
        flags |= SQLITE_OPEN_URI;
    }
    int r = xb_store_open_db(uri ? uri : absolute, flags, db);
    sqlite3_free(uri);
    if (r == SQLITE_OK)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0, "%s cannot be read: %s", path, sqlite3_errmsg(*db));
}

int xb_store_copy_pages(sqlite3 *to, const char *to_name, sqlite3 *from, const char *path,
                        struct xb_err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, to_name, from, "main");
    if (!backup)
        return xb_fail(err, XB_E_HOST, 0, "%s cannot be copied: %s", path, sqlite3_errmsg(to));
    sqlite3_backup_step(backup, -1);
    int r = sqlite3_backup_finish(backup);
    if (r == SQLITE_OK)
        return 0;
    if (r == SQLITE_NOTADB)
        return xb_fail(err, XB_E_INPUT, 0, "%s is not a store of xenbench", path);
    return xb_fail(err, XB_E_INPUT, 0, "%s cannot be read: %s", path, sqlite3_errstr(r));
}

static int copy_source(struct xb_store *copy, const char *path, struct xb_err *err)
{
    sqlite3 *source = NULL;
    int r = open_source(path, &source, err);
    if (r == 0)
        r = xb_store_copy_pages(copy->db, "main", source, path, err);
    sqlite3_close(source);
    return r;
}

static int damaged(struct xb_store *copy, const char *how, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "store %s is damaged (%.120s)", copy->path, how);
}

/* Run a check that returns no row, or "ok", for a good store; its first row names the damage. */
static int check_by(struct xb_store *copy, const char *sql, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(copy->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return damaged(copy, sqlite3_errmsg(copy->db), err);
    int r = sqlite3_step(stmt);
    if (r == SQLITE_DONE || (r == SQLITE_ROW && strcmp(xb_column_text(stmt, 0), "ok") == 0))
        return 0;
    return damaged(copy, r == SQLITE_ROW ? xb_column_text(stmt, 0) : sqlite3_errmsg(copy->db), err);
}

static int check_version(struct xb_store *copy, int *version, struct xb_err *err)
{
    int id;
    if (xb_store_pragma(copy, "PRAGMA application_id", &id, err) < 0 ||
        xb_store_pragma(copy, "PRAGMA user_version", version, err) < 0)
        return -1;
    if (id != XB_STORE_APPLICATION_ID || *version < 1)
        return xb_fail(err, XB_E_INPUT, 0, "%s is a database, but not a store of xenbench",
                       copy->path);
    if (*version > xb_store_version)
        return xb_fail(err, XB_E_INPUT, 0,
                       "store %s has version %d, this xenbench (" XB_VERSION
                       ") knows versions up to %d; use the newer one",
                       copy->path, *version, xb_store_version);
    return 0;
}

/* A schema without the statistics of ANALYZE, as one text to free. */
static char *schema_text(struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT group_concat(type || ' ' || name || ' ' || tbl_name || ' ' ||"
                       " ifnull(sql, ''), char(10)) FROM (SELECT * FROM sqlite_schema"
                       " WHERE substr(name, 1, 11) != 'sqlite_stat' ORDER BY type, name)") < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return NULL;
    return xb_strdup(xb_column_text(stmt, 0));
}

/* The schema must be that of its version to the letter: a foreign trigger or view may do harm. */
static int check_schema(struct xb_store *copy, int version, struct xb_err *err)
{
    struct xb_store *reference = xb_store_open_private("a new store", err);
    if (!reference)
        return -1;
    int r = xb_store_migrate(reference, 0, version, err);
    xb_auto_free char *want = r == 0 ? schema_text(reference, err) : NULL;
    struct xb_err why = {0};
    xb_auto_free char *got = want ? schema_text(copy, &why) : NULL;
    xb_store_close(reference);
    if (!got)
        return want ? damaged(copy, why.msg, err) : -1;
    return strcmp(want, got) == 0 ? 0 : damaged(copy, "its schema is not that of its version", err);
}

/* No value may be longer than what a run writes. */
static int check_lengths(struct xb_store *copy, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(copy, &stmt, err,
                       "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
                       " WHERE t.type = 'table' AND c.type IN ('TEXT', 'BLOB')") < 0)
        return -1;
    while ((r = xb_store_step(copy, stmt, err)) > 0) {
        const char *table = xb_column_text(stmt, 0), *column = xb_column_text(stmt, 1);
        char *sql =
            xb_need(sqlite3_mprintf("SELECT 'a value of %w.%w is too long' FROM \"%w\" WHERE"
                                    " length(CAST(\"%w\" AS BLOB)) > %lld LIMIT 1",
                                    table, column, table, column, (long long)VALUE_MAX_BYTES));
        int status = check_by(copy, sql, err);
        sqlite3_free(sql);
        if (status < 0)
            return -1;
    }
    return r;
}

static int check_histograms(struct xb_store *copy, struct xb_err *err)
{
    char bounds[512];
    int version;
    if (xb_store_pragma(copy, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (version < FIRST_WITH_HISTOGRAMS)
        return 0;
    snprintf(bounds, sizeof(bounds),
             "SELECT 'the histogram ' || quote(substr(name, 1, 60)) || ' is too large' FROM"
             " histogram_buckets GROUP BY run, cell, attempt, guest, name"
             " HAVING count(*) > %d OR sum(count) > %" PRIu64 " LIMIT 1",
             XB_DIST_BUCKETS_MAX, XB_DIST_TOTAL_MAX);
    return check_by(copy, bounds, err);
}

/* Refuse rows that are well-formed for SQLite, but that no xenbench writes. */
static int check_rows(struct xb_store *copy, struct xb_err *err)
{
    char bounds[512];
    if (check_by(
            copy,
            "SELECT 'a run is called ' || quote(substr(run, 1, 60)) FROM runs WHERE length(run) "
            "!= 36 OR run GLOB '*[^0-9a-f-]*' LIMIT 1",
            err) < 0)
        return -1;
    /* One attempt at a cell is done, and one cell is a repetition of a case. */
    if (check_by(
            copy,
            "SELECT 'run ' || run || ' has repetition ' || repetition || ' of case ' || case_no"
            " || ' more than once' FROM cells WHERE state = 'done'"
            " GROUP BY run, case_no, repetition, warmup != 0 HAVING count(*) > 1 LIMIT 1",
            err) < 0)
        return -1;
    if (check_histograms(copy, err) < 0)
        return -1;
    snprintf(bounds, sizeof(bounds),
             "SELECT 'run ' || run || ' has too many cases or guests' FROM runs WHERE"
             " (SELECT count(*) FROM cases c WHERE c.run = runs.run) > %d OR"
             " (SELECT count(*) FROM guests g WHERE g.run = runs.run) > %d LIMIT 1",
             XB_EXP_CASES_MAX, XB_EXP_GUESTS_MAX);
    if (check_by(copy, bounds, err) < 0)
        return -1;
    snprintf(bounds, sizeof(bounds),
             "SELECT 'the name of guest ' || quote(substr(guest, 1, 60)) || ' is too long' FROM"
             " guests WHERE length(CAST(guest AS BLOB)) > %d LIMIT 1",
             XB_GUEST_NAME_MAX);
    return check_by(copy, bounds, err);
}

int xb_store_check_content(struct xb_store *copy, struct xb_err *err)
{
    if (check_by(copy, "PRAGMA integrity_check(1)", err) < 0 ||
        check_by(copy, "PRAGMA foreign_key_check", err) < 0 || check_lengths(copy, err) < 0 ||
        check_rows(copy, err) < 0)
        return -1;
    return 0;
}

/* Make a private, checked store of this version from a file. */
static int prepare(struct xb_store *copy, const char *path, struct xb_err *err)
{
    int version;
    if (distrust(copy, err) < 0 || copy_source(copy, path, err) < 0 ||
        check_version(copy, &version, err) < 0 || check_schema(copy, version, err) < 0)
        return -1;
    if (xb_store_check_content(copy, err) < 0)
        return -1;
    return xb_store_migrate(copy, version, xb_store_version, err);
}

int xb_store_open_foreign(struct xb_store **out, const char *path, struct xb_err *err)
{
    if (check_file(path, err) < 0)
        return -1;
    struct xb_store *copy = xb_store_open_private(path, err);
    if (!copy)
        return -1;
    if (prepare(copy, path, err) == 0) {
        *out = copy;
        return 0;
    }
    xb_store_close(copy);
    return -1;
}
