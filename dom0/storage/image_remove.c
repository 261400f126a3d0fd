/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removing images and their remains. An image is hidden under another name first, so that a
 * half-removed image is never taken for an image.
 */
#include "base.h"
#include "disk.h"
#include "fault.h"
#include "files.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

/* Open and lock the lock file; -1 with errno. The recipes lock it with flock(1). */
static int open_lock(const char *state_dir, const char *name, int how, char path[PATH_MAX],
                     struct xb_err *err)
{
    if (xb_path(path, PATH_MAX, err, "%s/images/.%s.lock", state_dir, name) < 0)
        return -1;
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd < 0 || flock(fd, how | LOCK_NB) < 0 ? -1 : xb_steal_fd(&fd);
}

int xb_image_lock(const char *state_dir, const char *name, struct xb_err *err)
{
    char path[PATH_MAX] = "";
    int fd = open_lock(state_dir, name, LOCK_EX, path, err);
    if (fd < 0 && path[0] && errno == EWOULDBLOCK)
        return xb_fail(err, XB_E_HOST, 0,
                       "image %s is being built or exported, or a guest is being made from it "
                       "(%s is locked)",
                       name, path);
    if (fd < 0 && path[0])
        return xb_fail(err, XB_E_HOST, errno, "cannot open the lock %s", path);
    return fd;
}

/*
 * Nobody builds or removes images in images-ro, so a missing or read-only folder of locks is no
 * error.
 */
int xb_image_find_held(struct xb_app *app, const char *name, struct xb_image *out, int *lock,
                       struct xb_err *err)
{
    char path[PATH_MAX] = "";
    *out = (struct xb_image){0};
    *lock = -1;
    if (!xb_image_name_ok(name))
        return xb_image_find(app, name, out, err);
    xb_auto_close int fd = open_lock(app->state_dir, name, LOCK_SH, path, err);
    if (fd < 0 && path[0] && errno == EWOULDBLOCK)
        return xb_fail(err, XB_E_HOST, 0,
                       "image %s is being built, imported or removed (%s is locked)", name, path);
    if (fd < 0 && (!path[0] || (errno != ENOENT && errno != EROFS)))
        return path[0] ? xb_fail(err, XB_E_HOST, errno, "cannot open the lock %s", path) : -1;
    if (xb_image_find(app, name, out, err) < 0)
        return -1;
    *lock = xb_steal_fd(&fd);
    return 0;
}

/* The volume that a build made for the image, from image.json. */
static int volume_of(const json_t *image, struct xb_disk *out, struct xb_err *err)
{
    json_t *volume = json_object_get(image, "volume");
    *out = (struct xb_disk){0};
    if (!json_is_true(json_object_get(image, "volume_made")) || !json_is_object(volume))
        return 0;
    return xb_disk_from_json(volume, out, err);
}

/* The same for remains without image.json, from volume.json. */
static int volume_of_remains(const char *dir, struct xb_disk *out, struct xb_err *err)
{
    char path[PATH_MAX];
    *out = (struct xb_disk){0};
    if (xb_path(path, sizeof(path), err, "%s/volume.json", dir) < 0)
        return -1;
    bool planned = access(path, F_OK) == 0;
    if (!planned && xb_path(path, sizeof(path), err, "%s/image.json", dir) < 0)
        return -1;
    if (access(path, F_OK) < 0)
        return 0;
    xb_auto_json json_t *json = xb_json_load(path, err);
    if (!json)
        return -1;
    return planned ? xb_disk_from_json(json, out, err) : volume_of(json, out, err);
}

/* Is this volume the disk of the image in dir? */
static bool is_disk_of(const struct xb_disk *volume, const char *dir)
{
    char device[PATH_MAX];
    xb_auto_image struct xb_image image = {0};
    return xb_image_read(dir, &image, NULL) == 0 && image.disk &&
           xb_disk_path(volume, dir, device, sizeof(device), NULL) == 0 &&
           strcmp(device, image.disk) == 0;
}

int xb_image_check_replaceable(const char *dir, struct xb_err *err)
{
    struct xb_disk volume;
    if (access(dir, F_OK) < 0)
        return 0;
    return volume_of_remains(dir, &volume, err) < 0 ? -1 : xb_disk_check_free(&volume, err);
}

int xb_image_remove_remains(const char *path, const char *whole, struct xb_err *err)
{
    struct xb_disk volume;
    if (volume_of_remains(path, &volume, err) < 0 ||
        (!is_disk_of(&volume, whole) && xb_disk_remove(&volume, path, err) < 0))
        return -1;
    return xb_remove_tree(path, err);
}

