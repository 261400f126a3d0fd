/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints and restores several guests in parallel, with a helper process for each. */
#include "checkpoint.h"

#include "alloc.h"
#include "base.h"
#include "build_record.h"
#include "checkpoint_record.h"
#include "domain_build.h"
#include "domain_wait.h"
#include "files.h"
#include "helper.h"
#include "xen_domains.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

int xb_checkpoint_default_path(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                               struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/checkpoints/%s" XB_CHECKPOINT_SUFFIX, app->state_dir,
                   name);
}

int xb_checkpoint_whose(const json_t *head, const char *path, struct xb_checkpoint_of *out,
                        struct xb_err *err)
{
    const char *name = NULL, *uuid = NULL;
    if (json_unpack((json_t *)head, "{s:s, s:s}", "name", &name, "uuid", &uuid) < 0 ||
        !xb_guest_name_ok(name) || strlen(uuid) != 36)
        return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s is damaged: it names no guest", path);
    snprintf(out->name, sizeof(out->name), "%s", name);
    snprintf(out->uuid, sizeof(out->uuid), "%s", uuid);
    return 0;
}

/* How many helpers may still run when the next one starts, so that at most at_once (0: all) run. */
static size_t room_for(size_t at_once)
{
    return at_once ? at_once - 1 : SIZE_MAX;
}

static void take_saved(const struct xb_helper *helper, struct xb_checkpoint_result *out)
{
    const json_t *answer = helper->answer;
    uint64_t begun_ns = xb_helper_number(answer, "begun_ns");
    *out = (struct xb_checkpoint_result){.err = helper->err};
    out->process_ns = begun_ns > helper->started_ns ? begun_ns - helper->started_ns : 0;
    out->quiet = json_is_true(json_object_get(answer, "quiet"));
    out->raw_bytes = xb_helper_number(answer, "raw_bytes");
    out->stored_bytes = xb_helper_number(answer, "stored_bytes");
    out->total_ns = xb_helper_number(answer, "total_ns");
    out->quiesce_ns = xb_helper_number(answer, "quiesce_ns");
    out->suspend_ns = xb_helper_number(answer, "suspend_ns");
    out->stream_ns = xb_helper_number(answer, "stream_ns");
    out->verify_ns = xb_helper_number(answer, "verify_ns");
    out->end_ns = xb_helper_number(answer, "end_ns");
    out->frozen_ns = xb_helper_number(answer, "frozen_ns");
}

static int threads_for(const struct xb_checkpoint_options *options, size_t count)
{
    cpu_set_t cpus;
    size_t busy = options->at_once && options->at_once < count ? options->at_once : count;
    int have = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    int threads = options->threads ? options->threads : have / (int)(busy ? busy : 1);
    return threads < 1 ? 1 : threads > XB_PACK_THREADS_MAX ? XB_PACK_THREADS_MAX : threads;
}

static int start_saving(struct xb_app *app, struct xb_helper *helper, const char *name,
                        const char *path, const struct xb_checkpoint_options *options, int threads,
                        struct xb_err *err)
{
    char level[16], thread_text[16];
    snprintf(level, sizeof(level), "%d", options->level);
    snprintf(thread_text, sizeof(thread_text), "%d", threads);
    const char *args[] = {"checkpoint",
                          name,
                          path,
                          options->compress ? level : "none",
                          thread_text,
                          options->keep_running ? "go-on" : "end",
                          options->line ? "tell" : "quiet",
                          NULL};
    int status = xb_helper_start(app, helper, name, args, err);
    helper->line = options->line;
    return status;
}

/* Undo at once what a killed helper left of a restore. */
static void put_away(struct xb_app *app, const char *name)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(app, name, &def, NULL) == 0)
        xb_journal_recover(app, &xb_build_kind, def.uuid, NULL);
}

static void note_first(const struct xb_err *each, struct xb_err *err)
{
    if (err && each->class && !err->class)
        *err = *each;
}

static int save_all(struct xb_app *app, const char *const *names, const char *const *paths,
                    size_t count, const struct xb_checkpoint_options *options,
                    struct xb_helper *helpers, struct xb_err *err)
{
    int threads = threads_for(options, count), status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = xb_helpers_wait(helpers, i, room_for(options->at_once), err);
        if (status == 0)
            status = start_saving(app, &helpers[i], names[i], paths[i], options, threads, err);
    }
    int waited = xb_helpers_wait(helpers, count, 0, err);
    return status < 0 ? status : waited;
}

int xb_checkpoint_all(struct xb_app *app, const char *const *names, const char *const *paths,
                      size_t count, const struct xb_checkpoint_options *options,
                      struct xb_checkpoint_result *results, struct xb_err *err)
{
    xb_auto_free struct xb_helper *helpers = xb_helpers_new(count);
    struct xb_err first = {0};
    if (!xb_xen_get(app, err) || xb_make_dirs(app->run_dir, err) < 0)
        return -1;
    int status = save_all(app, names, paths, count, options, helpers, &first);
    for (size_t i = 0; i < count; i++) {
        take_saved(&helpers[i], &results[i]);
        if (helpers[i].err.class)
            xb_checkpoint_put_right(app, names[i]);
        note_first(&helpers[i].err, &first);
        if (!helpers[i].answer && !results[i].err.class)
            results[i].err = first;
        xb_helper_clear(&helpers[i]);
    }
    note_first(&first, err);
    return status < 0 || first.class ? -1 : 0;
}

