/* Some runs of a store as a store of their own. */
#include "base.h"
#include "files.h"
#include "store_i.h"
#include "store_merge.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

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

/* One file without a log beside it, to be carried away. */
static int fill(struct xb_store *store, struct xb_app *app, const char *const *runs, size_t count,
                const char *path, struct xb_err *err)
{
    struct xb_store *out = NULL;
    if (xb_store_open(&out, app, path, true, err) < 0)
        return -1;
    int rc = xb_store_do(out, err, "ATTACH ? AS other", XB_TEXT(store->path));
    if (rc == 0) {
        rc = copy_runs(out, runs, count, err);
        sqlite3_exec(out->db, "DETACH other", NULL, NULL, NULL);
    }
    if (rc == 0)
        rc = xb_store_exec(out, "PRAGMA journal_mode = DELETE", "cannot be finished", err);
    xb_store_close(out);
    return rc;
}

static void remove_part(const char *part)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < XB_ARRAY_LEN(ends); i++) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof(path), "%s%s", part, ends[i]) < (int)sizeof(path))
            unlink(path);
    }
}

int xb_store_export(struct xb_store *store, struct xb_app *app, const char *const *runs,
                    size_t count, const char *path, struct xb_err *err)
{
    char part[PATH_MAX];
    if (access(path, F_OK) == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s is there already (`xenbench runs import` adds runs to a store)", path);
    if (xb_path(part, sizeof(part), err, "%s.part.%d", path, (int)getpid()) < 0)
        return -1;
    int rc = fill(store, app, runs, count, part, err);
    if (rc == 0 && renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        rc = xb_fail(err, XB_E_HOST, errno, "%s cannot be put in place", path);
    if (rc < 0)
        remove_part(part);
    return rc;
}