/* If the volume is in use, both the volume and the image stay. */
static int hide_and_remove(const struct xb_image *image, const struct xb_disk *volume,
                           struct xb_err *err)
{
    char hidden[PATH_MAX];
    const char *slash = strrchr(image->dir, '/');
    if (xb_path(hidden, sizeof(hidden), err, "%.*s/.%s.removed", (int)(slash - image->dir),
                image->dir, slash + 1) < 0 ||
        xb_remove_tree(hidden, err) < 0)
        return -1;
    if (rename(image->dir, hidden) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", image->dir);
    xb_fault("hidden");
    if (xb_disk_remove(volume, hidden, err) < 0) {
        if (rename(hidden, image->dir) < 0)
            xb_fail_context(err, "image %s is hidden in %s", image->name, hidden);
        return -1;
    }
    return xb_remove_tree(hidden, err);
}

static int find_removable(struct xb_app *app, const char *name, struct xb_image *out,
                          struct xb_err *err)
{
    if (xb_image_find(app, name, out, err) < 0)
        return -1;
    return out->read_only
               ? xb_fail(err, XB_E_INPUT, 0,
                         "image %s came with the host (%s) and cannot be removed", name, out->dir)
               : 0;
}

int xb_image_remove(struct xb_app *app, const char *name, struct xb_err *err)
{
    struct xb_disk volume;
    xb_auto_image struct xb_image image = {0};
    if (find_removable(app, name, &image, err) < 0)
        return -1;
    xb_auto_close int lock = xb_image_lock(app->state_dir, name, err);
    if (lock < 0)
        return -1;
    /* Another image may have taken the name before we had the lock. */
    xb_image_clear(&image);
    if (find_removable(app, name, &image, err) < 0 || volume_of(image.json, &volume, err) < 0 ||
        xb_disk_check_free(&volume, err) < 0)
        return -1;
    return hide_and_remove(&image, &volume, err);
}

/* Is this ".NAME.SUFFIX", the name of an incomplete or removed image? */
static bool is_remains(const char *entry, char name[XB_IMAGE_NAME_MAX + 1])
{
    static const char *const suffixes[] = {".part", ".scratch", ".removed", ".old"};
    size_t length = strlen(entry);
    for (size_t i = 0; i < XB_ARRAY_LEN(suffixes); i++) {
        size_t suffix = strlen(suffixes[i]);
        if (entry[0] != '.' || length < suffix + 2 || length - suffix - 1 > XB_IMAGE_NAME_MAX ||
            strcmp(entry + length - suffix, suffixes[i]) != 0)
            continue;
        snprintf(name, XB_IMAGE_NAME_MAX + 1, "%.*s", (int)(length - suffix - 1), entry + 1);
        return xb_image_name_ok(name);
    }
    return false;
}

/* Sweep one entry, with its image's lock held. */
static int sweep_entry(const struct xb_recovery *recovery, const char *entry, const char *name,
                       struct xb_err *err)
{
    struct xb_app *app = recovery->app;
    char path[PATH_MAX], whole[PATH_MAX];
    xb_auto_close int lock = xb_image_lock(app->state_dir, name, NULL);
    if (lock < 0)
        return 0;
    if (xb_path(path, sizeof(path), err, "%s/images/%s", app->state_dir, entry) < 0 ||
        xb_path(whole, sizeof(whole), err, "%s/images/%s", app->state_dir, name) < 0)
        return -1;
    xb_recovery_tell(recovery, XB_REMOVE_REMAINS, path);
    if (recovery->dry_run)
        return 0;
    /* A build died after hiding the previous image and before replacing it: restore that image. */
    if (strcmp(entry + strlen(entry) - 4, ".old") == 0 && access(whole, F_OK) < 0)
        return rename(path, whole) < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot put %s back", whole)
                                       : 0;
    return xb_image_remove_remains(path, whole, err);
}

static int sweep(const struct xb_recovery *recovery, struct xb_err *err)
{
    char folder[PATH_MAX], name[XB_IMAGE_NAME_MAX + 1];
    if (xb_path(folder, sizeof(folder), err, "%s/images", recovery->app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT ? 0 : xb_fail(err, XB_E_HOST, errno, "cannot list %s", folder);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_remains(entry->d_name, name) && sweep_entry(recovery, entry->d_name, name, err) < 0)
            return -1;
    return 0;
}

const struct xb_journal_kind xb_image_kind = {.after_guests = true, .sweep = sweep};

int xb_image_each_remains(struct xb_app *app, const char *except,
                          void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                          void *arg, struct xb_err *err)
{
    char path[PATH_MAX], name[XB_IMAGE_NAME_MAX + 1];
    if (xb_path(path, sizeof(path), err, "%s/images", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct xb_disk volume;
        if (!is_remains(entry->d_name, name) || (except && strcmp(name, except) == 0))
            continue;
        if (xb_path(path, sizeof(path), err, "%s/images/%s", app->state_dir, entry->d_name) < 0)
            return -1;
        if (volume_of_remains(path, &volume, err) == 0)
            each(arg, path, &volume);
        else if (access(path, F_OK) == 0)
            return -1;
        else
            xb_err_clear(err);
    }
    return 0;
}
