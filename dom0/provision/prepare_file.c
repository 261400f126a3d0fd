/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host's configuration files: read, replaced atomically, restored.
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX XB_MIB

/* Is the path, as far as it exists, inside the directory when links are followed? */
static bool is_inside(const char *path, const char *root)
{
    char part[PATH_MAX], real[PATH_MAX], real_root[PATH_MAX];
    if (!realpath(root, real_root))
        return false;
    snprintf(part, sizeof(part), "%s", path);
    while (!realpath(part, real)) {
        char *end = strrchr(part, '/');
        if (!end || end == part)
            return false;
        *end = '\0';
    }
    size_t n = strcmp(real_root, "/") == 0 ? 0 : strlen(real_root);
    return strncmp(real, real_root, n) == 0 && (real[n] == '/' || real[n] == '\0');
}

int xb_prepare_path(const struct xb_prepare *prepare, const char *path, char out[PATH_MAX],
                    struct xb_err *err)
{
    const char *root = prepare->spec.root;
    if (xb_path(out, PATH_MAX, err, "%s%s", root, path) < 0)
        return -1;
    if (root[0] && !is_inside(out, root))
        return xb_fail(err, XB_E_HOST, 0, "%s is a link, or below one, that leads out of %s", out,
                       root);
    return 0;
}

bool xb_prepare_exists(const struct xb_prepare *prepare, const char *path)
{
    char full[PATH_MAX];
    return xb_path(full, sizeof(full), NULL, "%s%s", prepare->spec.root, path) == 0 &&
           access(full, F_OK) == 0;
}

char *xb_prepare_read(const struct xb_prepare *prepare, const char *path, struct xb_err *err)
{
    char full[PATH_MAX];
    if (xb_prepare_path(prepare, path, full, err) < 0)
        return NULL;
    xb_auto_close int fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NULL;
    xb_auto_free char *text = xb_malloc(FILE_MAX);
    ssize_t n = fd >= 0 ? read(fd, text, FILE_MAX - 1) : -1;
    if (n < 0 || n == (ssize_t)FILE_MAX - 1) {
        xb_fail(err, XB_E_HOST, n < 0 ? errno : EFBIG, "cannot read %s", full);
        return NULL;
    }
    text[n] = '\0';
    return xb_steal_ptr(&text);
}

int xb_prepare_write(const struct xb_prepare *prepare, const char *path, const char *text,
                     struct xb_err *err)
{
    char full[PATH_MAX], dir[PATH_MAX], real[PATH_MAX];
    struct stat st;
    if (xb_prepare_path(prepare, path, full, err) < 0)
        return -1;
    if (!text)
        return unlink(full) == 0 || errno == ENOENT
                   ? 0
                   : xb_fail(err, XB_E_HOST, errno, "cannot remove %s", full);
    /* Write through a symbolic link, and keep the file's permissions. */
    if (realpath(full, real))
        snprintf(full, sizeof(full), "%s", real);
    snprintf(dir, sizeof(dir), "%s", full);
    mode_t mode = stat(full, &st) == 0 ? st.st_mode & 0777 : 0644;
    if (mkdir(dirname(dir), 0755) < 0 && errno != EEXIST)
        return xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", dir);
    return xb_text_save(full, text, mode, err);
}

static int apply_file(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    struct xb_err why = {0};
    xb_auto_free char *before = xb_prepare_read(prepare, step->subject, &why);
    if (why.class) {
        *err = why;
        return -1;
    }
    json_t *change = json_pack("{s:s, s:s, s:s?, s:s}", "kind", "file", "path", step->subject,
                               "before", before, "after", step->text);
    if (xb_prepare_note(prepare, change, err) < 0)
        return -1;
    return xb_prepare_write(prepare, step->subject, step->text, err);
}

int xb_prepare_file(struct xb_prepare *prepare, const char *path, char *text, const char *what,
                    const char *will, struct xb_err *err)
{
    struct xb_err why = {0};
    xb_auto_free char *now = xb_prepare_read(prepare, path, &why);
    bool same = now && strcmp(now, text) == 0;
    struct xb_step *step =
        xb_prepare_step(prepare, same ? XB_STEP_DONE : XB_STEP_TODO, what, apply_file);
    step->text = text;
    snprintf(step->subject, sizeof(step->subject), "%s", path);
    snprintf(step->is, sizeof(step->is), "%s%s", path,
             !now   ? " is not there"
             : same ? " is as it should be"
                    : " has other contents");
    snprintf(step->will, sizeof(step->will), "%s", will);
    if (why.class)
        *err = why;
    return err->class ? -1 : 0;
}

/* Restore a file. The plan does so only if nobody else has changed the file since. */
static int restore_file(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    return xb_prepare_write(prepare, step->subject,
                            json_string_value(json_object_get(step->change, "before")), err);
}

/*
 * The file's text as this plan leaves it. Several changes of one file are undone in turn, so each
 * older change compares with the plan's result, not with the file.
 */
static const char *planned_text(const struct xb_prepare *prepare, const char *path, const char *now)
{
    for (size_t i = 0; i < prepare->count; i++)
        if (prepare->steps[i].state == XB_STEP_TODO && prepare->steps[i].apply == restore_file &&
            strcmp(prepare->steps[i].subject, path) == 0)
            now = json_string_value(json_object_get(prepare->steps[i].change, "before"));
    return now;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

void xb_prepare_undo_file(struct xb_prepare *prepare, json_t *change)
{
    const char *path = json_string_value(json_object_get(change, "path"));
    const char *before = json_string_value(json_object_get(change, "before"));
    const char *after = json_string_value(json_object_get(change, "after"));
    struct xb_err why = {0};
    xb_auto_free char *file = xb_prepare_read(prepare, path ? path : "", &why);
    const char *now = planned_text(prepare, path ? path : "", file);
    bool known = path && !why.class;
    bool ours = known && is_same(now, after), back = known && is_same(now, before);
    struct xb_step *step = xb_prepare_step(prepare,
                                           back   ? XB_STEP_DONE
                                           : ours ? XB_STEP_TODO
                                                  : XB_STEP_CANNOT,
                                           "file", restore_file);
    step->keep = why.class;
    snprintf(step->subject, sizeof(step->subject), "%s", path ? path : "");
    if (why.class) {
        snprintf(step->is, sizeof(step->is), "%.390s", why.msg);
        snprintf(step->will, sizeof(step->will), "left as it is, and recorded");
        return;
    }
    snprintf(step->is, sizeof(step->is), "%.200s%s", step->subject,
             back   ? " is as it was"
             : ours ? " is as xenbench made it"
                    : " was changed since by somebody else");
    snprintf(step->will, sizeof(step->will), "%.200s: %s", step->subject,
             !ours    ? "left as it is: restore it by hand"
             : before ? "its former contents"
                      : "removed");
}
