/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "build_record.h"

#include "base.h"
#include "domain_build.h"
#include "files.h"
#include "xen_domains.h"

#include <string.h>

#define FORMAT 1
#define BUILD_WAIT_NS (90 * XB_NS_PER_S)
#define LOOK_FIRST_NS XB_NS_PER_MS
#define LOOK_LONGEST_NS (50 * XB_NS_PER_MS)

int xb_build_record_begin(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    xb_auto_json json_t *json = json_pack("{s:s, s:s}", "name", def->name, "uuid", def->uuid);
    return xb_journal_write(app, &xb_build_kind, def->uuid, json, err);
}

void xb_build_record_end(struct xb_app *app, const struct xb_guest_def *def)
{
    xb_journal_end(app, &xb_build_kind, def->uuid, -1);
}

int xb_build_undo(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                  struct xb_err *err)
{
    if (xb_build_record_begin(app, def, err) < 0 || xb_domain_destroy(app->xen, domid, err) < 0)
        return -1;
    xb_build_record_end(app, def);
    return 0;
}

/* The domain that a builder left paused; 0 if there is none, or if it runs and so is complete. */
static uint32_t half_built(struct xb_app *app, const struct xb_guest_def *def)
{
    struct xb_domain domain;
    uint32_t domid = xb_guest_def_domid(app, def);
    return domid && xb_domain_look(app->xen, domid, &domain) == 0 && domain.paused ? domid : 0;
}

void xb_build_wait(struct xb_app *app, const struct xb_guest_def *def)
{
    pid_t builder;
    uint64_t deadline_ns = xb_now_ns() + BUILD_WAIT_NS, pause_ns = LOOK_FIRST_NS;
    while (xb_journal_recorded(app, &xb_build_kind, def->uuid, &builder) && builder &&
           xb_now_ns() < deadline_ns)
        xb_pause(&pause_ns, LOOK_LONGEST_NS);
}

static int undo(const struct xb_recovery *recovery, const char *uuid, const json_t *record,
                struct xb_err *err)
{
    struct xb_guest_def def = {0};
    const char *name = json_string_value(json_object_get(record, "name"));
    snprintf(def.name, sizeof(def.name), "%s", name ? name : "?");
    snprintf(def.uuid, sizeof(def.uuid), "%s", uuid);
    if (!xb_xen_get(recovery->app, err))
        return -1;
    uint32_t domid = half_built(recovery->app, &def);
    if (!domid)
        return 0;
    xb_recovery_tell(recovery, "destroy domain %u of guest %s, which was never complete", domid,
                     def.name);
    if (recovery->dry_run || xb_domain_destroy(recovery->app->xen, domid, err) == 0)
        return 0;
    return xb_fail_context(err, "guest %s, which was never complete", def.name);
}

/* Without .busy: a record in use is no error, but means that the guest is being built. */
const struct xb_journal_kind xb_build_kind = {
    .key = XB_JOURNAL_GUEST,
    .record = "build-",
    .lock = XB_GUEST_MONITOR_LOCK,
    .format = FORMAT,
    .key_suffices = true,
    .undo = undo,
};
