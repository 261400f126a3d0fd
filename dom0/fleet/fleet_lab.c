/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_lab.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "interrupt.h"
#include "store_list.h"
#include "store_merge.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

/* Paths in the lab's Dom0, and names on its data disk, which is mounted at LAB_STATE. */
#define LAB_STATE "/var/lib/xenbench"
#define LAB_STORE "fleet.sqlite"
#define LAB_LOG "fleet.sqlite-wal"
#define LAB_STORE_PATH "/var/lib/xenbench/fleet.sqlite"
#define LAB_FILE "/var/lib/xenbench/fleet.yaml"
#define NO_SUCH_FILE 4 /* the status of `lab salvage` where there is none, or no disk */
#define STOPPED (-2)
#define END_GRACE_NS (10 * XB_NS_PER_S)

/* Add words to a command: `add(&argv, "--name", name)`. */
#define add(argv, ...) add_words(argv, (const char *const[]){__VA_ARGS__, NULL})
static void add_words(struct xb_texts *argv, const char *const *words)
{
    for (; *words; words++)
        xb_texts_add(argv, *words);
}

/* The lab's name, to free. Nodes may share the tree that has the labs: each has its own names. */
static char *name_of(const struct xb_fleet_lab *lab)
{
    return xb_asprintf("fl-%.8s-%u-%s", lab->job->id, lab->shard, lab->node);
}

/* Begin a command for the lab's program: a verb, and the lab's name. */
static void begin_verb(const struct xb_fleet_lab *lab, struct xb_texts *argv, const char *verb)
{
    xb_auto_free char *program = xb_asprintf("%s/images/lab/lab", lab->job->lab);
    xb_auto_free char *name = name_of(lab);
    *argv = (struct xb_texts){.v = NULL};
    add(argv, program, verb, "--name", name);
}

/*
 * Run a command, with its output on stderr. Returns its status, STOPPED after an event of stop_fd
 * (-1: none), or -1. Frees argv. It has its own process group, so that a signal that stops this
 * program does not stop the command that brings the results home.
 */
static int call(struct xb_texts *argv, int stop_fd, struct xb_err *err)
{
    struct xb_child child = {.pid = 0};
    const struct xb_child_spec spec = {
        .argv = (const char *const *)argv->v,
        .in = XB_CHILD_NULL,
        .out = STDERR_FILENO,
        .group = true,
        .death_signal = SIGTERM,
    };
    int status = -1;
    if (xb_child_start(&child, &spec, err) < 0) {
        xb_fail_context(err, "cannot run %s", argv->v[0]);
    } else if (xb_child_await(&child, UINT64_MAX, stop_fd) == XB_CHILD_STOP) {
        xb_child_end(&child, END_GRACE_NS);
        xb_child_reap(&child, NULL);
        status = STOPPED;
    } else {
        status = xb_child_reap(&child, NULL);
    }
    xb_texts_free(argv);
    return status;
}

/* The same, but any status other than 0 is an error. */
static int need(struct xb_texts *argv, int stop_fd, const char *what, struct xb_err *err)
{
    int status = call(argv, stop_fd, err);
    if (status == STOPPED)
        return xb_fail(err, XB_E_BENCH, 0, "stopped while it was to %s", what);
    if (status > 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot %s: status %d; what it said is above", what,
                       status);
    return status;
}

/* ---- the store, in and out ---- */

/* Write all runs of the store at `from` into a new file. */
static int copy_store(struct xb_app *app, const char *from, const char *to, struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    struct xb_store *store = NULL;
    struct xb_listed_run *rows = NULL;
    size_t count = 0;
    if (xb_store_open(&store, app, from, false, err) < 0)
        return -1;
    const struct xb_read in = {.store = store, .arena = &arena, .err = err};
    int r = xb_list_runs(&in, &rows, &count);
    const char **ids = xb_calloc(count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++)
        ids[i] = rows[i].run;
    unlink(to);
    if (r == 0)
        r = xb_store_export(store, app, ids, count, to, err);
    free(ids);
    xb_store_close(store);
    return r;
}

