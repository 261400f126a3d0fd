/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"

#include "base.h"
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#define SUFFIX ".json"

void xb_recovery_tell(const struct xb_recovery *recovery, const char *fmt, ...)
{
    char what[PATH_MAX + 100];
    va_list ap;
    if (!recovery->told)
        return;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    recovery->told(recovery->arg, what);
}

void xb_journal_process_key(char out[XB_JOURNAL_KEY_BYTES])
{
    snprintf(out, XB_JOURNAL_KEY_BYTES, "%d-%" PRIu64, (int)getpid(), xb_process_start(getpid()));
}

static int record_dir(struct xb_app *app, const struct xb_journal_kind *kind, char out[PATH_MAX],
                      struct xb_err *err)
{
    return kind->survives_boot ? xb_path(out, PATH_MAX, err, "%s/under-way", app->state_dir)
                               : xb_path(out, PATH_MAX, err, "%s", app->run_dir);
}

static int record_path(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                       char out[PATH_MAX], struct xb_err *err)
{
    char dir[PATH_MAX];
    return record_dir(app, kind, dir, err) < 0
               ? -1
               : xb_path(out, PATH_MAX, err, "%s/%s%s" SUFFIX, dir, kind->record, key);
}

static int lock_path(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     char out[PATH_MAX], struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s/%s%s.lock", app->run_dir, kind->lock, key);
}

/* Take the lock; -1 with holder filled, and no error yet, if another process has it. */
static int lock(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                char holder[64], struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_err why = {0};
    holder[0] = '\0';
    if (xb_make_dirs(app->run_dir, err) < 0 || lock_path(app, kind, key, path, err) < 0)
        return -1;
    int fd = xb_lock_take(path, holder, &why);
    return fd < 0 && !holder[0] ? xb_fail(err, why.class, 0, "%s", why.msg) : fd;
}

static void unlock(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                   int lock_fd)
{
    char path[PATH_MAX];
    if (lock_fd < 0)
        return;
    if (lock_path(app, kind, key, path, NULL) == 0)
        unlink(path);
    close(lock_fd);
}

static int busy(const struct xb_journal_kind *kind, const char *name, const char *holder,
                struct xb_err *err)
{
    return kind->busy ? kind->busy(name, holder, err)
                      : xb_fail(err, XB_E_HOST, 0, "%s: process %s is working on it", name, holder);
}

static int check_format(const struct xb_journal_kind *kind, const char *path, const json_t *record,
                        struct xb_err *err)
{
    if (json_integer_value(json_object_get(record, "format")) <= kind->format)
        return 0;
    return xb_fail(
        err, XB_E_HOST, 0,
        "%s was written by a later version of xenbench: use that version's `xenbench clean`", path);
}

json_t *xb_journal_read(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                        struct xb_err *err)
{
    char path[PATH_MAX];
    if (record_path(app, kind, key, path, err) < 0)
        return NULL;
    xb_auto_json json_t *record = xb_json_load(path, err);
    return record && check_format(kind, path, record, err) == 0 ? xb_steal_ptr(&record) : NULL;
}

/* The caller holds the lock; in a dry run, nobody does. */
static int undo(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                const char *key, struct xb_err *err)
{
    char path[PATH_MAX];
    if (record_path(recovery->app, kind, key, path, err) < 0)
        return -1;
    if (access(path, F_OK) < 0)
        return 0;
    xb_auto_json json_t *record = xb_json_load(path, kind->key_suffices ? NULL : err);
    if ((!record && !kind->key_suffices) || check_format(kind, path, record, err) < 0 ||
        kind->undo(recovery, key, record, err) < 0)
        return -1;
    if (!recovery->dry_run && unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno,
                       "everything is undone, but the record %s cannot "
                       "be removed",
                       path);
    return 0;
}

int xb_journal_take(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    const char *name, struct xb_err *err)
{
    char holder[64];
    int lock_fd = lock(app, kind, key, holder, err);
    if (lock_fd < 0)
        return holder[0] ? busy(kind, name, holder, err) : -1;
    if (undo(&(struct xb_recovery){.app = app}, kind, key, err) == 0)
        return lock_fd;
    unlock(app, kind, key, lock_fd);
    return -1;
}

int xb_journal_write(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err)
{
    char path[PATH_MAX], dir[PATH_MAX];
    if (record_dir(app, kind, dir, err) < 0 || xb_make_dirs(dir, err) < 0 ||
        record_path(app, kind, key, path, err) < 0)
        return -1;
    json_object_set_new(record, "format", json_integer(kind->format));
    return xb_json_save(path, record, err);
}

int xb_journal_begin(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err)
{
    const char *name = json_string_value(json_object_get(record, "name"));
    int lock_fd = xb_journal_take(app, kind, key, name ? name : key, err);
    if (lock_fd < 0)
        return -1;
    if (xb_journal_write(app, kind, key, record, err) == 0)
        return lock_fd;
    xb_journal_end(app, kind, key, lock_fd);
    return -1;
}

void xb_journal_end(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd)
{
    char path[PATH_MAX];
    if (record_path(app, kind, key, path, NULL) == 0)
        unlink(path);
    unlock(app, kind, key, lock_fd);
}

int xb_journal_undo(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd, struct xb_err *err)
{
    int status = undo(&(struct xb_recovery){.app = app}, kind, key, err);
    unlock(app, kind, key, lock_fd);
    return status;
}

