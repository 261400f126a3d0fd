/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "migrate.h"

#include "base.h"
#include "checkpoint_pump.h"
#include "checkpoint_record.h"
#include "files.h"
#include "helper.h"
#include "quiesce.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/*
 * The guest's clock runs while memory is copied; an agent that opens its rings early does no harm.
 */
#define QUIET_S 120

struct move {
    struct xb_app *app;
    struct xb_xen *xen;
    struct xb_guest_def def;
    uint32_t old_domid, new_domid;
    bool quiet;
    char json_path[PATH_MAX];
    char incoming[XB_GUEST_OWN_NAME_MAX + 32], away[XB_GUEST_OWN_NAME_MAX + 32];
    struct xb_helper receiver;
    struct xb_pump pump;
    uint64_t started_ns, begun_ns;
};

/* Write the old domain's configuration with the new domain's temporary name. */
static int write_config(struct move *move, struct xb_err *err)
{
    libxl_domain_config config;
    libxl_domain_config_init(&config);
    xb_xen_forget(move->xen);
    int rc = libxl_retrieve_domain_configuration(move->xen->ctx, move->old_domid, &config, NULL);
    char *text = rc ? NULL : libxl_domain_config_to_json(move->xen->ctx, &config);
    libxl_domain_config_dispose(&config);
    xb_auto_json json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (!json)
        return xb_xen_fail(move->xen, err, XB_E_HOST, rc, "guest %s: cannot read its configuration",
                           move->def.name);
    json_object_set_new(json_object_get(json, "c_info"), "name", json_string(move->incoming));
    if (xb_incoming_config_path(move->app, move->def.uuid, move->json_path, err) < 0)
        return -1;
    return xb_json_save(move->json_path, json, err);
}

