/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_task.h"

#include "alloc.h"
#include "base.h"
#include "fleet_back.h"
#include "fleet_deliver.h"
#include "fleet_lab.h"
#include "json_text.h"
#include "run.h"
#include "slurm_node.h"
#include "store_list.h"
#include "store_merge.h"
#include "xen.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define JOB_MAX_BYTES (64 * XB_MIB)
/* How long an earlier task of the shard that still runs here may take to bring its results home. */
#define EARLIER_END_NS (120 * XB_NS_PER_S)

struct task {
    struct xb_app *app;
    struct xb_fleet_job job;
    uint32_t shard;
    char node[65];
    /* On the node, in its state directory: files outlive the task, so the next task continues. */
    char dir[PATH_MAX];
    char store[PATH_MAX];  /* K.sqlite */
    char record[PATH_MAX]; /* K.NODE.json, in tasks/ */
    int lock;
    json_t *clock_off_s; /* this node's clock minus that of the fleet's directory; NULL: unknown */
    json_t *attempts;    /* the record; the latest attempt is this task's */
};

static int read_job(struct task *t, FILE *in, struct xb_err *err)
{
    xb_auto_free char *text = xb_malloc(JOB_MAX_BYTES + 1);
    size_t n = fread(text, 1, JOB_MAX_BYTES, in);
    return xb_fleet_job_read(&t->job, json_loadb(text, n, 0, NULL), "the task's input", err);
}

/* Learn the shard's number and the node's name from Slurm, and settle the paths. */
static int find_place(struct task *t, struct xb_err *err)
{
    const char *number = getenv("SLURM_ARRAY_TASK_ID"), *node = getenv("SLURMD_NODENAME");
    unsigned long shard = number ? strtoul(number, NULL, 10) : 0;
    if (shard < 1 || shard > t->job.split.count || !node || !xb_slurm_is_name(node))
        return xb_fail(err, XB_E_INPUT, 0,
                       "`xenbench fleet task` is what a task of Slurm runs: SLURM_ARRAY_TASK_ID "
                       "must be a shard's number, 1 to %u, and SLURMD_NODENAME the node's name",
                       t->job.split.count);
    t->shard = (uint32_t)shard;
    snprintf(t->node, sizeof(t->node), "%s", node);
    const char *dir = t->dir;
    char path[PATH_MAX];
    if (xb_path(t->dir, sizeof(t->dir), err, "%s/fleet/%s", t->app->state_dir, t->job.id) < 0 ||
        xb_path(path, sizeof(path), err, "%s/%s", dir, XB_FLEET_TASKS) < 0 ||
        xb_make_dirs(path, err) < 0 ||
        xb_path(path, sizeof(path), err, "%s/%s", dir, XB_FLEET_STORES) < 0 ||
        xb_make_dirs(path, err) < 0 ||
        xb_path(t->store, sizeof(t->store), err, "%s/%u.sqlite", dir, t->shard) < 0)
        return -1;
    return xb_path(t->record, sizeof(t->record), err, "%s/%s/%u.%s.json", dir, XB_FLEET_TASKS,
                   t->shard, node);
}

/*
 * Slurm may start a task anew while the earlier one, whose slurmd died, still runs. The earlier one
 * is asked to end, as Slurm itself would do.
 */
static int take_lock(struct task *t, struct xb_err *err)
{
    char path[PATH_MAX];
    uint64_t pause = 10 * XB_NS_PER_MS, deadline = xb_now_ns() + EARLIER_END_NS;
    if (xb_path(path, sizeof(path), err, "%s/%u.lock", t->dir, t->shard) < 0)
        return -1;
    for (;;) {
        struct xb_err why = {0};
        t->lock = xb_lock_take(path, NULL, &why);
        if (t->lock >= 0)
            return 0;
        pid_t holder = xb_lock_holder(path);
        if (xb_now_ns() > deadline)
            return xb_fail(err, XB_E_HOST, why.errnum,
                           "an earlier task of shard %u does not end here: %s", t->shard, why.msg);
        if (holder > 0 && pause < 20 * XB_NS_PER_MS)
            kill(holder, SIGTERM);
        xb_pause(&pause, XB_NS_PER_S);
    }
}

