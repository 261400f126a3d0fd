/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host.h"

#include "base.h"
#include "files.h"
#include "host_power.h"
#include "host_record.h"
#include "xen_domains.h"

#include <string.h>

/* Format 1 named the writing process, which held no lock. */
#define FORMAT 2

static json_t *describe_pools(struct xb_xen *xen, struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    if (xb_pool_list(xen, &pools, &count, err) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, xb_pool_to_json(&pools[i]));
    return list;
}

/* Only what is to be changed is restored later: the rest may have been changed by others. */
static bool is_in_scope(struct xb_xen *xen, uint32_t domid, const struct xb_host_scope *scope)
{
    if (domid == 0 || !scope->guests)
        return true;
    xb_auto_free char *name = xb_domain_name(xen, domid);
    for (size_t i = 0; name && i < scope->guest_count; i++)
        if (strcmp(scope->guests[i], name) == 0)
            return true;
    return false;
}

static json_t *describe(uint32_t domid, const char *uuid, const struct xb_allocation *allocation)
{
    return json_pack("{s:i, s:s, s:o}", "domid", (int)domid, "uuid", uuid, "allocation",
                     xb_allocation_to_json(allocation));
}

/* If a domain dies meanwhile, that is no failure: nothing is left to restore. */
static int describe_domain(struct xb_xen *xen, const struct xb_domain *domain,
                           const struct xb_host_scope *scope, json_t *list, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation alloc = XB_ALLOCATION_KEEP;
    bool changes = is_in_scope(xen, domain->domid, scope);
    if (!changes && !scope->pools)
        return 0;
    if (xb_allocation_read(xen, domain->domid, &alloc, err) < 0) {
        if (domain->domid == 0 || xb_domain_alive(xen, domain->domid))
            return -1;
        xb_err_clear(err);
        return 0;
    }
    json_t *json = describe(domain->domid, domain->uuid, &alloc);
    if (!changes)
        json_object_set_new(json, XB_RECORD_BYSTANDER, json_true());
    json_array_append_new(list, json);
    return 0;
}

static json_t *describe_domains(struct xb_xen *xen, const struct xb_host_scope *scope,
                                struct xb_err *err)
{
    size_t count;
    xb_xen_forget(xen);
    xb_auto_free struct xb_domain *domains = xb_domain_list(xen, &count, err);
    if (!domains)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!domains[i].dying && describe_domain(xen, &domains[i], scope, list, err) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int write_record(struct xb_app *app, struct xb_xen *xen, const struct xb_host_scope *scope,
                        struct xb_err *err)
{
    xb_auto_json json_t *pools = describe_pools(xen, err);
    xb_auto_json json_t *domains = pools ? describe_domains(xen, scope, err) : NULL;
    if (!domains)
        return -1;
    xb_auto_json json_t *record =
        json_pack("{s:O, s:[], s:O, s:o, s:b}", "pools", pools, "made_pools", "domains", domains,
                  "power", xb_power_record(xen), "memory", scope->memory);
    return xb_journal_write(app, &xb_host_kind, "", record, err);
}

/* The live process that a record of format 1 names. */
static pid_t record_owner(const json_t *record)
{
    pid_t pid = (pid_t)json_integer_value(json_object_get(record, "pid"));
    uint64_t start = (uint64_t)json_integer_value(json_object_get(record, "pid_start"));
    return pid > 0 && start && xb_process_start(pid) == start ? pid : 0;
}

bool xb_host_recorded(struct xb_app *app, pid_t *owner)
{
    if (!xb_journal_recorded(app, &xb_host_kind, "", owner))
        return false;
    if (*owner == 0) {
        xb_auto_json json_t *record = xb_journal_read(app, &xb_host_kind, "", NULL);
        *owner = record_owner(record);
    }
    return true;
}

static int busy(const char *name XB_UNUSED, const char *holder, struct xb_err *err)
{
    return xb_fail(err, XB_E_HOST, 0,
                   "another run, process %s, has changed this host's settings; two runs at a "
                   "time would spoil each other",
                   holder);
}

int xb_host_record(struct xb_app *app, const struct xb_host_scope *scope, struct xb_err *err)
{
    pid_t owner;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen)
        return -1;
    bool left = xb_host_recorded(app, &owner) && !owner;
    int lock_fd = xb_journal_take(app, &xb_host_kind, "", "host", err);
    if (lock_fd < 0)
        return left ? xb_fail_context(err, "a run that died left this host changed") : -1;
    if (write_record(app, xen, scope, err) == 0)
        return lock_fd;
    xb_journal_end(app, &xb_host_kind, "", lock_fd);
    return -1;
}

int xb_host_record_pools(struct xb_app *app, const char *const *names, size_t count,
                         struct xb_err *err)
{
    xb_auto_json json_t *record = xb_journal_read(app, &xb_host_kind, "", err);
    json_t *list = record ? json_array() : NULL;
    if (!list)
        return -1;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(names[i]));
    json_object_set_new(record, "made_pools", list);
    return xb_journal_write(app, &xb_host_kind, "", record, err);
}

int xb_host_record_domain(struct xb_app *app, uint32_t domid, const char *uuid,
                          const struct xb_allocation *allocation, struct xb_err *err)
{
    xb_auto_json json_t *record = xb_journal_read(app, &xb_host_kind, "", err);
    if (!record)
        return -1;
    json_t *domains = json_object_get(record, "domains");
    if (xb_record_lists(domains, "uuid", uuid, strcasecmp))
        return 0;
    if (json_array_append_new(domains, describe(domid, uuid, allocation)) < 0)
        return xb_fail(err, XB_E_HOST, 0, "the record of the host is damaged");
    return xb_journal_write(app, &xb_host_kind, "", record, err);
}

static int undo(const struct xb_recovery *recovery, const char *key XB_UNUSED, const json_t *record,
                struct xb_err *err)
{
    char holder[16];
    pid_t owner = record_owner(record);
    snprintf(holder, sizeof(holder), "%d", (int)owner);
    if (owner)
        return busy(NULL, holder, err);
    xb_recovery_tell(recovery, "restore the host's settings");
    if (recovery->dry_run)
        return 0;
    struct xb_undo undo = {.xen = xb_xen_get(recovery->app, err)};
    if (!undo.xen)
        return -1;
    xb_undo_pools(&undo, json_object_get(record, "pools"), json_object_get(record, "made_pools"));
    xb_undo_domains(&undo, json_object_get(record, "domains"),
                    json_is_true(json_object_get(record, "memory")));
    xb_undo_power(&undo, json_object_get(record, "power"));
    if (undo.failed.class == XB_E_NONE)
        return 0;
    return xb_fail(err, XB_E_HOST, 0,
                   "not everything on the host could be restored (`xenbench clean` tries again): "
                   "%.900s",
                   undo.failed.msg);
}

const struct xb_journal_kind xb_host_kind = {
    .key = XB_JOURNAL_ONE,
    .record = "host-record",
    .lock = "host-record",
    .format = FORMAT,
    .after_guests = true,
    .undo = undo,
    .busy = busy,
};

int xb_host_restore(struct xb_app *app, int lock_fd, struct xb_err *err)
{
    return xb_journal_undo(app, &xb_host_kind, "", lock_fd, err);
}