static int start_receiver(struct move *move, struct xb_err *err)
{
    const char *args[] = {"receive", move->def.name, move->json_path, NULL};
    int stream[2];
    if (pipe2(stream, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "guest %s: cannot make a pipe", move->def.name);
    move->receiver = (struct xb_helper){.name = move->def.name, .leash_fd = -1, .answer_fd = -1};
    move->receiver.answer_fd = xb_helper_spawn(move->app, args, move->def.name, stream[0], err);
    close(stream[0]);
    move->pump.out_fd = stream[1];
    if (move->receiver.answer_fd >= 0)
        return 0;
    close(stream[1]);
    return -1;
}

/* Suspend the old domain and build the new one from the stream. */
static int copy(struct move *move, struct xb_err *err)
{
    xb_auto_close int libxl_fd = -1;
    struct xb_err why = {0};
    if (start_receiver(move, err) < 0)
        return -1;
    if (xb_pump_start(&move->pump, &libxl_fd, err) < 0) {
        close(move->pump.out_fd);
        return -1;
    }
    xb_xen_forget(move->xen);
    int rc =
        libxl_domain_suspend(move->xen->ctx, move->old_domid, libxl_fd, LIBXL_SUSPEND_LIVE, NULL);
    close(xb_steal_fd(&libxl_fd));
    int status = xb_pump_join(&move->pump, &why);
    xb_helpers_wait(&move->receiver, 1, 0, err);
    /* Report the side that failed first: a broken pipe means that the other side failed. */
    if (status < 0 && move->pump.err.errnum != EPIPE)
        return xb_fail(err, why.class, 0, "guest %s: %s", move->def.name, why.msg);
    if (move->receiver.err.class && (status < 0 || !rc))
        return xb_fail(err, move->receiver.err.class, 0, "%s", move->receiver.err.msg);
    if (rc || status < 0)
        return xb_xen_fail(move->xen, err, XB_E_HOST, rc, "guest %s: cannot suspend its domain",
                           move->def.name);
    move->new_domid = (uint32_t)json_integer_value(json_object_get(move->receiver.answer, "domid"));
    return 0;
}

static int rename_domain(struct move *move, uint32_t domid, const char *from, const char *to,
                         struct xb_err *err)
{
    xb_xen_forget(move->xen);
    int rc = libxl_domain_rename(move->xen->ctx, domid, from, to);
    return rc ? xb_xen_fail(move->xen, err, XB_E_HOST, rc, "cannot rename domain %u from %s to %s",
                            domid, from, to)
              : 0;
}

/* From here on the new domain is the guest. */
static int switch_over(struct move *move, struct xb_err *err)
{
    if (rename_domain(move, move->old_domid, move->def.name, move->away, err) < 0 ||
        rename_domain(move, move->new_domid, move->incoming, move->def.name, err) < 0)
        return -1;
    xb_xen_forget(move->xen);
    int rc = libxl_domain_unpause(move->xen->ctx, move->new_domid, NULL);
    move->begun_ns = xb_now_ns();
    return rc ? xb_xen_fail(move->xen, err, XB_E_HOST, rc, "guest %s: cannot start its new domain",
                            move->def.name)
              : 0;
}

static int move_domain(struct move *move, struct xb_err *err)
{
    if (xb_agent_quiesce(move->app, move->old_domid, QUIET_S, &move->quiet, err) < 0)
        return xb_fail_context(err, "guest %s", move->def.name);
    if (write_config(move, err) < 0 || copy(move, err) < 0 || switch_over(move, err) < 0)
        return -1;
    return xb_domain_destroy(move->xen, move->old_domid, err);
}

static json_t *tell(const struct move *move)
{
    return json_pack("{s:I, s:b, s:I, s:I, s:I, s:I, s:I}", "domid", (json_int_t)move->new_domid,
                     "quiet", move->quiet, "begun_ns", (json_int_t)move->begun_ns, "total_ns",
                     (json_int_t)(xb_now_ns() - move->started_ns), "live_ns",
                     (json_int_t)(move->pump.suspended_ns - move->started_ns), "frozen_ns",
                     (json_int_t)(move->begun_ns - move->pump.suspended_ns), "bytes",
                     (json_int_t)move->pump.bytes);
}

static int find(struct move *move, const char *name, struct xb_err *err)
{
    struct xb_guest guest;
    move->xen = xb_xen_get(move->app, err);
    if (!move->xen || xb_guest_find(move->app, name, &guest, err) < 0 ||
        xb_guest_def_load(move->app, name, &move->def, err) < 0)
        return -1;
    move->old_domid = guest.domid;
    snprintf(move->incoming, sizeof(move->incoming), "%s" XB_INCOMING_SUFFIX, name);
    snprintf(move->away, sizeof(move->away), "%s" XB_AWAY_SUFFIX, name);
    return 0;
}

/* After a failure half way, undo at once what the record says. */
static void undo(struct move *move, int lock_fd, struct xb_err *err)
{
    struct xb_err why = {0};
    if (xb_journal_undo(move->app, &xb_checkpoint_kind, move->def.uuid, lock_fd, &why) < 0)
        xb_fail_context(err, "it could not be undone (%.200s; try `xenbench clean`)", why.msg);
}

int xb_migrate_move(struct xb_app *app, const char *name, int leash_fd, struct xb_monitor *monitor,
                    bool *opened, json_t **answer, struct xb_err *err)
{
    struct move move = {.app = app, .started_ns = xb_now_ns()};
    move.receiver = (struct xb_helper){.leash_fd = -1, .answer_fd = -1};
    *opened = false;
    if (find(&move, name, err) < 0)
        return -1;
    int lock_fd = xb_checkpoint_record_begin(app, &move.def, NULL, err);
    if (lock_fd < 0)
        return -1;
    move.pump = (struct xb_pump){
        .xen = move.xen, .leash_fd = leash_fd, .out_fd = -1, .domid = move.old_domid};
    int status = move_domain(&move, err);
    if (move.json_path[0])
        unlink(move.json_path);
    xb_helper_clear(&move.receiver);
    if (status < 0) {
        undo(&move, lock_fd, err);
        return -1;
    }
    xb_checkpoint_record_end(app, &move.def, lock_fd);
    *answer = tell(&move);
    xb_guest_monitor_gone(app, &move.def);
    *opened = true;
    status = xb_monitor_open(monitor, app, name, err);
    return status < 0 ? -1 : xb_monitor_adopt(monitor, move.new_domid, err);
}

int xb_migrate_receive(struct xb_app *app, const char *name, const char *json_path, int stream_fd,
                       json_t **answer, struct xb_err *err)
{
    libxl_domain_config config;
    libxl_domain_restore_params params;
    uint32_t domid = 0;
    struct xb_xen *xen = xb_xen_get(app, err);
    xb_auto_json json_t *json = xen ? xb_json_load(json_path, err) : NULL;
    xb_auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (!text)
        return xb_fail(err, XB_E_HOST, 0, "guest %s: cannot read its configuration", name);
    libxl_domain_config_init(&config);
    libxl_domain_restore_params_init(&params);
    params.stream_version = 2;
    xb_xen_forget(xen);
    int rc = libxl_domain_config_from_json(xen->ctx, &config, text);
    if (!rc)
        rc = libxl_domain_create_restore(xen->ctx, &config, &domid, stream_fd, -1, &params, NULL,
                                         NULL);
    libxl_domain_restore_params_dispose(&params);
    libxl_domain_config_dispose(&config);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "guest %s: cannot build its new domain", name);
    *answer = json_pack("{s:I}", "domid", (json_int_t)domid);
    return 0;
}
