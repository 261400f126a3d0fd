#include "lifecycle_record.h"

#include "base.h"
#include "domain.h"
#include "domain_state.h"
#include "files.h"
#include "xen.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PREFIX "lifecycle-"
#define SUFFIX ".json"
#define STOP_NS (30 * XB_NS_PER_S)
#define BOOT_BYTES 40

/* Names this boot of Dom0: no domain of an earlier one is left. */
static void boot_id(char out[BOOT_BYTES])
{
    xb_auto_fclose FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!f || !fgets(out, BOOT_BYTES, f))
        out[0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static json_t *describe(const struct xb_guest_def *guests, size_t guest_count,
                        const char *const *files, size_t file_count)
{
    char boot[BOOT_BYTES];
    json_t *names = json_array(), *paths = json_array();
    boot_id(boot);
    for (size_t i = 0; i < guest_count; i++)
        json_array_append_new(names, json_pack("{s:s, s:s}", "name", guests[i].name, "uuid",
                                               guests[i].uuid));
    for (size_t i = 0; i < file_count; i++)
        json_array_append_new(paths, json_string(files[i]));
    return json_pack("{s:s, s:o, s:o}", "boot", boot, "guests", names, "files", paths);
}

int xb_life_record_begin(struct xb_life_record *record, struct xb_app *app,
                         const struct xb_guest_def *guests, size_t guest_count,
                         const char *const *files, size_t file_count, struct xb_err *err)
{
    char dir[PATH_MAX];
    int pid = (int)getpid();
    uint64_t start = xb_process_start(getpid());
    record->lock_fd = -1;
    if (xb_path(dir, sizeof(dir), err, "%s/under-way", app->state_dir) < 0 ||
        xb_make_dirs(dir, err) < 0 || xb_make_dirs(app->run_dir, err) < 0 ||
        xb_path(record->path, sizeof(record->path), err, "%s/" PREFIX "%d-%" PRIu64 SUFFIX, dir,
                pid, start) < 0 ||
        xb_path(record->lock_path, sizeof(record->lock_path), err, "%s/" PREFIX "%d-%" PRIu64 ".lock",
                app->run_dir, pid, start) < 0)
        return -1;
    record->lock_fd = xb_lock_take(record->lock_path, NULL, err);
    if (record->lock_fd < 0)
        return -1;
    xb_auto_json json_t *json = describe(guests, guest_count, files, file_count);
    int status = xb_json_save(record->path, json, err);
    if (status < 0)
        xb_life_record_end(record);
    return status;
}

void xb_life_record_end(struct xb_life_record *record)
{
    if (record->lock_fd < 0)
        return;
    unlink(record->path);
    unlink(record->lock_path);
    close(record->lock_fd);
    record->lock_fd = -1;
}

struct recovery {
    struct xb_app *app;
    bool dry_run;
    void (*told)(void *arg, const char *what);
    void *arg;
};

static void __attribute__((format(printf, 2, 3)))
tell(const struct recovery *recovery, const char *fmt, ...)
{
    char what[PATH_MAX + 100];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    recovery->told(recovery->arg, what);
}

static int remove_files(const struct recovery *recovery, const json_t *record, struct xb_err *err)
{
    const json_t *file;
    size_t i;
    json_array_foreach(json_object_get(record, "files"), i, file)
    {
        const char *path = json_string_value(file);
        if (!path || access(path, F_OK) < 0)
            continue;
        tell(recovery, "remove %s, of a lifecycle that was killed", path);
        if (!recovery->dry_run && unlink(path) < 0 && errno != ENOENT)
            return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", path);
    }
    return 0;
}

/* Its guests did not run before, and would not now. */
static int stop_guest(const struct recovery *recovery, const struct xb_guest_def *def,
                      struct xb_err *err)
{
    const char *name = def->name;
    if (!xb_xen_get(recovery->app, err))
        return -1;
    if (!xb_guest_def_domid(recovery->app, def))
        return 0;
    tell(recovery, "stop guest %s, which a lifecycle that was killed had started", name);
    if (recovery->dry_run)
        return 0;
    xb_guest_unpause(recovery->app, name, NULL);
    xb_guest_stop_all(recovery->app, &name, 1, STOP_NS, NULL);
    return xb_guest_destroy(recovery->app, name, err);
}

static int stop_guests(const struct recovery *recovery, const json_t *record, struct xb_err *err)
{
    char boot[BOOT_BYTES];
    const char *then = json_string_value(json_object_get(record, "boot"));
    const json_t *guest;
    size_t i;
    boot_id(boot);
    if (!then || strcmp(then, boot) != 0)
        return 0;
    json_array_foreach(json_object_get(record, "guests"), i, guest)
    {
        struct xb_guest_def def;
        const char *name = NULL, *uuid = NULL;
        if (json_unpack((json_t *)guest, "{s:s, s:s}", "name", &name, "uuid", &uuid) == 0 &&
            xb_guest_def_load(recovery->app, name, &def, NULL) == 0 &&
            strcmp(def.uuid, uuid) == 0 && stop_guest(recovery, &def, err) < 0)
            return -1;
    }
    return 0;
}

/* One that has an owner yet is under way. */
static int recover(const struct recovery *recovery, const char *file, struct xb_err *err)
{
    char path[PATH_MAX], lock[PATH_MAX];
    int stem = (int)(strlen(file) - strlen(SUFFIX));
    if (xb_path(path, sizeof(path), err, "%s/under-way/%s", recovery->app->state_dir, file) < 0 ||
        xb_path(lock, sizeof(lock), err, "%s/%.*s.lock", recovery->app->run_dir, stem, file) < 0)
        return -1;
    if (xb_lock_holder(lock))
        return 0;
    xb_auto_json json_t *record = xb_json_load(path, err);
    if (!record || stop_guests(recovery, record, err) < 0 ||
        remove_files(recovery, record, err) < 0)
        return -1;
    if (!recovery->dry_run)
        unlink(path);
    return 0;
}

static bool is_record(const char *file)
{
    size_t n = strlen(file), prefix = strlen(PREFIX), suffix = strlen(SUFFIX);
    return n > prefix + suffix && strncmp(file, PREFIX, prefix) == 0 &&
           strcmp(file + n - suffix, SUFFIX) == 0;
}

int xb_life_recover_all(struct xb_app *app, bool dry_run, void (*told)(void *arg, const char *what),
                        void *arg, struct xb_err *err)
{
    char path[PATH_MAX];
    struct recovery recovery = {.app = app, .dry_run = dry_run, .told = told, .arg = arg};
    int status = 0;
    if (xb_path(path, sizeof(path), err, "%s/under-way", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_record(entry->d_name) && recover(&recovery, entry->d_name, err) < 0)
            status = -1;
    return status;
}
