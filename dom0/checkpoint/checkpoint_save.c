/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes one checkpoint, in a helper process. */
#include "base.h"
#include "checkpoint.h"
#include "checkpoint_disks.h"
#include "checkpoint_pump.h"
#include "checkpoint_record.h"
#include "domain_build.h"
#include "fault.h"
#include "files.h"
#include "generation.h"
#include "outfile.h"
#include "quiesce.h"
#include "xen_domains.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/*
 * After this time on the guest's clock, which stops while suspended, the agent reopens its rings.
 */
#define QUIET_S 60

struct save {
    struct xb_app *app;
    struct xb_xen *xen;
    const struct xb_checkpoint_options *options;
    struct xb_guest_def def;
    uint32_t domid;
    const char *path;
    char temporary[PATH_MAX];
    libxl_domain_config config;
    struct xb_checkpoint_result result;
    struct xb_pump pump;
    struct xb_helper_told told;
    uint64_t begun_ns, mark_ns;
    struct xb_under_way under_way;
    bool in_place; /* the file has its final name */
    bool stuck;    /* the domain is left suspended */
};

/* The time since the previous call. */
static uint64_t lap(struct save *save)
{
    uint64_t before_ns = save->mark_ns;
    save->mark_ns = xb_now_ns();
    return save->mark_ns - before_ns;
}

static int find(struct save *save, const char *name, struct xb_err *err)
{
    struct xb_domain domain;
    struct xb_guest guest;
    if (xb_guest_find(save->app, name, &guest, err) < 0)
        return -1;
    if (!xb_guest_exists(save->app, name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s was not made by xenbench: checkpoint it with `xl save`", name);
    if (xb_guest_def_load(save->app, name, &save->def, err) < 0)
        return -1;
    save->domid = guest.domid;
    if (xb_domain_look(save->xen, save->domid, &domain) == 0 && domain.paused)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s is paused, and its kernel must run to suspend (`xenbench "
                       "guest unpause %s`)",
                       name, name);
    return 0;
}

/* Overwrite only a checkpoint, never another file. */
static int check_target(const struct save *save, struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct stat there;
    if (stat(save->path, &there) < 0 && errno == ENOENT)
        return 0;
    xb_auto_close int fd = open(save->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &there) == 0 && S_ISREG(there.st_mode) &&
        xb_checkpoint_read_begin(&reader, fd, save->path, NULL) == 0) {
        xb_checkpoint_reader_free(reader);
        return 0;
    }
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s exists and is not a checkpoint, so it is not "
                   "replaced",
                   save->path);
}

static int name_temporary(struct save *save, struct xb_err *err)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(save->path, '/');
    xb_dir_of(save->path, dir);
    return xb_path(save->temporary, sizeof(save->temporary), err, "%s/.%s.new.%d", dir,
                   slash ? slash + 1 : save->path, (int)getpid());
}

static json_t *make_head(struct save *save, struct xb_err *err)
{
    uint64_t generation;
    if (xb_generation_read(&save->def, &generation, err) < 0)
        return NULL;
    xb_xen_forget(save->xen);
    int rc = libxl_retrieve_domain_configuration(save->xen->ctx, save->domid, &save->config, NULL);
    char *text = rc ? NULL : libxl_domain_config_to_json(save->xen->ctx, &save->config);
    if (!text) {
        xb_xen_fail(save->xen, err, XB_E_HOST, rc, "guest %s: cannot read its configuration",
                    save->def.name);
        return NULL;
    }
    json_t *config = json_loads(text, 0, NULL);
    free(text);
    json_t *head =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:I, s:o}", "xenbench", XB_VERSION,
                  "name", save->def.name, "uuid", save->def.uuid, "image", save->def.image, "type",
                  save->def.type, "memory_bytes", (json_int_t)save->def.memory_bytes, "vcpus",
                  (int)save->def.vcpus, "taken_ns", (json_int_t)xb_clock_ns(CLOCK_REALTIME),
                  "generation", (json_int_t)generation, "config", config);
    if (!head)
        xb_fail(err, XB_E_HOST, 0, "guest %s: cannot describe its checkpoint", save->def.name);
    return head;
}

