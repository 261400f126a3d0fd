/* How an image goes: hidden under another name first, so that a half-removed one is never taken for an image. */
#include "base.h"
#include "files.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

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
    if (xb_path(hidden, sizeof(hidden), err, "%.*s/.%s.removed", (int)(slash - image->dir), image->dir,
                slash + 1) < 0 ||
        xb_remove_tree(hidden, err) < 0)
        return -1;
    if (rename(image->dir, hidden) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", image->dir);
    return xb_remove_tree(hidden, err);
}

int xb_image_remove(struct xb_app *app, const char *name, struct xb_err *err)
{
    xb_auto_image struct xb_image image = {0};
    char path[PATH_MAX], holder[64];
    if (xb_image_find(app, name, &image, err) < 0)
        return -1;
    if (image.read_only)
        return xb_fail(err, XB_E_INPUT, 0, "image %s came with the host (%s) and cannot be removed", name,
                       image.dir);
    /* The same lock as the recipes take. */
    if (xb_path(path, sizeof(path), err, "%s/images/.%s.lock", app->state_dir, name) < 0)
        return -1;
    xb_auto_close int lock = xb_lock_take(path, holder, err);
    if (lock < 0)
        return xb_fail_context(err, "image %s is being built", name);
    if (image.disk && strncmp(image.disk, "/dev/", 5) == 0 &&
        json_is_true(json_object_get(image.json, "volume_made")) && remove_volume(&image, err) < 0)
        return -1;
    return hide_and_remove(&image, err);
}
