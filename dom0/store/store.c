/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "store_i.h"

#include "base.h"
#include "files.h"
#include "store_lost.h"
#include "store_schema.h"

#include <errno.h>
#include <math.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 10000

/* xb_store_schemas[i] leads from version i to i + 1; a schema never changes once it has shipped. */
const int xb_store_version = (int)XB_ARRAY_LEN(xb_store_schemas);

int xb_store_fail_sql(struct xb_store *store, struct xb_err *err, const char *what)
{
    return xb_fail(err, XB_E_HOST, 0, "store %s: %s: %s", store->path, what,
                   sqlite3_errmsg(store->db));
}

int xb_store_exec(struct xb_store *store, const char *sql, const char *what, struct xb_err *err)
{
    int r = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return r == SQLITE_OK ? 0 : xb_store_fail_sql(store, err, what);
}

int xb_store_pragma(struct xb_store *store, const char *sql, int *out, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_step(stmt);
    if (r == SQLITE_NOTADB)
        return xb_fail(err, XB_E_INPUT, 0, "%s is not a store of xenbench", store->path);
    if (r != SQLITE_ROW)
        return xb_store_fail_sql(store, err, "cannot be read");
    *out = sqlite3_column_int(stmt, 0);
    return 0;
}

static int migrate_once(struct xb_store *store, int from, struct xb_err *err)
{
    char finish[96];
    int version;
    /* Another process may have migrated the store since the first look. */
    if (xb_store_pragma(store, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (version != from)
        return 0;
    snprintf(finish, sizeof(finish), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             XB_STORE_APPLICATION_ID, from + 1);
    if (xb_store_exec(store, xb_store_schemas[from], "cannot be brought up to date", err) < 0)
        return -1;
    return xb_store_exec(store, finish, "cannot be brought up to date", err);
}

int xb_store_migrate(struct xb_store *store, int version, int to, struct xb_err *err)
{
    for (; version < to; version++) {
        if (xb_store_begin(store, err) < 0)
            return -1;
        if (migrate_once(store, version, err) < 0) {
            xb_store_rollback(store);
            return -1;
        }
        if (xb_store_commit(store, err) < 0)
            return -1;
    }
    return 0;
}

int xb_store_open_db(const char *path, int flags, sqlite3 **db)
{
    int r = sqlite3_open_v2(path, db, flags, NULL);
    if (*db)
        sqlite3_busy_timeout(*db, BUSY_MS);
    return r;
}

/* Is the file a store, or empty? Asked before the first change to it. */
static int check_version(struct xb_store *store, int *version, struct xb_err *err)
{
    int id = 0, tables = 0;
    if (xb_store_pragma(store, "PRAGMA application_id", &id, err) < 0 ||
        xb_store_pragma(store, "PRAGMA user_version", version, err) < 0 ||
        xb_store_pragma(store, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
        return -1;
    if (id != XB_STORE_APPLICATION_ID && tables > 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is a database, but not a store of xenbench",
                       store->path);
    if (*version > xb_store_version)
        return xb_fail(err, XB_E_INPUT, 0,
                       "store %s has version %d, this xenbench (" XB_VERSION
                       ") knows versions up to %d; use the newer one",
                       store->path, *version, xb_store_version);
    return 0;
}

/*
 * synchronous=NORMAL: a commit survives this process, and a power cut once xb_store_sync has
 * run, but no commit waits for a disk while jobs run. Checkpoints run at xb_store_sync for the
 * same reason.
 */
static int configure(struct xb_store *store, struct xb_err *err)
{
    return xb_store_exec(
        store,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        "PRAGMA wal_autocheckpoint = 0;",
        "cannot be set up", err);
}

/* SQLite would let others read a new store; it gives its other files the mode of this one. */
static void make_private(const char *path)
{
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    (void)fd; /* SQLite says why it cannot be opened */
}

static int open_file(struct xb_store *store, bool create, struct xb_err *err)
{
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (!create && access(store->path, F_OK) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "there is no store at %s (a run makes one)",
                       store->path);
    if (create)
        make_private(store->path);
    if (xb_store_open_db(store->path, flags, &store->db) != SQLITE_OK)
        return xb_store_fail_sql(store, err, "cannot be opened");
    int version = 0;
    if (check_version(store, &version, err) < 0 || configure(store, err) < 0)
        return -1;
    return xb_store_migrate(store, version, xb_store_version, err);
}

int xb_store_open(struct xb_store **out, struct xb_app *app, const char *path, bool create,
                  struct xb_err *err)
{
    struct xb_store *store = xb_calloc(1, sizeof(*store));
    store->path = path ? xb_strdup(path) : xb_asprintf("%s/results.sqlite", app->state_dir);
    int r = create && !path ? xb_make_dirs(app->state_dir, err) : 0;
    if (r == 0)
        r = open_file(store, create, err);
    if (r < 0)
        xb_store_close(store);
    else
        *out = store;
    /* The nameless store of an export is in no file that others could lose. */
    if (r == 0 && store->path[0])
        xb_store_lost_tell(store->path);
    return r;
}

void xb_store_close(struct xb_store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

const char *xb_store_path(const struct xb_store *store)
{
    return store->path;
}

int xb_store_begin(struct xb_store *store, struct xb_err *err)
{
    return xb_store_exec(store, "BEGIN IMMEDIATE", "cannot be written", err);
}

int xb_store_commit(struct xb_store *store, struct xb_err *err)
{
    if (xb_store_exec(store, "COMMIT", "cannot be written", err) == 0)
        return 0;
    xb_store_rollback(store);
    return -1;
}

void xb_store_rollback(struct xb_store *store)
{
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/* What the file must hold at least, to be asked before a checkpoint. */
static int least_bytes(struct xb_store *store, sqlite3_int64 *out, struct xb_err *err)
{
    int pages = 0, page_bytes = 0;
    if (xb_store_pragma(store, "PRAGMA page_count", &pages, err) < 0 ||
        xb_store_pragma(store, "PRAGMA page_size", &page_bytes, err) < 0)
        return -1;
    *out = (sqlite3_int64)pages * page_bytes;
    return 0;
}

/*
 * SQLite writes only the pages that have changed, and into the file that it opened, so it does not
 * notice that the others are gone, or that nobody will find the file. Asked through SQLite: closing
 * a descriptor of our own would drop the locks that it holds on the file.
 */
static int check_file(struct xb_store *store, sqlite3_int64 least, struct xb_err *err)
{
    static const char magic[16] = "SQLite format 3";
    char head[sizeof(magic)];
    int moved = 0;
    sqlite3_file *file = NULL;
    sqlite3_int64 bytes = 0;
    if (!store->path[0])
        return 0;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved)
        return xb_fail(err, XB_E_HOST, 0,
                       "store %s was removed or replaced while it was in use: what was measured "
                       "since is lost",
                       store->path);
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (!file || !file->pMethods || file->pMethods->xFileSize(file, &bytes) != SQLITE_OK)
        return xb_fail(err, XB_E_HOST, 0, "store %s: its size cannot be told", store->path);
    if (bytes < least || file->pMethods->xRead(file, head, sizeof(head), 0) != SQLITE_OK ||
        memcmp(head, magic, sizeof(magic)) != 0)
        return xb_fail(err, XB_E_HOST, 0,
                       "store %s was cut or overwritten while it was in use: what it holds is "
                       "damaged",
                       store->path);
    return 0;
}

int xb_store_sync(struct xb_store *store, struct xb_err *err)
{
    int log_pages = -1, done = -1;
    sqlite3_int64 least = 0;
    if (least_bytes(store, &least, err) < 0)
        return -1;
    int r =
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &done);
    if (r != SQLITE_OK && r != SQLITE_BUSY)
        return xb_store_fail_sql(store, err, "cannot be synced");
    /* Until the whole log has been moved, the file may well be shorter. */
    return r == SQLITE_OK && log_pages == done ? check_file(store, least, err) : 0;
}

static int bind(sqlite3_stmt *stmt, int at, const struct xb_val *val)
{
    switch (val->kind) {
    case XB_VAL_TEXT:
        return val->p ? sqlite3_bind_text(stmt, at, val->p, -1, SQLITE_TRANSIENT)
                      : sqlite3_bind_null(stmt, at);
    case XB_VAL_INT:
        return sqlite3_bind_int64(stmt, at, val->i);
    case XB_VAL_REAL:
        return sqlite3_bind_double(stmt, at, val->f);
    case XB_VAL_BLOB:
        return val->bytes ? sqlite3_bind_blob64(stmt, at, val->p, val->bytes, SQLITE_TRANSIENT)
                          : sqlite3_bind_zeroblob(stmt, at, 0);
    case XB_VAL_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, at);
}

int xb_store_query_vals(struct xb_store *store, sqlite3_stmt **stmt, struct xb_err *err,
                        const char *sql, const struct xb_val *vals, size_t count)
{
    if (sqlite3_prepare_v2(store->db, sql, -1, stmt, NULL) != SQLITE_OK)
        return xb_store_fail_sql(store, err, "cannot be queried");
    for (size_t i = 1; i <= count; i++)
        if (bind(*stmt, (int)i, &vals[i]) != SQLITE_OK)
            return xb_store_fail_sql(store, err, "cannot be queried");
    return 0;
}

int xb_store_step(struct xb_store *store, sqlite3_stmt *stmt, struct xb_err *err)
{
    int r = sqlite3_step(stmt);
    if (r == SQLITE_ROW)
        return 1;
    return r == SQLITE_DONE ? 0 : xb_store_fail_sql(store, err, "cannot be read or written");
}

int xb_store_do_vals(struct xb_store *store, struct xb_err *err, const char *sql,
                     const struct xb_val *vals, size_t count)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query_vals(store, &stmt, err, sql, vals, count) < 0)
        return -1;
    int r;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        ;
    return r;
}

int xb_store_changes(struct xb_store *store)
{
    return sqlite3_changes(store->db);
}

const char *xb_column_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}

double xb_column_real(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NAN
                                                            : sqlite3_column_double(stmt, column);
}

void xb_store_now(char out[32])
{
    xb_store_now_fine(out);
    strcpy(out + strlen("2026-01-01T00:00:00"), "Z");
}

void xb_store_now_fine(char out[32])
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03ldZ", now.tv_nsec / 1000000);
}

int xb_uuid_new(char out[37], struct xb_err *err)
{
    xb_auto_close int fd = open("/proc/sys/kernel/random/uuid", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, out, 36) != 36)
        return xb_fail(err, XB_E_HOST, errno, "no UUID from /proc/sys/kernel/random/uuid");
    out[36] = '\0';
    return 0;
}