/* Suspend the domain into the file and sync the file. */
static int stream(struct save *save, int fd, struct xb_err *err)
{
    struct xb_stream_packing packing = {.compress = save->options->compress,
                                        .level = save->options->level,
                                        .threads = (unsigned)save->options->threads};
    xb_auto_close int libxl_fd = -1;
    xb_auto_json json_t *head = make_head(save, err);
    struct xb_err why = {0};
    if (!head ||
        xb_checkpoint_write_begin(&save->pump.writer, fd, save->temporary, head, &packing, err) <
            0 ||
        xb_pump_start(&save->pump, &libxl_fd, err) < 0)
        return -1;
    xb_xen_forget(save->xen);
    int rc = libxl_domain_suspend(save->xen->ctx, save->domid, libxl_fd, 0, NULL);
    close(xb_steal_fd(&libxl_fd));
    if (xb_pump_join(&save->pump, &why) < 0)
        return xb_fail(err, why.class, 0, "guest %s: %s", save->def.name, why.msg);
    if (rc)
        return xb_xen_fail(save->xen, err, XB_E_HOST, rc, "guest %s: cannot suspend its domain",
                           save->def.name);
    xb_auto_json json_t *tail =
        json_pack("{s:I, s:o}", "suspended_ns", (json_int_t)save->pump.suspended_realtime_ns,
                  "disks", xb_checkpoint_list_disks(&save->config));
    if (xb_checkpoint_write_end(save->pump.writer, tail, err) < 0)
        return -1;
    save->result.raw_bytes = xb_checkpoint_raw_bytes(save->pump.writer);
    save->result.stored_bytes = xb_checkpoint_stored_bytes(save->pump.writer);
    save->result.suspend_ns = save->pump.suspended_ns - save->mark_ns;
    save->mark_ns = save->pump.suspended_ns;
    save->result.stream_ns = lap(save);
    return 0;
}

static int tell_read(void *arg, uint64_t offset XB_UNUSED, const void *data XB_UNUSED, size_t bytes,
                     struct xb_err *err XB_UNUSED)
{
    xb_helper_tell(arg, bytes);
    return 0;
}