/* Read the name of the checkpoint's guest, and its domain's configuration. */
static int look_into(struct xb_xen *xen, const char *path, struct xb_restore_result *result,
                     libxl_domain_config *config, struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_checkpoint_of of;
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, XB_E_INPUT, errno, "cannot read the checkpoint %s", path);
    if (xb_checkpoint_read_begin(&reader, fd, path, err) < 0)
        return -1;
    const json_t *head = xb_checkpoint_head(reader);
    int status = xb_checkpoint_whose(head, path, &of, err);
    if (status == 0) {
        memcpy(result->name, of.name, sizeof(result->name));
        xb_auto_free char *text = json_dumps(json_object_get(head, "config"), 0);
        if (!text || libxl_domain_config_from_json(xen->ctx, config, text))
            status = xb_fail(err, XB_E_INPUT, 0,
                             "libxl cannot use the configuration in the checkpoint %s", path);
    }
    xb_checkpoint_reader_free(reader);
    return status;
}

/* Free memory for all domains before building the first, as when starting guests. */
static int look_into_all(struct xb_xen *xen, const char *const *paths, size_t count,
                         struct xb_restore_result *results, int *xl_lock, struct xb_err *err)
{
    xb_auto_free libxl_domain_config *configs = xb_calloc(count + 1, sizeof(*configs));
    size_t made = 0;
    int status = 0;
    while (status == 0 && made < count) {
        libxl_domain_config_init(&configs[made]);
        status = look_into(xen, paths[made], &results[made], &configs[made], err);
        made++;
    }
    if (status == 0)
        status = xb_memory_free(xen, configs, count, xl_lock, err);
    while (made > 0)
        libxl_domain_config_dispose(&configs[--made]);
    return status;
}

static int start_restoring(struct xb_app *app, struct xb_helper *helper, const char *name,
                           const char *path, bool stale, struct xb_progress_line *line,
                           struct xb_err *err)
{
    struct xb_guest_def def;
    const char *args[] = {"restore", name, path, stale ? "stale" : "fresh", line ? "tell" : "quiet",
                          NULL};
    if (xb_guest_def_load(app, name, &def, err) < 0)
        return xb_fail_context(err, "the checkpoint %s", path);
    if (xb_journal_recover(app, &xb_build_kind, def.uuid, err) < 0)
        return -1;
    uint32_t domid = xb_guest_def_domid(app, &def);
    if (domid && xb_domain_alive(app->xen, domid))
        return xb_restore_refuse(name, domid, err);
    xb_guest_monitor_gone(app, &def); /* the guest's previous domain may be ending just now */
    int status = xb_helper_start(app, helper, name, args, err);
    helper->line = line;
    return status;
}

static void take_restored(const struct xb_helper *helper, struct xb_restore_result *out)
{
    out->err = helper->err;
    out->domid = (uint32_t)xb_helper_number(helper->answer, "domid");
    out->begun_ns = xb_helper_number(helper->answer, "begun_ns");
    out->total_ns = xb_helper_number(helper->answer, "total_ns");
    out->check_ns = xb_helper_number(helper->answer, "check_ns");
    out->build_ns = xb_helper_number(helper->answer, "build_ns");
    out->frozen_ns = xb_helper_number(helper->answer, "frozen_ns");
}

static int restore_all(struct xb_app *app, const char *const *paths, size_t count, bool stale,
                       size_t at_once, struct xb_progress_line *line,
                       struct xb_restore_result *results, struct xb_helper *helpers,
                       struct xb_err *err)
{
    xb_auto_close int xl_lock = -1;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_make_dirs(app->run_dir, err) < 0 ||
        look_into_all(xen, paths, count, results, &xl_lock, err) < 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = xb_helpers_wait(helpers, i, room_for(at_once), err);
        if (status == 0)
            status = start_restoring(app, &helpers[i], results[i].name, paths[i], stale, line, err);
    }
    int waited = xb_helpers_wait(helpers, count, 0, err);
    return status < 0 ? status : waited;
}

static int wait_agents(struct xb_app *app, size_t count, uint64_t deadline_ns,
                       struct xb_restore_result *results, struct xb_err *err)
{
    xb_auto_free struct xb_guest_started *started = xb_calloc(count + 1, sizeof(*started));
    xb_auto_free const char **names = xb_calloc(count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        names[i] = results[i].name;
        started[i].domid = results[i].domid;
    }
    int status = xb_guest_wait_started(app, names, count, deadline_ns, started, err);
    for (size_t i = 0; i < count; i++)
        results[i].agent_ns = started[i].agent_ns;
    return status;
}

int xb_restore_all(struct xb_app *app, const char *const *paths, size_t count, bool stale,
                   size_t at_once, uint64_t wait_agent_ns, struct xb_progress_line *line,
                   struct xb_restore_result *results, struct xb_err *err)
{
    uint64_t deadline_ns = xb_now_ns() + wait_agent_ns;
    xb_auto_free struct xb_helper *helpers = xb_helpers_new(count);
    struct xb_err first = {0};
    for (size_t i = 0; i < count; i++)
        results[i] = (struct xb_restore_result){0};
    restore_all(app, paths, count, stale, at_once, line, results, helpers, &first);
    for (size_t i = 0; i < count; i++) {
        take_restored(&helpers[i], &results[i]);
        if (helpers[i].err.class)
            put_away(app, results[i].name);
        note_first(&helpers[i].err, &first);
        xb_helper_clear(&helpers[i]);
    }
    note_first(&first, err);
    if (first.class)
        return -1;
    return wait_agent_ns ? wait_agents(app, count, deadline_ns, results, err) : 0;
}