bool xb_journal_recorded(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                         pid_t *owner)
{
    char path[PATH_MAX], lock_name[PATH_MAX];
    if (record_path(app, kind, key, path, NULL) < 0 ||
        lock_path(app, kind, key, lock_name, NULL) < 0 || access(path, F_OK) < 0)
        return false;
    if (owner)
        *owner = xb_lock_holder(lock_name);
    return true;
}

/* Report the subject of a record that is in use. */
static int in_use(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                  const char *holder, struct xb_err *err)
{
    if (!kind->busy)
        return 0;
    xb_auto_json json_t *record = xb_journal_read(app, kind, key, NULL);
    const char *name = json_string_value(json_object_get(record, "name"));
    return kind->busy(name ? name : key, holder, err);
}

static int recover(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                   const char *key, bool tell_in_use, struct xb_err *err)
{
    char holder[64];
    int lock_fd = lock(recovery->app, kind, key, holder, err);
    if (lock_fd < 0 && holder[0])
        return tell_in_use ? in_use(recovery->app, kind, key, holder, err) : 0;
    if (lock_fd < 0)
        return -1;
    int status = undo(recovery, kind, key, err);
    unlock(recovery->app, kind, key, lock_fd);
    return status;
}

int xb_journal_recover(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                       struct xb_err *err)
{
    if (!xb_journal_recorded(app, kind, key, NULL))
        return 0;
    return recover(&(struct xb_recovery){.app = app}, kind, key, true, err);
}

int xb_journal_recover_guest(struct xb_app *app, const char *uuid, struct xb_err *err)
{
    for (size_t i = 0; app->journal && app->journal[i]; i++)
        if (app->journal[i]->record && app->journal[i]->key == XB_JOURNAL_GUEST &&
            xb_journal_recover(app, app->journal[i], uuid, err) < 0)
            return -1;
    return 0;
}

static bool is_uuid(const char *text)
{
    return strlen(text) == 36 && strspn(text, "0123456789abcdefABCDEF-") == 36;
}

static bool is_process(const char *text)
{
    size_t pid = strspn(text, "0123456789");
    return pid && text[pid] == '-' && text[pid + 1] &&
           strspn(text + pid + 1, "0123456789") == strlen(text + pid + 1);
}

/* Is this file a record of the kind? Gives its key. */
static bool key_of(const struct xb_journal_kind *kind, const char *file,
                   char out[XB_JOURNAL_KEY_BYTES])
{
    size_t n = strlen(file), record = strlen(kind->record), suffix = strlen(SUFFIX);
    if (n < record + suffix || n - record - suffix >= XB_JOURNAL_KEY_BYTES ||
        strncmp(file, kind->record, record) != 0 || strcmp(file + n - suffix, SUFFIX) != 0)
        return false;
    snprintf(out, XB_JOURNAL_KEY_BYTES, "%.*s", (int)(n - record - suffix), file + record);
    return kind->key == XB_JOURNAL_GUEST     ? is_uuid(out)
           : kind->key == XB_JOURNAL_PROCESS ? is_process(out)
                                             : !out[0];
}

static int recover_one(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                       const char *key, struct xb_err *err)
{
    pid_t owner = 0;
    if (!recovery->dry_run)
        return recover(recovery, kind, key, false, err);
    return xb_journal_recorded(recovery->app, kind, key, &owner) && !owner
               ? undo(recovery, kind, key, err)
               : 0;
}

int xb_journal_recover_kind(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                            struct xb_err *err)
{
    char dir_path[PATH_MAX], key[XB_JOURNAL_KEY_BYTES];
    int status = 0;
    if (!kind->record)
        return kind->sweep(recovery, err);
    if (record_dir(recovery->app, kind, dir_path, err) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(dir_path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (key_of(kind, entry->d_name, key) && recover_one(recovery, kind, key, err) < 0)
            status = -1;
    return status;
}

static bool is_known(struct xb_app *app, const char *file)
{
    char key[XB_JOURNAL_KEY_BYTES];
    for (size_t i = 0; app->journal[i]; i++)
        if (app->journal[i]->record && app->journal[i]->survives_boot &&
            key_of(app->journal[i], file, key))
            return true;
    return false;
}

static int refuse_unknown(struct xb_app *app, struct xb_err *err)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/under-way", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t n = strlen(entry->d_name), suffix = strlen(SUFFIX);
        if (n > suffix && strcmp(entry->d_name + n - suffix, SUFFIX) == 0 &&
            !is_known(app, entry->d_name))
            return xb_fail(err, XB_E_HOST, 0,
                           "%s/%s was written by another version of xenbench: use that version's "
                           "`xenbench clean`",
                           path, entry->d_name);
    }
    return 0;
}

int xb_journal_recover_all(const struct xb_recovery *recovery, bool after_guests,
                           struct xb_err *err)
{
    struct xb_app *app = recovery->app;
    int status = 0;
    for (size_t i = 0; app->journal[i]; i++)
        if (app->journal[i]->after_guests == after_guests &&
            xb_journal_recover_kind(recovery, app->journal[i], err) < 0)
            status = -1;
    return after_guests && refuse_unknown(app, err) < 0 ? -1 : status;
}

int xb_journal_forget_guest(const struct xb_recovery *recovery, const char *uuid,
                            struct xb_err *err)
{
    struct xb_app *app = recovery->app;
    for (size_t i = 0; app->journal && app->journal[i]; i++)
        if (app->journal[i]->forget && app->journal[i]->forget(recovery, uuid, err) < 0)
            return -1;
    return 0;
}
