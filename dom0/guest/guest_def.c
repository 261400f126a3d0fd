/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_def.h"

#include "alloc.h"
#include "base.h"
#include "files.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#define DEF_FORMAT 1

bool xb_guest_name_ok(const char *name)
{
    size_t n = strlen(name), digits = strspn(name, "0123456789");
    if (n == 0 || n > XB_GUEST_OWN_NAME_MAX || digits == n || !isalnum((unsigned char)name[0]))
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n &&
           strcmp(name, XB_DOM0) != 0;
}

int xb_guest_def_dir(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                     struct xb_err *err)
{
    if (!xb_guest_name_ok(name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%.256s` cannot be a guest's name: 1 to %d letters, digits, `.`, `_` or "
                       "`-` (as a host name), the first a letter or digit, not all of them digits",
                       name, XB_GUEST_OWN_NAME_MAX);
    return xb_path(out, out_bytes, err, "%s/guests/%s", app->state_dir, name);
}

static void copy_string(char *out, size_t out_bytes, const char *value)
{
    snprintf(out, out_bytes, "%s", value ? value : "");
}

/* Older records do not describe the disk, which was always a file. */
static int load_disk(struct xb_guest_def *def, const char *dir, const json_t *json,
                     struct xb_err *err)
{
    char path[PATH_MAX];
    struct stat st;
    json_t *disk = json_object_get(json, "disk");
    if (disk)
        return xb_disk_from_json(disk, &def->disk, err);
    snprintf(path, sizeof(path), "%s/disk.img", dir);
    if (stat(path, &st) == 0)
        def->disk = (struct xb_disk){.storage = XB_STORAGE_FILE, .bytes = (uint64_t)st.st_size};
    return 0;
}

int xb_guest_def_read(const char *dir, struct xb_guest_def *out, struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_guest_def def = {0};
    if (xb_path(path, sizeof(path), err, "%s/guest.json", dir) < 0)
        return -1;
    xb_auto_json json_t *json = xb_json_load(path, err);
    if (!json)
        return -1;
    const char *name = "", *uuid, *image, *type, *run = NULL;
    json_int_t memory_bytes;
    int format, vcpus;
    if (json_unpack(json, "{s:i, s?s, s:s, s:s, s:s, s?s, s:i, s:I}", "format", &format, "name",
                    &name, "uuid", &uuid, "image", &image, "type", &type, "run", &run, "vcpus",
                    &vcpus, "memory_bytes", &memory_bytes) < 0 ||
        format != DEF_FORMAT || strlen(uuid) != 36)
        return xb_fail(err, XB_E_HOST, 0, "%s is damaged, or from another version of xenbench",
                       path);
    copy_string(def.name, sizeof(def.name), name);
    copy_string(def.uuid, sizeof(def.uuid), uuid);
    copy_string(def.image, sizeof(def.image), image);
    copy_string(def.type, sizeof(def.type), type);
    copy_string(def.run, sizeof(def.run), run);
    def.vcpus = (uint32_t)vcpus;
    /* Older records may have libxl's negative number for `not set`. */
    def.memory_bytes = memory_bytes < 0 ? 0 : (uint64_t)memory_bytes;
    if (load_disk(&def, dir, json, err) < 0)
        return xb_fail_context(err, "%s", path);
    *out = def;
    return 0;
}

int xb_guest_def_load(struct xb_app *app, const char *name, struct xb_guest_def *out,
                      struct xb_err *err)
{
    char dir[sizeof(out->dir)], path[PATH_MAX];
    if (xb_guest_def_dir(app, name, dir, sizeof(dir), err) < 0)
        return -1;
    snprintf(path, sizeof(path), "%s/guest.json", dir);
    if (access(path, F_OK) < 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "there is no guest `%s` (`xenbench guest list` shows them)", name);
    if (xb_guest_def_read(dir, out, err) < 0)
        return -1;
    /* The directory's name decides the guest's name. */
    copy_string(out->name, sizeof(out->name), name);
    copy_string(out->dir, sizeof(out->dir), dir);
    return 0;
}

int xb_guest_def_save(const struct xb_guest_def *def, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX];
    xb_auto_json json_t *json = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:i, s:I, s:o}", "format", DEF_FORMAT, "name", def->name, "uuid",
        def->uuid, "image", def->image, "type", def->type, "vcpus", (int)def->vcpus, "memory_bytes",
        (json_int_t)def->memory_bytes, "disk", xb_disk_to_json(&def->disk));
    if (def->run[0])
        json_object_set_new(json, "run", json_string(def->run));
    if (xb_path(path, sizeof(path), err, "%s/guest.json", dir) < 0)
        return -1;
    return xb_json_save(path, json, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct xb_guest_def *)a)->name, ((const struct xb_guest_def *)b)->name);
}

/* A guest's directory disappears in one step, so if it still exists, its record is damaged. */
static int load_listed(struct xb_app *app, const char *name, bool all, struct xb_guest_def *out,
                       struct xb_err *err)
{
    struct xb_err why = {0};
    if (xb_guest_def_load(app, name, out, &why) == 0)
        return 1;
    if (!xb_guest_exists(app, name))
        return 0;
    if (why.class == XB_E_INPUT) {
        xb_err_clear(&why);
        xb_fail(&why, XB_E_HOST, 0, "guest %s is damaged: it has no guest.json", name);
    }
    if (all)
        return xb_fail(err, XB_E_HOST, 0, "%s", why.msg);
    fprintf(stderr, "xenbench: left out: %s\n", why.msg);
    return 0;
}

static int list(struct xb_app *app, bool all, struct xb_guest_def **out, size_t *out_count,
                struct xb_err *err)
{
    char path[PATH_MAX];
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    if (xb_path(path, sizeof(path), err, "%s/guests", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    if (!dir && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot list the guests in %s", path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!xb_guest_name_ok(entry->d_name))
            continue;
        struct xb_guest_def *grown = xb_reallocarray(defs, count + 1, sizeof(*defs));
        defs = grown;
        int found = load_listed(app, entry->d_name, all, &defs[count], err);
        if (found < 0)
            return -1;
        count += (size_t)found;
    }
    if (count)
        qsort(defs, count, sizeof(*defs), by_name);
    *out = xb_steal_ptr(&defs);
    *out_count = count;
    return 0;
}

int xb_guest_def_list(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                      struct xb_err *err)
{
    return list(app, false, out, out_count, err);
}

int xb_guest_def_list_all(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                          struct xb_err *err)
{
    return list(app, true, out, out_count, err);
}

/*
 * A classic snapshot has no snapshots, so two groups suffice; chains of thin snapshots need no
 * order.
 */
void xb_guest_def_snapshots_first(struct xb_guest_def *defs, size_t count)
{
    size_t snapshots = 0;
    for (size_t i = 0; i < count; i++) {
        if (!defs[i].disk.snapshot_of[0])
            continue;
        struct xb_guest_def def = defs[i];
        memmove(&defs[snapshots + 1], &defs[snapshots], (i - snapshots) * sizeof(def));
        defs[snapshots++] = def;
    }
}

uint32_t xb_guest_def_domid(struct xb_app *app, const struct xb_guest_def *def)
{
    uint32_t domid = 0;
    return app->xen && xb_domain_with_uuid(app->xen, def->uuid, &domid) ? domid : 0;
}

int xb_guest_monitor_log_path(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                              struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/monitor-%s.log", app->run_dir, name);
}

int xb_guest_monitor_lock_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                               struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/" XB_GUEST_MONITOR_LOCK "%s.lock", app->run_dir, uuid);
}

int xb_guest_console_socket_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                                 struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/console-%s", app->run_dir, uuid);
}

bool xb_guest_monitor_gone(struct xb_app *app, const struct xb_guest_def *def)
{
    uint64_t deadline_ns = xb_now_ns() + XB_GUEST_MONITOR_END_S * XB_NS_PER_S;
    for (pid_t pid; (pid = xb_guest_monitor_pid(app, def));) {
        uint64_t now_ns = xb_now_ns();
        xb_auto_close int fd = pidfd_open(pid, 0);
        struct pollfd end = {.fd = fd, .events = POLLIN};
        if (now_ns >= deadline_ns)
            return false;
        if (fd >= 0)
            poll(&end, 1, (int)((deadline_ns - now_ns) / XB_NS_PER_MS) + 1);
    }
    return true;
}

pid_t xb_guest_monitor_pid(struct xb_app *app, const struct xb_guest_def *def)
{
    char path[PATH_MAX];
    if (xb_guest_monitor_lock_path(app, def->uuid, path, sizeof(path), NULL) < 0)
        return 0;
    return xb_lock_holder(path);
}
