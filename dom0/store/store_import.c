/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Imports another store's runs.
 */
#include "base.h"
#include "fault.h"
#include "store_foreign.h"
#include "store_foreign_i.h"
#include "store_merge.h"

#include <string.h>
#include <sys/stat.h>

/* What this store knows of a run. */
struct known {
    bool has, unfinished, imported;
};

static int has_run(struct xb_store *into, const char *run, struct known *known, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(into, &stmt, err,
                       "SELECT state = 'unfinished', imported FROM main.runs WHERE run = ?",
                       XB_TEXT(run)) < 0)
        return -1;
    int r = xb_store_step(into, stmt, err);
    *known = (struct known){
        .has = r > 0,
        .unfinished = r > 0 && sqlite3_column_int(stmt, 0),
        .imported = r > 0 && sqlite3_column_int(stmt, 1),
    };
    return r < 0 ? -1 : 0;
}

static int mark(struct xb_store *into, const char *run, bool imported, struct xb_err *err)
{
    return xb_store_do(into, err, "UPDATE main.runs SET imported = ? WHERE run = ?",
                       XB_INT(imported), XB_TEXT(run));
}

/* The mark of imported runs stays as it was in this store. */
static int replace_run(struct xb_store *into, const char *run, bool imported, struct xb_err *err)
{
    if (xb_store_do(into, err, "DELETE FROM main.runs WHERE run = ?", XB_TEXT(run)) < 0 ||
        xb_store_copy_run(into, run, err) < 0)
        return -1;
    return mark(into, run, imported, err);
}

static int take_run(struct xb_store *into, const char *from, const char *run,
                    struct xb_merged *merged, struct xb_err *err)
{
    struct known known;
    enum xb_store_versus versus;
    if (has_run(into, run, &known, err) < 0)
        return -1;
    if (!known.has) {
        merged->added++;
        return xb_store_copy_run(into, run, err) < 0 ? -1 : mark(into, run, true, err);
    }
    if (xb_store_run_compare(into, run, &versus, err) < 0)
        return -1;
    if (versus == XB_VERSUS_SAME || versus == XB_VERSUS_LESS) {
        merged->known++;
        return 0;
    }
    if (versus == XB_VERSUS_MORE && known.unfinished) {
        merged->finished++;
        return replace_run(into, run, known.imported, err);
    }
    return xb_fail(err, XB_E_INPUT, 0,
                   "run %.8s is in both stores with other results in %s; nothing was imported "
                   "(`xenbench runs delete %.8s` makes room)",
                   run, from, run);
}

static int take_runs(struct xb_store *into, const char *from, const char *only,
                     struct xb_merged *merged, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(into, &stmt, err,
                       "SELECT run FROM other.runs WHERE ?1 IS NULL OR run = ?1 ORDER BY run",
                       XB_TEXT(only)) < 0)
        return -1;
    while ((r = xb_store_step(into, stmt, err)) > 0)
        if (take_run(into, from, xb_column_text(stmt, 0), merged, err) < 0)
            return -1;
    return r;
}

static int merge(struct xb_store *into, const char *from, const char *only,
                 struct xb_merged *merged, struct xb_err *err)
{
    if (xb_store_begin(into, err) < 0)
        return -1;
    if (take_runs(into, from, only, merged, err) < 0) {
        xb_store_rollback(into);
        return -1;
    }
    xb_fault("merged");
    return xb_store_commit(into, err);
}

static int check_other(struct xb_store *into, const char *path, struct xb_err *err)
{
    struct stat theirs, ours;
    if (stat(into->path, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino)
        return xb_fail(err, XB_E_INPUT, 0, "%s is the store itself", path);
    return 0;
}

int xb_store_import_run(struct xb_store *store, const char *path, const char *run,
                        struct xb_merged *merged, struct xb_err *err)
{
    struct xb_store *copy = NULL;
    *merged = (struct xb_merged){0};
    if (check_other(store, path, err) < 0)
        return -1;
    if (xb_store_open_foreign(&copy, path, err) < 0)
        return xb_fail_context(err, "nothing was imported");
    int r = xb_store_exec(store, "ATTACH '' AS other", "cannot attach another store", err);
    if (r == 0) {
        r = xb_store_copy_pages(store->db, "other", copy->db, path, err);
        if (r == 0)
            r = merge(store, path, run, merged, err);
        sqlite3_exec(store->db, "DETACH other", NULL, NULL, NULL);
    }
    xb_store_close(copy);
    if (r < 0)
        *merged = (struct xb_merged){0};
    return r;
}

int xb_store_import(struct xb_store *store, struct xb_app *app XB_UNUSED, const char *path,
                    struct xb_merged *merged, struct xb_err *err)
{
    return xb_store_import_run(store, path, NULL, merged, err);
}
