/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_sweep.h"

#include "base.h"
#include "checkpoint.h"
#include "files.h"
#include "guest_def.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct sweep {
    const struct xb_recovery *recovery;
    const char
        *uuid; /* remove this guest's checkpoints; NULL: those of guests that no longer exist */
    const struct xb_guest_def *defs;
    size_t count;
};

static bool is_checkpoint_name(const char *file)
{
    size_t n = strlen(file), suffix = strlen(XB_CHECKPOINT_SUFFIX);
    return file[0] != '.' && n > suffix && strcmp(file + n - suffix, XB_CHECKPOINT_SUFFIX) == 0;
}

/* Read from the checkpoint's head whose it is. */
static bool look_into(const char *path, struct xb_checkpoint_of *out)
{
    struct xb_checkpoint_reader *reader = NULL;
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || xb_checkpoint_read_begin(&reader, fd, path, NULL) < 0)
        return false;
    int status = xb_checkpoint_whose(xb_checkpoint_head(reader), path, out, NULL);
    xb_checkpoint_reader_free(reader);
    return status == 0;
}

static bool is_wanted(const struct sweep *sweep, const char *uuid)
{
    if (sweep->uuid)
        return strcmp(sweep->uuid, uuid) != 0;
    for (size_t i = 0; i < sweep->count; i++)
        if (strcmp(sweep->defs[i].uuid, uuid) == 0)
            return true;
    return false;
}

static int sweep_file(const struct sweep *sweep, const char *path, struct xb_err *err)
{
    struct xb_checkpoint_of of;
    if (!look_into(path, &of) || is_wanted(sweep, of.uuid))
        return 0;
    xb_recovery_tell(sweep->recovery, "remove %s, a checkpoint of guest %s%s", path, of.name,
                     sweep->uuid ? "" : ", which is no more");
    if (!sweep->recovery->dry_run && unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove the checkpoint %s", path);
    return 0;
}

static int sweep_dirs(const struct sweep *sweep, struct xb_err *err)
{
    static const char *const dirs[] = {"checkpoints", "checkpoints/at-shutdown"};
    const char *state_dir = sweep->recovery->app->state_dir;
    char path[PATH_MAX];
    int status = 0;
    for (size_t i = 0; i < XB_ARRAY_LEN(dirs); i++) {
        if (xb_path(path, sizeof(path), err, "%s/%s", state_dir, dirs[i]) < 0)
            return -1;
        xb_auto_closedir DIR *dir = opendir(path);
        for (struct dirent *entry; dir && (entry = readdir(dir));)
            if (is_checkpoint_name(entry->d_name) &&
                (xb_path(path, sizeof(path), err, "%s/%s/%s", state_dir, dirs[i], entry->d_name) <
                     0 ||
                 sweep_file(sweep, path, err) < 0))
                status = -1;
    }
    return status;
}

static int forget(const struct xb_recovery *recovery, const char *uuid, struct xb_err *err)
{
    return sweep_dirs(&(struct sweep){.recovery = recovery, .uuid = uuid}, err);
}

/* Without the directory of guests, nothing says which guests no longer exist. */
static bool has_guests_dir(struct xb_app *app)
{
    char path[PATH_MAX];
    return xb_path(path, sizeof(path), NULL, "%s/guests", app->state_dir) == 0 &&
           access(path, F_OK) == 0;
}

static int sweep_all(const struct xb_recovery *recovery, struct xb_err *err)
{
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    if (!has_guests_dir(recovery->app))
        return 0;
    if (xb_guest_def_list_all(recovery->app, &defs, &count, err) < 0)
        return -1;
    return sweep_dirs(&(struct sweep){.recovery = recovery, .defs = defs, .count = count}, err);
}

const struct xb_journal_kind xb_checkpoint_file_kind = {
    .after_guests = true, .sweep = sweep_all, .forget = forget};
