/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_record.h"

#include "base.h"
#include "domain_build.h"
#include "files.h"
#include "generation.h"
#include "quiesce.h"
#include "xen_domains.h"

#include <errno.h>
#include <libxl_utils.h>
#include <string.h>

#define FORMAT 1

/* What a record says that a dead process left. */
struct left {
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    char temporary[PATH_MAX], path[PATH_MAX]; /* "": none */
    uint32_t domid;
    bool ends;
    bool renamed; /* the file has its final name */
};

static void read_record(const json_t *record, struct left *out)
{
    const char *name = "?", *temporary = "", *path = "";
    json_int_t domid = 0;
    int ends = 0, whole = 0;
    if (record)
        json_unpack((json_t *)record, "{s?s, s?s, s?s, s?I, s?b, s?b}", "name", &name, "temporary",
                    &temporary, "path", &path, "domid", &domid, "ends", &ends, "whole", &whole);
    *out = (struct left){.domid = (uint32_t)domid, .ends = ends};
    snprintf(out->name, sizeof(out->name), "%s", name);
    snprintf(out->temporary, sizeof(out->temporary), "%s", temporary);
    snprintf(out->path, sizeof(out->path), "%s", path);
    out->renamed =
        whole && out->path[0] && access(out->temporary, F_OK) < 0 && access(out->path, F_OK) == 0;
}

static bool is_suspended(struct xb_xen *xen, uint32_t domid)
{
    struct xb_domain domain;
    return xb_domain_look(xen, domid, &domain) == 0 && domain.suspended && !domain.dying;
}

int xb_domain_resume_suspended(struct xb_app *app, uint32_t domid, struct xb_err *err)
{
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen)
        return -1;
    xb_xen_forget(xen);
    int rc = is_suspended(xen, domid) ? libxl_domain_resume(xen->ctx, domid, 1, NULL) : 0;
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot resume domain %u", domid);
    xb_agent_wake(app, domid);
    return 0;
}

/* The guest's domain with this name suffix; 0 if there is none. */
static uint32_t named(struct xb_app *app, const struct xb_guest_def *def, const char *suffix)
{
    char name[XB_GUEST_OWN_NAME_MAX + 32];
    uint32_t domid = 0;
    struct xb_domain domain;
    snprintf(name, sizeof(name), "%s%s", def->name, suffix);
    if (!xb_domain_named(app->xen, name, &domid) || domid == 0)
        return 0;
    return xb_domain_look(app->xen, domid, &domain) == 0 && strcmp(domain.uuid, def->uuid) == 0
               ? domid
               : 0;
}

int xb_incoming_config_path(struct xb_app *app, const char *uuid, char out[PATH_MAX],
                            struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s/incoming-%s.json", app->run_dir, uuid);
}

/* The new domain got its name, but perhaps not its first instruction. */
static int let_begin(struct xb_app *app, uint32_t domid, struct xb_err *err)
{
    struct xb_domain now;
    if (xb_domain_look(app->xen, domid, &now) != 0 || !now.paused)
        return 0;
    xb_xen_forget(app->xen);
    int rc = libxl_domain_unpause(app->xen->ctx, domid, NULL);
    return rc ? xb_xen_fail(app->xen, err, XB_E_HOST, rc, "cannot let domain %u begin", domid) : 0;
}

/*
 * End an interrupted migration. If the new domain has the guest's name, it is the guest, so destroy
 * the old domain. Otherwise the old domain is the guest.
 */
static int end_move(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    char away[XB_GUEST_OWN_NAME_MAX + 32], config[PATH_MAX];
    if (xb_incoming_config_path(app, def->uuid, config, err) < 0)
        return -1;
    unlink(config);
    uint32_t old = named(app, def, XB_AWAY_SUFFIX), incoming = named(app, def, XB_INCOMING_SUFFIX);
    if (incoming && xb_domain_destroy(app->xen, incoming, err) < 0)
        return -1;
    if (!old)
        return 0;
    uint32_t new = named(app, def, "");
    if (new)
        return let_begin(app, new, err) < 0 ? -1 : xb_domain_destroy(app->xen, old, err);
    snprintf(away, sizeof(away), "%s" XB_AWAY_SUFFIX, def->name);
    xb_xen_forget(app->xen);
    int rc = libxl_domain_rename(app->xen->ctx, old, away, def->name);
    return rc ? xb_xen_fail(app->xen, err, XB_E_HOST, rc, "cannot give domain %u its name back",
                            old)
              : 0;
}

/* The dead process may have asked the domain to suspend just before: give it time to do so. */
static void wait_for_suspend(struct xb_xen *xen, uint32_t domid)
{
    uint64_t until_ns = xb_now_ns() + XB_NS_PER_S, pause_ns = XB_NS_PER_MS;
    while (domid && !is_suspended(xen, domid) && xb_now_ns() < until_ns)
        xb_pause(&pause_ns, 50 * XB_NS_PER_MS);
}

