/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench clean`: restores the host and removes what runs left, and with --all every guest that
 * xenbench made. Only records, never names, say what belongs to xenbench.
 */
#include "base.h"
#include "build_record.h"
#include "commands.h"
#include "domain_build.h"
#include "each_err.h"
#include "files.h"
#include "guest_dir.h"
#include "host.h"
#include "journal.h"
#include "xen.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

struct clean {
    struct xb_recovery recovery;
    struct xb_app *app;
    bool all;
    size_t done;
    enum xb_err_class failed; /* the class of an error that was reported already */
};

static void tell(void *arg, const char *what)
{
    struct clean *clean = arg;
    clean->done++;
    printf("%s%s\n", clean->recovery.dry_run ? "would: " : "", what);
}

static int check_alive(struct clean *clean, struct xb_err *err)
{
    pid_t owner;
    if (!xb_host_recorded(clean->app, &owner) || !owner)
        return 0;
    return xb_fail(err, XB_E_HOST, 0, "a run is under way: process %d; end it first", owner);
}

/* Report what is stored for a guest; the guest's removal removes it last. */
static int tell_kept(const struct clean *clean, const struct xb_guest_def *def, struct xb_err *err)
{
    struct xb_recovery only_tell = clean->recovery;
    only_tell.dry_run = true;
    return xb_journal_forget_guest(&only_tell, def->uuid, err);
}

/* A monitor ends with its domain. One that does not gets SIGTERM, at the process id in its lock. */
static int remove_guest(struct clean *clean, const struct xb_guest_def *def, struct xb_err *err)
{
    char disk[2 * XB_LVM_NAME_BYTES + 32] = "";
    struct xb_xen *xen = xb_xen_get(clean->app, err);
    if (!xen)
        return -1;
    uint32_t domid = xb_guest_def_domid(clean->app, def);
    if (domid)
        xb_recovery_tell(&clean->recovery, "destroy domain %u of guest %s", domid, def->name);
    if (def->disk.storage > XB_STORAGE_FILE)
        xb_disk_describe(&def->disk, disk, sizeof(disk));
    xb_recovery_tell(&clean->recovery, "remove guest %s%s%s%s%s", def->name,
                     disk[0] ? " and its " : "", disk, def->run[0] ? ", made by run " : "",
                     def->run);
    if (tell_kept(clean, def, err) < 0)
        return -1;
    if (clean->recovery.dry_run)
        return 0;
    xb_build_wait(clean->app, def);
    domid = xb_guest_def_domid(clean->app, def);
    if (domid && xb_domain_destroy(xen, domid, err) < 0)
        return -1;
    pid_t monitor =
        xb_guest_monitor_gone(clean->app, def) ? 0 : xb_guest_monitor_pid(clean->app, def);
    if (monitor > 1)
        kill(monitor, SIGTERM);
    /* A build that took longer than the wait above may have made a domain by now. */
    if (monitor > 1 && xb_guest_monitor_gone(clean->app, def) &&
        (domid = xb_guest_def_domid(clean->app, def)) && xb_domain_destroy(xen, domid, err) < 0)
        return -1;
    xb_build_record_end(clean->app, def);
    return xb_guest_dir_remove(clean->app, def, err);
}

/* clean refuses to work while a run is alive, so every run's guests are left over. */
static bool is_unwanted(const struct clean *clean, const struct xb_guest_def *def)
{
    return clean->all || def->run[0];
}

/* A guest that cannot be removed is reported; the others are removed all the same. */
static int clean_guests(struct clean *clean, struct xb_err *err)
{
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    int status = 0;
    if (xb_guest_def_list(clean->app, &defs, &count, err) < 0)
        return -1;
    xb_guest_def_snapshots_first(defs, count);
    for (size_t i = 0; i < count; i++) {
        struct xb_err why = {0};
        if (!is_unwanted(clean, &defs[i]) || remove_guest(clean, &defs[i], &why) == 0)
            continue;
        fprintf(stderr, "xenbench: guest %s is not removed: %s\n", defs[i].name, why.msg);
        clean->failed = why.class;
        status = -1;
    }
    return status;
}

/* A guest with an unreadable record stays, since its disk is unknown: --all must then fail. */
static int check_none_is_damaged(struct clean *clean, struct xb_err *err)
{
    if (!clean->all)
        return 0;
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    return xb_guest_def_list_all(clean->app, &defs, &count, err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), end_bytes = strlen(end);
    return n > end_bytes && strcmp(text + n - end_bytes, end) == 0;
}

/* A log is named after its guest: monitor-NAME.log */
static bool is_log_of_none(struct xb_app *app, const char *file)
{
    char name[NAME_MAX + 1];
    if (strncmp(file, "monitor-", 8) != 0 || !ends_with(file, ".log"))
        return false;
    snprintf(name, sizeof(name), "%.*s", (int)(strlen(file) - 12), file + 8);
    return !xb_guest_exists(app, name);
}

/* A console's socket is dead when no monitor holds the lock of the same UUID. */
static bool is_dead_socket(struct xb_app *app, const char *file)
{
    char lock[PATH_MAX];
    return strncmp(file, "console-", 8) == 0 &&
           xb_guest_monitor_lock_path(app, file + 8, lock, sizeof(lock), NULL) == 0 &&
           xb_lock_holder(lock) == 0;
}

/* The store of a `workload check` that was killed: workload-check-PID.sqlite, and -wal or -shm. */
static bool is_dead_check(const char *file)
{
    int pid = 0, used = 0;
    return sscanf(file, XB_WORKLOAD_CHECK_PREFIX "%d.sqlite%n", &pid, &used) == 1 && used > 0 &&
           (!file[used] || file[used] == '-') && pid > 0 && kill(pid, 0) < 0 && errno == ESRCH;
}

/* Silently remove sockets, logs, locks and stores of dead processes. */
static int clean_run_dir(struct clean *clean, struct xb_err *err)
{
    char path[PATH_MAX];
    xb_auto_closedir DIR *dir = clean->recovery.dry_run ? NULL : opendir(clean->app->run_dir);
    if (!dir && !clean->recovery.dry_run && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot look into %s", clean->app->run_dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *file = entry->d_name;
        if (xb_path(path, sizeof(path), err, "%s/%s", clean->app->run_dir, file) < 0)
            return -1;
        if (ends_with(file, ".lock"))
            xb_lock_sweep(path);
        else if ((is_dead_socket(clean->app, file) || is_log_of_none(clean->app, file) ||
                  is_dead_check(file)) &&
                 unlink(path) < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", path);
    }
    return 0;
}

static int recover_early(struct clean *clean, struct xb_err *err)
{
    return xb_journal_recover_all(&clean->recovery, false, err);
}

static int recover_late(struct clean *clean, struct xb_err *err)
{
    return xb_journal_recover_all(&clean->recovery, true, err);
}

/* Every part runs, even if an earlier one failed. */
static void clean_all(struct clean *clean, struct xb_err *err)
{
    static int (*const parts[])(struct clean * clean, struct xb_err * err) = {
        recover_early, clean_guests, check_none_is_damaged, recover_late, clean_run_dir};
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        struct xb_err why = {0};
        parts[i](clean, &why);
        xb_each_err(err, &why);
    }
}

static const struct xb_opt rows[] = {
    OPT_TRUE(struct clean, recovery.dry_run, "dry-run", 'n',
             "Show what would be done, and do nothing"),
    OPT_TRUE(struct clean, all, "all", 'a',
             "Remove all guests that xenbench made, not only those of runs"),
    OPT_END,
};

const struct xb_opts xb_opts_clean = {
    .rows = rows,
    .doc =
        "Restore the host's settings after a run that died, and remove the guests that runs made, "
        "checkpoints in /var/lib/xenbench whose guests no longer exist, and what interrupted "
        "commands left.\vImages and results are kept.",
};

int xb_cmd_clean(struct xb_app *app, int argc, char **argv)
{
    struct clean clean = {.app = app, .recovery = {.app = app, .told = tell, .arg = &clean}};
    xb_opts_parse(&xb_opts_clean, argc, argv, &clean);
    if (check_alive(&clean, &app->err) == 0)
        clean_all(&clean, &app->err);
    if (clean.done == 0 && !app->err.class && !clean.failed)
        puts("nothing to clean");
    return (int)(app->err.class ? app->err.class : clean.failed);
}
