/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes some runs of a store into a new store. */
#include "base.h"
#include "fault.h"
#include "outfile.h"
#include "store_i.h"
#include "store_merge.h"

#include <unistd.h>

static int copy_runs(struct xb_store *out, const char *const *runs, size_t count,
                     struct xb_err *err)
{
    if (xb_store_begin(out, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (xb_store_copy_run(out, runs[i], err) < 0) {
            xb_store_rollback(out);
            return -1;
        }
    }
    return xb_store_commit(out, err);
}

/*
 * SQLite leaves a named database and its journal behind when it is killed. So the export is made in
 * a database without a name, whose file vanishes with the process; then its pages are written out.
 */
static int fill(struct xb_store *store, struct xb_store *out, const char *const *runs, size_t count,
                struct xb_err *err)
{
    if (xb_store_do(out, err, "ATTACH ? AS other", XB_TEXT(store->path)) < 0)
        return -1;
    int r = copy_runs(out, runs, count, err);
    sqlite3_exec(out->db, "DETACH other", NULL, NULL, NULL);
    return r;
}

static int write_pages(struct xb_store *out, const struct xb_newfile *file, struct xb_err *err)
{
    sqlite3_int64 bytes = 0;
    unsigned char *pages = sqlite3_serialize(out->db, "main", &bytes, 0);
    if (!pages)
        return xb_fail(err, XB_E_HOST, 0,
                       "cannot write %s, %lld MiB (name fewer runs: each export is in memory once)",
                       file->path, (long long)bytes >> 20);
    int r = xb_outfile_write(file, pages, (size_t)bytes, err);
    sqlite3_free(pages);
    return r;
}

int xb_store_export(struct xb_store *store, struct xb_app *app, const char *const *runs,
                    size_t count, const char *path, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    struct xb_store *out = NULL;
    if (xb_outfile_open(&file, path, 0666, false, "`xenbench runs import` adds runs to a store",
                        err) < 0 ||
        xb_outfile_no_terminal(&file, err) < 0)
        return -1;
    int r = xb_store_open(&out, app, "", true, err);
    if (r == 0)
        r = fill(store, out, runs, count, err);
    xb_fault("export-filled");
    if (r == 0)
        r = write_pages(out, &file, err);
    xb_store_close(out);
    return r < 0 ? -1 : xb_newfile_show(&file, err);
}
