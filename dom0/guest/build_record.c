#include "build_record.h"

#include "base.h"
#include "domain_build.h"
#include "files.h"

#include <string.h>

#define PREFIX "build-"
#define SUFFIX ".json"
#define LOOK_AGAIN_NS (50 * XB_NS_PER_MS)

static int record_path(struct xb_app *app, const struct xb_guest_def *def, char *out,
                       struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s/" PREFIX "%s" SUFFIX, app->run_dir, def->uuid);
}

int xb_build_record_begin(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    char path[PATH_MAX];
    xb_auto_json json_t *json = json_pack("{s:s, s:s}", "name", def->name, "uuid", def->uuid);
    return record_path(app, def, path, err) < 0 ? -1 : xb_json_save(path, json, err);
}

void xb_build_record_end(struct xb_app *app, const struct xb_guest_def *def)
{
    char path[PATH_MAX];
    if (record_path(app, def, path, NULL) == 0)
        unlink(path);
}

int xb_build_undo(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                  struct xb_err *err)
{
    if (xb_build_record_begin(app, def, err) < 0 || xb_domain_destroy(app->xen, domid, err) < 0)
        return -1;
    xb_build_record_end(app, def);
    return 0;
}

/* The domain as its builder left it; 0 where there is none, or one that runs: that was whole. */
static uint32_t half_built(struct xb_app *app, const struct xb_guest_def *def)
{
    libxl_dominfo info;
    uint32_t domid = xb_guest_def_domid(app, def);
    libxl_dominfo_init(&info);
    bool paused = domid && libxl_domain_info(app->xen->ctx, &info, domid) == 0 && info.paused;
    libxl_dominfo_dispose(&info);
    return paused ? domid : 0;
}

int xb_build_recover(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    char path[PATH_MAX], lock[PATH_MAX];
    if (record_path(app, def, path, err) < 0 ||
        xb_guest_monitor_lock_path(app, def->uuid, lock, sizeof(lock), err) < 0)
        return -1;
    if (access(path, F_OK) < 0)
        return 0;
    if (!xb_xen_get(app, err))
        return -1;
    /* Held, so that nobody begins to build anew meanwhile. */
    xb_auto_close int lock_fd = xb_lock_take(lock, NULL, NULL);
    if (lock_fd < 0)
        return 0;
    uint32_t domid = half_built(app, def);
    int status = domid ? xb_domain_destroy(app->xen, domid, err) : 0;
    if (status == 0)
        unlink(path);
    unlink(lock);
    return status < 0 ? xb_fail_context(err, "guest %s, which was never whole", def->name) : 0;
}

void xb_build_wait(struct xb_app *app, const struct xb_guest_def *def)
{
    char path[PATH_MAX];
    const struct timespec nap = xb_timespec(LOOK_AGAIN_NS);
    uint64_t deadline_ns = xb_now_ns() + XB_BUILD_WAIT_S * XB_NS_PER_S;
    if (record_path(app, def, path, NULL) < 0)
        return;
    while (access(path, F_OK) == 0 && xb_guest_monitor_pid(app, def) && xb_now_ns() < deadline_ns)
        nanosleep(&nap, NULL);
}

/* The UUID that a record's file is named by. */
static bool is_record(const char *file, char uuid[37])
{
    size_t prefix = strlen(PREFIX);
    if (strncmp(file, PREFIX, prefix) != 0 || strlen(file) != prefix + 36 + strlen(SUFFIX) ||
        strcmp(file + prefix + 36, SUFFIX) != 0)
        return false;
    snprintf(uuid, 37, "%.36s", file + prefix);
    return true;
}

static int recover_file(struct xb_app *app, const char *file, const char *uuid, bool dry_run,
                        void (*told)(void *arg, const char *what), void *arg, struct xb_err *err)
{
    char path[PATH_MAX], lock[PATH_MAX], what[160];
    struct xb_guest_def def = {0};
    snprintf(def.uuid, sizeof(def.uuid), "%s", uuid);
    if (xb_path(path, sizeof(path), err, "%s/%s", app->run_dir, file) < 0 ||
        xb_guest_monitor_lock_path(app, uuid, lock, sizeof(lock), err) < 0 || !xb_xen_get(app, err))
        return -1;
    if (xb_lock_holder(lock))
        return 0; /* it is being built */
    xb_auto_json json_t *json = xb_json_load(path, NULL);
    const char *name = json_string_value(json_object_get(json, "name"));
    snprintf(def.name, sizeof(def.name), "%s", name ? name : "?");
    uint32_t domid = half_built(app, &def);
    if (domid) {
        snprintf(what, sizeof(what), "destroy domain %u of guest %s, which was never whole", domid,
                 def.name);
        told(arg, what);
    }
    return dry_run ? 0 : xb_build_recover(app, &def, err);
}

int xb_build_recover_all(struct xb_app *app, bool dry_run,
                         void (*told)(void *arg, const char *what), void *arg, struct xb_err *err)
{
    char uuid[37];
    int status = 0;
    xb_auto_closedir DIR *dir = opendir(app->run_dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_record(entry->d_name, uuid) &&
            recover_file(app, entry->d_name, uuid, dry_run, told, arg, err) < 0)
            status = -1;
    return status;
}