/*
 * The file is complete and in place, but the domain still exists. Destroy it if it was to end; if
 * it ran on or cannot be destroyed, remove the file instead. A domain started later is left alone.
 */
static int end_checkpoint(struct xb_app *app, const struct xb_guest_def *def,
                          const struct left *left, uint32_t domid, struct xb_err *err)
{
    bool suspended = is_suspended(app->xen, domid);
    if (domid != left->domid)
        return 0;
    if (left->ends && suspended && xb_sync_dir_of(left->path) == 0 &&
        xb_domain_destroy(app->xen, domid, NULL) == 0)
        return 0;
    if (!left->ends && suspended && def->dir[0] && xb_generation_next(def, err) < 0)
        return -1;
    if (xb_domain_resume_suspended(app, domid, err) < 0)
        return -1;
    if (left->ends && unlink(left->path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s, whose guest went on", left->path);
    return 0;
}

static int put_right(struct xb_app *app, const struct xb_guest_def *def, const struct left *left,
                     struct xb_err *err)
{
    if (left->temporary[0] && unlink(left->temporary) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s, which is incomplete",
                       left->temporary);
    if (end_move(app, def, err) < 0)
        return -1;
    uint32_t domid = xb_guest_def_domid(app, def);
    if (!left->renamed)
        wait_for_suspend(app->xen, domid);
    int status = !domid          ? 0
                 : left->renamed ? end_checkpoint(app, def, left, domid, err)
                                 : xb_domain_resume_suspended(app, domid, err);
    return status < 0 ? xb_fail_context(err, "guest %s", def->name) : 0;
}

static void tell(const struct xb_recovery *recovery, const struct xb_guest_def *def,
                 const struct left *left)
{
    uint32_t domid = xb_guest_def_domid(recovery->app, def);
    if (access(left->temporary, F_OK) == 0)
        xb_recovery_tell(recovery, "remove %s, a checkpoint of %s that was never finished",
                         left->temporary, def->name);
    if (!domid)
        return;
    if (left->renamed && left->ends && domid == left->domid &&
        is_suspended(recovery->app->xen, domid))
        xb_recovery_tell(recovery, "end guest %s, whose checkpoint is complete", def->name);
    else
        xb_recovery_tell(recovery, "let guest %s go on after interrupted work on it", def->name);
}

/* Find the guest, or its domain if the guest has been removed. */
static void find_guest(struct xb_app *app, const char *uuid, const char *name,
                       struct xb_guest_def *out)
{
    struct xb_guest_def found;
    *out = (struct xb_guest_def){0};
    snprintf(out->uuid, sizeof(out->uuid), "%s", uuid);
    snprintf(out->name, sizeof(out->name), "%s", name);
    if (xb_guest_def_load(app, name, &found, NULL) == 0 && strcmp(found.uuid, uuid) == 0)
        *out = found;
}

static int undo(const struct xb_recovery *recovery, const char *uuid, const json_t *record,
                struct xb_err *err)
{
    struct left left;
    struct xb_guest_def def;
    read_record(record, &left);
    if (!xb_xen_get(recovery->app, err))
        return -1;
    find_guest(recovery->app, uuid, left.name, &def);
    tell(recovery, &def, &left);
    return recovery->dry_run ? 0 : put_right(recovery->app, &def, &left, err);
}

static int busy(const char *name, const char *holder, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0, "guest %s is being checkpointed or migrated by process %s",
                   name, holder);
}

const struct xb_journal_kind xb_checkpoint_kind = {
    .key = XB_JOURNAL_GUEST,
    .record = "",
    .survives_boot = true,
    .lock = "checkpoint-",
    .format = FORMAT,
    .key_suffices = true,
    .undo = undo,
    .busy = busy,
};

static json_t *describe(const struct xb_guest_def *def, const struct xb_under_way *what, bool whole)
{
    json_t *json = json_pack("{s:s, s:s}", "name", def->name, "uuid", def->uuid);
    xb_auto_json json_t *more =
        what ? json_pack("{s:s, s:s, s:I, s:b, s:b}", "temporary", what->temporary, "path",
                         what->path, "domid", (json_int_t)what->domid, "ends", what->ends, "whole",
                         whole)
             : NULL;
    if (what)
        json_object_update(json, more);
    return json;
}

int xb_checkpoint_record_begin(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err)
{
    xb_auto_json json_t *record = describe(def, what, false);
    return xb_journal_begin(app, &xb_checkpoint_kind, def->uuid, record, err);
}

int xb_checkpoint_record_whole(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err)
{
    xb_auto_json json_t *record = describe(def, what, true);
    return xb_journal_write(app, &xb_checkpoint_kind, def->uuid, record, err);
}

void xb_checkpoint_record_end(struct xb_app *app, const struct xb_guest_def *def, int lock_fd)
{
    xb_journal_end(app, &xb_checkpoint_kind, def->uuid, lock_fd);
}

void xb_checkpoint_put_right(struct xb_app *app, const char *name)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(app, name, &def, NULL) == 0)
        xb_journal_recover(app, &xb_checkpoint_kind, def.uuid, NULL);
}
