/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lifecycle_record.h"

#include "base.h"
#include "boot_id.h"
#include "domain_state.h"
#include "files.h"
#include "lifecycle_i.h"
#include "xen.h"

#include <errno.h>
#include <string.h>

#define FORMAT 1

static json_t *describe(const struct xb_guest_def *guests, size_t guest_count,
                        const char *const *files, size_t file_count)
{
    char boot[XB_BOOT_ID_BYTES];
    json_t *names = json_array(), *paths = json_array();
    xb_boot_id(boot);
    for (size_t i = 0; i < guest_count; i++)
        json_array_append_new(
            names, json_pack("{s:s, s:s}", "name", guests[i].name, "uuid", guests[i].uuid));
    for (size_t i = 0; i < file_count; i++)
        json_array_append_new(paths, json_string(files[i]));
    return json_pack("{s:s, s:o, s:o}", "boot", boot, "guests", names, "files", paths);
}

int xb_life_record_begin(struct xb_life_record *record, struct xb_app *app,
                         const struct xb_guest_def *guests, size_t guest_count,
                         const char *const *files, size_t file_count, struct xb_err *err)
{
    xb_auto_json json_t *json = describe(guests, guest_count, files, file_count);
    record->app = app;
    xb_journal_process_key(record->key);
    record->lock_fd = xb_journal_begin(app, &xb_life_kind, record->key, json, err);
    return record->lock_fd < 0 ? -1 : 0;
}

void xb_life_record_end(struct xb_life_record *record)
{
    xb_journal_end(record->app, &xb_life_kind, record->key, record->lock_fd);
}

static int remove_files(const struct xb_recovery *recovery, const json_t *record,
                        struct xb_err *err)
{
    const json_t *file;
    size_t i;
    json_array_foreach(json_object_get(record, "files"), i, file)
    {
        const char *path = json_string_value(file);
        if (!path || access(path, F_OK) < 0)
            continue;
        xb_recovery_tell(recovery, "remove %s, left by a killed lifecycle", path);
        if (!recovery->dry_run && unlink(path) < 0 && errno != ENOENT)
            return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", path);
    }
    return 0;
}

/* The lifecycle had started its guests, so stop them. */
static int stop_guest(const struct xb_recovery *recovery, const struct xb_guest_def *def,
                      struct xb_err *err)
{
    const char *name = def->name;
    if (!xb_xen_get(recovery->app, err))
        return -1;
    if (!xb_guest_def_domid(recovery->app, def))
        return 0;
    xb_recovery_tell(recovery, "stop guest %s, which a killed lifecycle had started", name);
    if (recovery->dry_run)
        return 0;
    return xb_life_end_guests(recovery->app, &name, 1, err);
}

static int stop_guests(const struct xb_recovery *recovery, const json_t *record, struct xb_err *err)
{
    const json_t *guest;
    size_t i;
    if (!xb_boot_is(json_string_value(json_object_get(record, "boot"))))
        return 0;
    json_array_foreach(json_object_get(record, "guests"), i, guest)
    {
        struct xb_guest_def def;
        const char *name = NULL, *uuid = NULL;
        if (json_unpack((json_t *)guest, "{s:s, s:s}", "name", &name, "uuid", &uuid) == 0 &&
            xb_guest_def_load(recovery->app, name, &def, NULL) == 0 &&
            strcmp(def.uuid, uuid) == 0 && stop_guest(recovery, &def, err) < 0)
            return -1;
    }
    return 0;
}

static int undo(const struct xb_recovery *recovery, const char *key XB_UNUSED, const json_t *record,
                struct xb_err *err)
{
    return stop_guests(recovery, record, err) < 0 ? -1 : remove_files(recovery, record, err);
}

const struct xb_journal_kind xb_life_kind = {
    .key = XB_JOURNAL_PROCESS,
    .record = "lifecycle-",
    .survives_boot = true,
    .lock = "lifecycle-",
    .format = FORMAT,
    .undo = undo,
};