/* Copy a file of the lab's data disk, once the lab has ended. Returns 1, 0 if there is none, -1. */
static int salvage(const struct xb_fleet_lab *lab, const char *file, const char *to,
                   struct xb_err *err)
{
    struct xb_texts argv;
    unlink(to);
    begin_verb(lab, &argv, "salvage");
    add(&argv, file, to);
    int status = call(&argv, -1, err);
    if (status == 0)
        return 1;
    if (status == NO_SUCH_FILE)
        return 0;
    xb_auto_free char *name = name_of(lab);
    return xb_fail(err, XB_E_HOST, 0,
                   "cannot read %s from the disk of lab %s; what was said of it is above. The disk "
                   "is kept (`%s/images/lab/lab down --name %s` removes it)",
                   file, name, lab->job->lab, name);
}

static bool is_empty(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && file.st_size == 0;
}

/* Replace the store by the one on the lab's disk, which began as its copy. */
static int take_disk(const struct xb_fleet_lab *lab, struct xb_err *err)
{
    xb_auto_free char *found = xb_asprintf("%s/lab-%u.sqlite", lab->dir, lab->shard);
    xb_auto_free char *log = xb_asprintf("%s-wal", found);
    xb_auto_free char *whole = xb_asprintf("%s.new", lab->store);
    int there = salvage(lab, LAB_STORE, found, err);
    if (there < 1 || is_empty(found))
        return there < 0 ? -1 : 0; /* the lab ended before it measured anything */
    if (salvage(lab, LAB_LOG, log, err) < 0)
        return -1;
    int r = copy_store(lab->app, found, whole, err);
    if (r == 0 && rename(whole, lab->store) < 0)
        r = xb_fail(err, XB_E_HOST, errno, "cannot write %s", lab->store);
    if (r == 0) {
        unlink(found);
        unlink(log);
    }
    return r < 0 ? xb_fail_context(err, "the store from the lab's disk") : 0;
}

int xb_fleet_lab_end(const struct xb_fleet_lab *lab, struct xb_err *err)
{
    struct xb_texts argv;
    struct xb_err ignored = {0};
    begin_verb(lab, &argv, "down");
    add(&argv, "--keep");
    if (need(&argv, -1, "end the lab", err) < 0 || take_disk(lab, err) < 0)
        return -1;
    begin_verb(lab, &argv, "down");
    call(&argv, -1, &ignored);
    return 0;
}

/* ---- the shard ---- */

static int boot(const struct xb_fleet_lab *lab, int stop_fd, struct xb_err *err)
{
    xb_auto_free char *program = xb_asprintf("%s/images/lab/with-xenbench", lab->job->lab);
    xb_auto_free char *name = name_of(lab);
    xb_auto_free char *owner = xb_asprintf("%d", (int)getpid());
    struct xb_texts argv = {.v = NULL};
    add(&argv, program, name);
    for (size_t i = 0; i < lab->job->lab_images.count; i++)
        xb_texts_add(&argv, lab->job->lab_images.v[i]);
    /* The owner's end ends the lab, and Slurm's time limit ends the owner. */
    add(&argv, "--", "--owner", owner, "--max-hours", "0");
    for (size_t i = 0; i < lab->job->lab_options.count; i++)
        xb_texts_add(&argv, lab->job->lab_options.v[i]);
    return need(&argv, stop_fd, "start a lab", err);
}

static int push(const struct xb_fleet_lab *lab, const char *from, const char *to, int stop_fd,
                struct xb_err *err)
{
    struct xb_texts argv;
    begin_verb(lab, &argv, "push");
    add(&argv, from, to);
    return need(&argv, stop_fd, "copy files into the lab", err);
}

