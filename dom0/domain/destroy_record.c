/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "destroy_record.h"

#include "base.h"
#include "domain_build.h"
#include "fault.h"
#include "files.h"

#include <string.h>

#define FORMAT 1

int xb_destroy_recorded(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                        struct xb_err *err)
{
    struct xb_err no_record = {0};
    xb_auto_json json_t *json = json_pack("{s:s, s:s, s:I}", "name", def->name, "uuid", def->uuid,
                                          "domid", (json_int_t)domid);
    int lock_fd = xb_journal_begin(app, &xb_destroy_kind, def->uuid, json, &no_record);
    xb_fault("destroy-recorded");
    int r = xb_domain_destroy(app->xen, domid, err);
    xb_fault("domain-destroyed");
    /* After a failure too: the user is told, and may decide otherwise. */
    if (lock_fd >= 0)
        xb_journal_end(app, &xb_destroy_kind, def->uuid, lock_fd);
    return r;
}

/* Not a later domain of the guest: the record may be left over from one that is gone. */
static int undo(const struct xb_recovery *recovery, const char *uuid, const json_t *record,
                struct xb_err *err)
{
    struct xb_guest_def def = {0};
    const char *name = json_string_value(json_object_get(record, "name"));
    json_int_t domid = json_integer_value(json_object_get(record, "domid"));
    snprintf(def.name, sizeof(def.name), "%s", name ? name : "?");
    snprintf(def.uuid, sizeof(def.uuid), "%s", uuid);
    if (domid <= 0)
        return 0;
    if (!xb_xen_get(recovery->app, err))
        return -1;
    if (xb_guest_def_domid(recovery->app, &def) != (uint32_t)domid)
        return 0;
    xb_recovery_tell(recovery, "destroy domain %u of guest %s, whose destruction was interrupted",
                     (uint32_t)domid, def.name);
    if (recovery->dry_run || xb_domain_destroy(recovery->app->xen, (uint32_t)domid, err) == 0)
        return 0;
    return xb_fail_context(err, "guest %s, whose destruction was interrupted", def.name);
}

/* Without .busy: a record in use is no error, but means that the guest is being destroyed. */
const struct xb_journal_kind xb_destroy_kind = {
    .key = XB_JOURNAL_GUEST,
    .record = "destroy-",
    .lock = "destroy-",
    .format = FORMAT,
    .key_suffices = true,
    .undo = undo,
};