/* ---- the record of attempts ---- */

/*
 * Compare the clocks while the record at home is new. Later its time says nothing: directories are
 * copied without times.
 */
static void find_clock_off(struct task *t)
{
    char home[PATH_MAX];
    struct stat file;
    struct xb_err ignored = {0};
    if (t->job.copy_to || t->clock_off_s ||
        xb_path(home, sizeof(home), &ignored, "%s/%s/%u.%s.json", t->job.dir, XB_FLEET_TASKS,
                t->shard, t->node) < 0 ||
        stat(home, &file) < 0)
        return;
    int64_t now_s = (int64_t)(xb_clock_ns(CLOCK_REALTIME) / XB_NS_PER_S);
    t->clock_off_s = json_integer(now_s - (int64_t)file.st_mtime);
}

static int save_record(struct task *t, struct xb_err *err)
{
    char now[32];
    xb_store_now(now);
    xb_auto_json json_t *json =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:O*, s:O}", "schema", XB_FLEET_TASKS_SCHEMA, "shard",
                  (int)t->shard, "node", t->node, "xenbench", XB_VERSION, "written_at", now,
                  "clock_off_s", t->clock_off_s, "attempts", t->attempts);
    if (xb_json_save(t->record, json, err) < 0 ||
        xb_fleet_deliver(&t->job, t->record, XB_FLEET_TASKS, err) < 0)
        return -1;
    find_clock_off(t);
    return 0;
}

/* Done before anything is measured: if the record cannot be brought home, results cannot either. */
static int begin_record(struct task *t, struct xb_err *err)
{
    char now[32];
    const char *job = getenv("SLURM_ARRAY_JOB_ID"), *restart = getenv("SLURM_RESTART_COUNT");
    struct xb_err none = {0};
    json_t *old = access(t->record, F_OK) == 0 ? xb_json_load(t->record, &none) : NULL;
    json_t *attempts = json_object_get(old, "attempts");
    t->attempts = json_is_array(attempts) ? json_incref(attempts) : json_array();
    json_decref(old);
    xb_store_now(now);
    json_array_append_new(t->attempts,
                          json_pack("{s:s, s:s, s:s}", "job", job ? job : "", "restart",
                                    restart ? restart : "0", "began_at", now));
    return save_record(t, err);
}

static int end_record(struct task *t, const struct xb_err *why, struct xb_err *err)
{
    char now[32];
    json_t *attempt = json_array_get(t->attempts, json_array_size(t->attempts) - 1);
    xb_store_now(now);
    json_object_set_new(attempt, "ended_at", json_string(now));
    if (why->class)
        json_object_set_new(attempt, "message", xb_json_text(why->msg));
    return save_record(t, err);
}

/* ---- the shard ---- */

/* Find the best run in the shard's store. Returns 1 and fills *found, 0 if there is none, or -1. */
static int look(struct task *t, struct xb_fleet_run *found, struct xb_err *err)
{
    struct xb_store *store = NULL;
    if (access(t->store, F_OK) != 0)
        return 0;
    int r = xb_store_open(&store, t->app, t->store, false, err);
    if (r == 0)
        r = xb_fleet_look_in(store, &t->job, t->shard, found, err);
    xb_store_close(store);
    return r;
}

/*
 * Resume the shard's run, or begin one. A run that began before Xen, the kernel or the firmware was
 * changed here cannot be finished any more, so another one is begun in its place.
 */
static int run_here(struct task *t, struct xb_err *err)
{
    const struct xb_exp_source source = {
        .path = t->job.file, .text = t->job.text, .sets = &t->job.sets};
    bool other_host = false;
    struct xb_run_options options = {
        .source = &source,
        .store = t->store,
        .alone = true, /* each shard has a store of its own, which knows no other shard's run */
        .other_host = &other_host,
        .shard = {.by = t->job.split.by, .number = t->shard, .count = t->job.split.count},
    };
    if (xb_run(t->app, &options, err) == 0)
        return 0;
    if (!other_host)
        return -1;
    fprintf(stderr, "shard %u begins anew: %s\n", t->shard, err->msg);
    xb_err_clear(err);
    options.afresh = true;
    return xb_run(t->app, &options, err);
}