static int write_experiment(const struct xb_fleet_lab *lab, const char *path, struct xb_err *err)
{
    xb_auto_fclose FILE *file = fopen(path, "we");
    if (!file || fputs(lab->job->text, file) < 0 || fflush(file) != 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}

/* Rename the lab's Dom0: all labs have the same host name, and reports tell hosts apart by name. */
static int name_host(const struct xb_fleet_lab *lab, int stop_fd, struct xb_err *err)
{
    xb_auto_free char *name = xb_asprintf("%.58s-lab", lab->node);
    struct xb_texts argv;
    begin_verb(lab, &argv, "exec");
    add(&argv, "--", "hostname", name);
    return need(&argv, stop_fd, "name the lab", err);
}

static int push_all(const struct xb_fleet_lab *lab, int stop_fd, struct xb_err *err)
{
    xb_auto_free char *experiment = xb_asprintf("%s/fleet.yaml", lab->dir);
    xb_auto_free char *store = xb_asprintf("%s/push-%u.sqlite", lab->dir, lab->shard);
    if (write_experiment(lab, experiment, err) < 0 ||
        push(lab, experiment, LAB_FILE, stop_fd, err) < 0)
        return -1;
    if (access(lab->store, F_OK) != 0)
        return 0;
    int r = copy_store(lab->app, lab->store, store, err);
    if (r == 0)
        r = push(lab, store, LAB_STORE_PATH, stop_fd, err);
    unlink(store);
    return r;
}

static int run_there(const struct xb_fleet_lab *lab, bool afresh, int stop_fd, struct xb_err *err)
{
    xb_auto_free char *shard = xb_asprintf("%u/%u", lab->shard, lab->job->split.count);
    struct xb_texts argv;
    begin_verb(lab, &argv, "exec");
    add(&argv, "--", "xenbench", "run", LAB_FILE, "--shard", shard, "--by",
        xb_shard_words[lab->job->split.by], "--store", LAB_STORE_PATH);
    if (afresh)
        add(&argv, "--afresh");
    for (size_t i = 0; i < lab->job->sets.count; i++)
        add(&argv, "--set", lab->job->sets.v[i]);
    return call(&argv, stop_fd, err);
}

static int measure(const struct xb_fleet_lab *lab, int stop_fd, struct xb_err *err)
{
    int status = run_there(lab, false, stop_fd, err);
    /*
     * Refused: the run may have begun in a lab with another Xen. If there is another cause, a new
     * run is refused too, before it touches anything.
     */
    if (status == XB_E_INPUT && access(lab->store, F_OK) == 0) {
        fprintf(stderr, "shard %u: the run in the lab is refused (see above); it begins anew\n",
                lab->shard);
        status = run_there(lab, true, stop_fd, err);
    }
    if (status == STOPPED)
        return xb_fail(err, XB_E_BENCH, 0, "stopped");
    if (status <= 0)
        return status;
    enum xb_err_class class = status <= XB_E_HOST ? (enum xb_err_class)status : XB_E_HOST;
    return xb_fail(err, class, 0,
                   status > XB_E_HOST ? "the lab was lost (status %d)"
                                      : "the run in the lab ended with status %d; what it said is "
                                        "above",
                   status);
}

/* Bring what was committed onto the lab's disk before the lab ends. */
static void sync_lab(const struct xb_fleet_lab *lab)
{
    struct xb_texts argv;
    struct xb_err ignored = {0};
    begin_verb(lab, &argv, "exec");
    add(&argv, "--", "timeout", "10", "sync", "-f", LAB_STATE);
    call(&argv, -1, &ignored);
}

int xb_fleet_lab_run(const struct xb_fleet_lab *lab, struct xb_err *err)
{
    struct xb_err end = {0};
    int stop_fd = xb_interrupt_open(err);
    if (stop_fd < 0)
        return -1;
    int r = boot(lab, stop_fd, err);
    if (r == 0 && (r = name_host(lab, stop_fd, err)) == 0 &&
        (r = push_all(lab, stop_fd, err)) == 0) {
        r = measure(lab, stop_fd, err);
        sync_lab(lab);
    }
    xb_interrupt_next(stop_fd);
    if (xb_fleet_lab_end(lab, &end) < 0)
        r = xb_fail_also(err, &end);
    xb_interrupt_take(stop_fd);
    xb_interrupt_close(stop_fd);
    return r;
}
