/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restoring one guest, in the process that becomes its monitor.
 */
#include "base.h"
#include "build_record.h"
#include "checkpoint.h"
#include "checkpoint_disks.h"
#include "checkpoint_pump.h"
#include "fault.h"
#include "files.h"
#include "generation.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

struct restore {
    struct xb_monitor *monitor;
    const char *path;
    struct xb_checkpoint_reader *reader;
    struct xb_pump pump;
    struct xb_helper_told told;
    uint64_t begun_ns, checked_ns;
};

int xb_restore_refuse(const char *name, uint32_t domid, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s runs as domain %u; stop or destroy it before restoring it", name,
                   domid);
}

static int check_guest(const struct restore *restore, struct xb_err *err)
{
    const struct xb_guest_def *def = &restore->monitor->def;
    struct xb_checkpoint_of of;
    if (xb_checkpoint_whose(xb_checkpoint_head(restore->reader), restore->path, &of, err) < 0)
        return -1;
    if (strcmp(of.uuid, def->uuid) != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the checkpoint %s belongs to another guest `%s`, which has been removed",
                       restore->path, def->name);
    uint32_t domid = xb_guest_def_domid(restore->monitor->app, def);
    return domid ? xb_restore_refuse(def->name, domid, err) : 0;
}

/*
 * Read the file to its end first, so that nothing is built from an incomplete one. Its tail
 * describes the disks.
 */
static int check_file(struct restore *restore, bool stale, struct xb_err *err)
{
    json_t *tail = NULL;
    if (xb_checkpoint_check(restore->reader, &tail, err) < 0)
        return -1;
    int status =
        xb_checkpoint_check_disks(&restore->monitor->def, xb_checkpoint_head(restore->reader), tail,
                                  restore->path, stale, err);
    json_decref(tail);
    return status;
}

static int load_config(struct restore *restore, struct xb_err *err)
{
    struct xb_monitor *monitor = restore->monitor;
    const json_t *config = json_object_get(xb_checkpoint_head(restore->reader), "config");
    xb_auto_free char *text = json_dumps(config, JSON_COMPACT);
    xb_xen_forget(monitor->xen);
    int rc = text ? libxl_domain_config_from_json(monitor->xen->ctx, &monitor->config, text)
                  : ERROR_INVAL;
    if (rc)
        return xb_xen_fail(monitor->xen, err, XB_E_INPUT, rc,
                           "libxl cannot use the configuration in the checkpoint %s",
                           restore->path);
    if (!monitor->config.c_info.name || strcmp(monitor->config.c_info.name, monitor->def.name) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s gives the domain another name",
                       restore->path);
    return 0;
}

/* Build the domain, paused. libxl's errors are reported in its own words, the file's in ours. */
static int build(struct restore *restore, struct xb_err *err)
{
    struct xb_monitor *monitor = restore->monitor;
    libxl_domain_restore_params params;
    struct xb_err why = {0};
    xb_auto_close int libxl_fd = -1, disks_lock = xb_monitor_disks_lock(monitor);
    if (xb_pump_start(&restore->pump, &libxl_fd, err) < 0)
        return -1;
    libxl_domain_restore_params_init(&params);
    params.stream_version = 2;
    xb_xen_forget(monitor->xen);
    int rc = libxl_domain_create_restore(monitor->xen->ctx, &monitor->config, &monitor->domid,
                                         libxl_fd, -1, &params, NULL, NULL);
    libxl_domain_restore_params_dispose(&params);
    close(xb_steal_fd(&libxl_fd));
    int status = xb_pump_join(&restore->pump, &why);
    if (rc && (status == 0 || restore->pump.err.errnum == EPIPE))
        xb_xen_fail(monitor->xen, err, XB_E_HOST, rc, "guest %s: cannot restore its domain",
                    monitor->def.name);
    else if (status < 0)
        xb_fail(err, why.class, 0, "guest %s: %s", monitor->def.name, why.msg);
    if (!rc && status == 0)
        return 0;
    if (!rc)
        xb_domain_destroy(monitor->xen, monitor->domid, NULL);
    monitor->domid = 0;
    return -1;
}

static int begin_to_run(struct restore *restore, struct xb_err *err)
{
    struct xb_monitor *monitor = restore->monitor;
    xb_fault("restored");
    int status = xb_monitor_adopt(monitor, monitor->domid, err);
    if (status == 0)
        status = xb_generation_next_of(&monitor->def, &monitor->config, err);
    int rc = status == 0 ? libxl_domain_unpause(monitor->xen->ctx, monitor->domid, NULL) : 0;
    if (rc)
        status = xb_xen_fail(monitor->xen, err, XB_E_HOST, rc, "guest %s: cannot start its domain",
                             monitor->def.name);
    monitor->begun_ns = xb_now_ns();
    if (status < 0) {
        xb_domain_destroy(monitor->xen, monitor->domid, NULL);
        monitor->domid = 0;
    }
    return status;
}

static json_t *tell(const struct restore *restore)
{
    json_int_t suspended_ns = 0;
    uint64_t ran_ns = restore->monitor->begun_ns;
    json_unpack((json_t *)xb_checkpoint_tail(restore->reader), "{s:I}", "suspended_ns",
                &suspended_ns);
    uint64_t now_ns = xb_clock_ns(CLOCK_REALTIME);
    uint64_t frozen_ns = now_ns > (uint64_t)suspended_ns ? now_ns - (uint64_t)suspended_ns : 0;
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I}", "domid", (json_int_t)restore->monitor->domid, "begun_ns",
        (json_int_t)ran_ns, "total_ns", (json_int_t)(ran_ns - restore->begun_ns), "check_ns",
        (json_int_t)(restore->checked_ns - restore->begun_ns), "build_ns",
        (json_int_t)(ran_ns - restore->checked_ns), "frozen_ns", (json_int_t)frozen_ns);
}

static int restore_from(struct restore *restore, int fd, bool stale, struct xb_err *err)
{
    if (xb_checkpoint_read_begin(&restore->reader, fd, restore->path, err) < 0 ||
        check_guest(restore, err) < 0 || check_file(restore, stale, err) < 0 ||
        load_config(restore, err) < 0)
        return -1;
    restore->checked_ns = xb_now_ns();
    restore->pump.reader = restore->reader;
    struct xb_monitor *monitor = restore->monitor;
    if (xb_build_record_begin(monitor->app, &monitor->def, err) < 0)
        return -1;
    int status = build(restore, err);
    if (status == 0)
        status = begin_to_run(restore, err);
    xb_build_record_end(monitor->app, &monitor->def);
    return status;
}

int xb_checkpoint_restore(struct xb_monitor *monitor, const char *path, bool stale, bool wanted,
                          int leash_fd, json_t **answer, struct xb_err *err)
{
    struct restore restore = {.monitor = monitor, .path = path, .begun_ns = xb_now_ns()};
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, XB_E_INPUT, errno, "cannot read the checkpoint %s", path);
    if (wanted)
        restore.told.total_bytes = monitor->def.memory_bytes;
    restore.pump = (struct xb_pump){
        .xen = monitor->xen, .leash_fd = leash_fd, .out_fd = -1, .told = &restore.told};
    int status = restore_from(&restore, fd, stale, err);
    if (status == 0)
        *answer = tell(&restore);
    xb_checkpoint_reader_free(restore.reader);
    return status;
}