/* Write the file, read it back, rename it. An error leaves no incomplete or unsynced file. */
static int write_file(struct save *save, struct xb_err *err)
{
    xb_auto_close int fd =
        open(save->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return xb_fail(err, errno == ENOENT ? XB_E_INPUT : XB_E_HOST, errno,
                       "guest %s: cannot write %s", save->def.name, save->temporary);
    int status = stream(save, fd, err);
    xb_checkpoint_writer_free(save->pump.writer);
    xb_fault("written");
    if (status == 0)
        status = xb_checkpoint_verify(fd, save->temporary, tell_read, &save->told, err);
    save->result.verify_ns = lap(save);
    if (status == 0)
        status = xb_checkpoint_record_whole(save->app, &save->def, &save->under_way, err);
    xb_fault("verified");
    if (status == 0) {
        save->in_place = rename(save->temporary, save->path) == 0;
        xb_fault("renamed");
        if (!save->in_place || xb_sync_dir_of(save->path) < 0)
            status = xb_fail(err, XB_E_HOST, errno, "cannot put %s in place", save->path);
    }
    if (status < 0)
        unlink(save->temporary);
    return status;
}

/* The file is complete: end the domain or let it go on. */
static int end_domain(struct save *save, struct xb_err *err)
{
    if (save->options->keep_running) {
        if (xb_generation_next_of(&save->def, &save->config, err) < 0)
            return -1;
        int status = xb_domain_resume_suspended(save->app, save->domid, err);
        save->result.frozen_ns = xb_now_ns() - save->pump.suspended_ns;
        return status;
    }
    if (xb_domain_destroy(save->xen, save->domid, err) < 0)
        return -1;
    xb_fault("destroyed");
    xb_guest_monitor_gone(save->app, &save->def);
    return 0;
}

/* After a failure: let the guest run on, and only then remove the file if it is in place. */
static void let_go_on(struct save *save, struct xb_err *err)
{
    if (xb_domain_resume_suspended(save->app, save->domid, NULL) == 0) {
        if (save->in_place)
            unlink(save->path);
        return;
    }
    save->stuck = true;
    if (save->in_place)
        xb_fail_context(err,
                        "it stays suspended; its checkpoint %s is complete (`xenbench clean` "
                        "tries again to %s)",
                        save->path, save->under_way.ends ? "end it" : "let it go on");
    else
        xb_fail_context(err, "it stays suspended (`xenbench guest unpause %s`)", save->def.name);
}

static int take(struct save *save, struct xb_err *err)
{
    if (xb_agent_quiesce(save->app, save->domid, QUIET_S, &save->result.quiet, err) < 0)
        return xb_fail_context(err, "guest %s", save->def.name);
    save->result.quiesce_ns = lap(save);
    int status = write_file(save, err);
    if (status == 0)
        status = end_domain(save, err);
    if (status < 0)
        let_go_on(save, err);
    save->result.end_ns = lap(save);
    save->result.total_ns = save->mark_ns - save->begun_ns;
    return status;
}

static json_t *tell(const struct save *save)
{
    const struct xb_checkpoint_result *r = &save->result;
    json_t *answer = json_pack("{s:I, s:b, s:I, s:I}", "begun_ns", (json_int_t)save->begun_ns,
                               "quiet", r->quiet, "raw_bytes", (json_int_t)r->raw_bytes,
                               "stored_bytes", (json_int_t)r->stored_bytes);
    const struct {
        const char *key;
        uint64_t ns;
    } times[] = {
        {"total_ns", r->total_ns},   {"quiesce_ns", r->quiesce_ns}, {"suspend_ns", r->suspend_ns},
        {"stream_ns", r->stream_ns}, {"verify_ns", r->verify_ns},   {"end_ns", r->end_ns},
        {"frozen_ns", r->frozen_ns},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(times); i++)
        json_object_set_new(answer, times[i].key, json_integer((json_int_t)times[i].ns));
    return answer;
}

int xb_checkpoint_save(struct xb_app *app, const char *name, const char *path,
                       const struct xb_checkpoint_options *options, int leash_fd, json_t **answer,
                       struct xb_err *err)
{
    char file[PATH_MAX];
    struct save save = {.app = app, .options = options, .path = file};
    save.begun_ns = save.mark_ns = xb_now_ns();
    save.xen = xb_xen_get(app, err);
    if (!save.xen || find(&save, name, err) < 0 || xb_outfile_resolve(path, file, err) < 0 ||
        check_target(&save, err) < 0 || name_temporary(&save, err) < 0)
        return -1;
    save.under_way = (struct xb_under_way){.temporary = save.temporary,
                                           .path = file,
                                           .domid = save.domid,
                                           .ends = !options->keep_running};
    int lock_fd = xb_checkpoint_record_begin(app, &save.def, &save.under_way, err);
    if (lock_fd < 0)
        return -1;
    xb_fault("recorded");
    if (options->tell) /* about each byte twice: when it is written, and when it is read back */
        save.told.total_bytes = 2 * save.def.memory_bytes;
    save.pump = (struct xb_pump){.xen = save.xen,
                                 .leash_fd = leash_fd,
                                 .out_fd = -1,
                                 .domid = save.domid,
                                 .told = &save.told};
    libxl_domain_config_init(&save.config);
    int status = take(&save, err);
    libxl_domain_config_dispose(&save.config);
    /* If the domain is stuck, keep the record, so that the next command tries again. */
    if (save.stuck)
        close(lock_fd);
    else
        xb_checkpoint_record_end(app, &save.def, lock_fd);
    if (status == 0)
        *answer = tell(&save);
    return status;
}
