/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_record.h"

#include "base.h"
#include "domain.h"
#include "files.h"
#include "guest_def.h"

#include <string.h>
#include <unistd.h>

#define FORMAT 1

int xb_selftest_dir(struct xb_app *app, char *out, size_t out_bytes, struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/.selftest", app->state_dir);
}

/* By its UUID: by now the name may be that of somebody else's guest. */
static int remove_guest(const struct xb_recovery *recovery, const json_t *guest, struct xb_err *err)
{
    struct xb_app *app = recovery->app;
    struct xb_guest_def def;
    const char *name = NULL, *uuid = NULL;
    if (json_unpack((json_t *)guest, "{s:s, s:s}", "name", &name, "uuid", &uuid) < 0 ||
        xb_guest_def_load(app, name, &def, NULL) < 0 || strcmp(def.uuid, uuid) != 0)
        return 0;
    xb_recovery_tell(recovery, "destroy and remove guest %s, which a killed selftest had made",
                     name);
    if (recovery->dry_run)
        return 0;
    return xb_guest_destroy(app, name, err) < 0 ? -1 : xb_guest_remove(app, name, err);
}

static int remove_files(const struct xb_recovery *recovery, struct xb_err *err)
{
    char dir[PATH_MAX];
    if (xb_selftest_dir(recovery->app, dir, sizeof(dir), err) < 0)
        return -1;
    if (access(dir, F_OK) < 0)
        return 0;
    xb_recovery_tell(recovery, "remove %s, left by a killed selftest", dir);
    return recovery->dry_run ? 0 : xb_remove_tree(dir, err);
}

/* One guest that cannot be removed does not keep the others. */
static int undo(const struct xb_recovery *recovery, const char *key XB_UNUSED, const json_t *record,
                struct xb_err *err)
{
    const json_t *guest;
    size_t i;
    int r = 0;
    json_array_foreach(json_object_get(record, "guests"), i, guest)
    {
        if (remove_guest(recovery, guest, err) < 0)
            r = -1;
    }
    return remove_files(recovery, err) < 0 ? -1 : r;
}

static int busy(const char *name XB_UNUSED, const char *holder, struct xb_err *err)
{
    return xb_fail(err, XB_E_HOST, 0, "another selftest is under way: process %s", holder);
}

const struct xb_journal_kind xb_selftest_kind = {
    .key = XB_JOURNAL_ONE,
    .record = "selftest",
    .survives_boot = true,
    .lock = "selftest",
    .format = FORMAT,
    .undo = undo,
    .busy = busy,
};

static int check_free(struct xb_app *app, const char *const *guests, size_t count,
                      struct xb_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (xb_guest_exists(app, guests[i]))
            return xb_fail(err, XB_E_INPUT, 0,
                           "there is already a guest %s; a selftest needs this name: remove the "
                           "guest, or give it another name",
                           guests[i]);
    return 0;
}

int xb_selftest_record_begin(struct xb_app *app, const char *const *guests, size_t count,
                             json_t **record, struct xb_err *err)
{
    int lock_fd = xb_journal_take(app, &xb_selftest_kind, "", "selftest", err);
    if (lock_fd < 0)
        return -1;
    *record = json_pack("{s:s, s:[]}", "name", "selftest", "guests");
    if (check_free(app, guests, count, err) == 0 &&
        xb_journal_write(app, &xb_selftest_kind, "", *record, err) == 0)
        return lock_fd;
    xb_journal_end(app, &xb_selftest_kind, "", lock_fd);
    return -1;
}

int xb_selftest_record_guest(struct xb_app *app, json_t *record, const char *guest,
                             struct xb_err *err)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(app, guest, &def, err) < 0)
        return -1;
    json_array_append_new(json_object_get(record, "guests"),
                          json_pack("{s:s, s:s}", "name", def.name, "uuid", def.uuid));
    return xb_journal_write(app, &xb_selftest_kind, "", record, err);
}

int xb_selftest_record_end(struct xb_app *app, int lock_fd, struct xb_err *err)
{
    return xb_journal_undo(app, &xb_selftest_kind, "", lock_fd, err);
}