/* 1: the experiment has guests that are domains, 0: only sockets, -1: it cannot be read. */
static int has_domains(const struct task *t, struct xb_err *err)
{
    const struct xb_exp_source source = {
        .path = t->job.file, .text = t->job.text, .sets = &t->job.sets};
    struct xb_experiment *exp;
    int domains = 0;
    if (xb_experiment_read(&exp, &source, err) < 0)
        return -1;
    for (size_t g = 0; g < exp->guest_count; g++)
        domains = domains || !exp->guests[g].socket;
    xb_experiment_free(exp);
    return domains;
}

/* Measure here if Xen runs or is not needed, else in a lab. */
static int measure(struct task *t, struct xb_err *err)
{
    int domains = has_domains(t, err);
    if (domains < 0)
        return -1;
    struct xb_err why = {0};
    if (!domains || xb_xen_get(t->app, &why))
        return run_here(t, err);
    if (!t->job.lab)
        return xb_fail(err, XB_E_HOST, 0, "%s (`xenbench fleet submit --lab` runs shards in labs)",
                       why.msg);
    const struct xb_fleet_lab lab = {.app = t->app,
                                     .job = &t->job,
                                     .shard = t->shard,
                                     .node = t->node,
                                     .dir = t->dir,
                                     .store = t->store};
    struct xb_fleet_run run = {.id = ""};
    if (xb_fleet_lab_end(&lab, err) < 0)
        return -1;
    int found = look(t, &run, err);
    if (found < 0)
        return -1;
    /* A dead task's lab may have left the finished run. */
    return found && run.whole ? 0 : xb_fleet_lab_run(&lab, err);
}

/*
 * Bring home a copy of the best run, finished or not. Its name has the run's id, so that a node
 * that lost its disk replaces nothing that an earlier task brought home.
 */
static int bring_home(struct task *t, struct xb_err *err)
{
    struct xb_fleet_run run = {.id = ""};
    struct xb_store *store = NULL;
    char out[PATH_MAX];
    int found = look(t, &run, err);
    if (found < 1)
        return found;
    if (xb_path(out, sizeof(out), err, "%s/%s/%u.%s.%.8s%s", t->dir, XB_FLEET_STORES, t->shard,
                t->node, run.id, XB_FLEET_STORE_ENDING) < 0)
        return -1;
    const char *const ids[] = {run.id};
    unlink(out);
    int r = xb_store_open(&store, t->app, t->store, false, err);
    if (r == 0)
        r = xb_store_export(store, t->app, ids, 1, out, err);
    xb_store_close(store);
    return r < 0 ? -1 : xb_fleet_deliver(&t->job, out, XB_FLEET_STORES, err);
}

static int carry_out(struct task *t, struct xb_err *err)
{
    struct xb_fleet_run run = {.id = ""};
    struct xb_err home = {0};
    int found = look(t, &run, err);
    if (found < 0)
        return -1;
    /* An earlier task may have finished the run, but died before it brought the run home. */
    int r = found && run.whole ? 0 : measure(t, err);
    if (bring_home(t, &home) < 0)
        r = xb_fail_also(err, &home);
    return r;
}

static int work(struct task *t, struct xb_err *err)
{
    struct xb_err record = {0};
    fprintf(stderr, XB_FLEET_LOG_BEGINS "%u begins on %s\n", t->shard, t->node);
    if (begin_record(t, err) < 0) {
        /* The attempt is over. The next one tells, if it can bring the record home. */
        end_record(t, err, &record);
        return -1;
    }
    int r = carry_out(t, err);
    return end_record(t, err, &record) < 0 ? xb_fail_also(err, &record) : r;
}

int xb_fleet_task(struct xb_app *app, FILE *in, struct xb_err *err)
{
    struct task t = {.app = app, .lock = -1};
    int r = read_job(&t, in, err);
    if (r == 0)
        r = find_place(&t, err);
    if (r == 0)
        r = take_lock(&t, err);
    if (r == 0)
        r = work(&t, err);
    json_decref(t.attempts);
    json_decref(t.clock_off_s);
    if (t.lock >= 0)
        close(t.lock);
    xb_fleet_job_clear(&t.job);
    return r;
}
