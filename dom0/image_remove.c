/*
 * How images and their remains go. An image is hidden under another name first, so that a
 * half-removed one is never taken for an image.
 */
#include "base.h"
#include "files.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

extern char **environ;

/* The recipes take it with flock(1). */
int xb_image_lock(const char *state_dir, const char *name, struct xb_err *err)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/images/.%s.lock", state_dir, name) < 0)
        return -1;
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot open the lock %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return xb_fail(err, XB_E_HOST, 0, "image %s is being built just now (%s is locked)", name,
                       path);
    return xb_steal_fd(&fd);
}

static int remove_volume(const struct xb_image *image, struct xb_err *err)
{
    char *argv[] = {"lvremove", "--quiet", "--yes", (char *)image->disk, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int errnum = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (errnum)
        return xb_fail(err, XB_E_HOST, errnum, "cannot start lvremove for %s", image->disk);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return xb_fail(err, XB_E_HOST, 0,
                       "cannot remove the logical volume %s (is a guest or a snapshot using it?)",
                       image->disk);
    return 0;
}

static int hide_and_remove(const struct xb_image *image, struct xb_err *err)
{
    char hidden[PATH_MAX];
    const char *slash = strrchr(image->dir, '/');
    if (xb_path(hidden, sizeof(hidden), err, "%.*s/.%s.removed", (int)(slash - image->dir),
                image->dir, slash + 1) < 0 ||
        xb_remove_tree(hidden, err) < 0)
        return -1;
    if (rename(image->dir, hidden) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", image->dir);
    return xb_remove_tree(hidden, err);
}

int xb_image_remove(struct xb_app *app, const char *name, struct xb_err *err)
{
    xb_auto_image struct xb_image image = {0};
    if (xb_image_find(app, name, &image, err) < 0)
        return -1;
    if (image.read_only)
        return xb_fail(err, XB_E_INPUT, 0, "image %s came with the host (%s) and cannot be removed",
                       name, image.dir);
    xb_auto_close int lock = xb_image_lock(app->state_dir, name, err);
    if (lock < 0)
        return -1;
    if (image.disk && strncmp(image.disk, "/dev/", 5) == 0 &&
        json_is_true(json_object_get(image.json, "volume_made")) && remove_volume(&image, err) < 0)
        return -1;
    return hide_and_remove(&image, err);
}

/* ".NAME.SUFFIX", as builds and removals call what is not an image (yet, or any more). */
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

/* One entry, under its image's lock: nobody else is at it then. */
static int sweep_entry(struct xb_app *app, const char *entry, const char *name, bool dry_run,
                       void (*told)(void *arg, const char *path), void *arg, struct xb_err *err)
{
    char path[PATH_MAX], whole[PATH_MAX];
    xb_auto_close int lock = xb_image_lock(app->state_dir, name, NULL);
    if (lock < 0)
        return 0;
    if (xb_path(path, sizeof(path), err, "%s/images/%s", app->state_dir, entry) < 0 ||
        xb_path(whole, sizeof(whole), err, "%s/images/%s", app->state_dir, name) < 0)
        return -1;
    if (told)
        told(arg, path);
    if (dry_run)
        return 0;
    /* A build was killed between hiding the image's predecessor and taking its place: that one
     * comes back. */
    if (strcmp(entry + strlen(entry) - 4, ".old") == 0 && access(whole, F_OK) < 0)
        return rename(path, whole) < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot put %s back", whole)
                                       : 0;
    return xb_remove_tree(path, err);
}

int xb_image_sweep(struct xb_app *app, bool dry_run, void (*told)(void *arg, const char *path),
                   void *arg, struct xb_err *err)
{
    char folder[PATH_MAX], name[XB_IMAGE_NAME_MAX + 1];
    if (xb_path(folder, sizeof(folder), err, "%s/images", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT ? 0 : xb_fail(err, XB_E_HOST, errno, "cannot list %s", folder);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_remains(entry->d_name, name) &&
            sweep_entry(app, entry->d_name, name, dry_run, told, arg, err) < 0)
            return -1;
    return 0;
}
