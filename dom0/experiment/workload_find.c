/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue: its folders, and the files that workloads need. */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "nearest.h"
#include "workload.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int folder_of(const struct xb_app *app, size_t i, char *out, struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s/workloads", i == 0 ? app->state_dir : app->share_dir);
}
#define FOLDERS 2

/* The length of the name in "NAME.yaml", or 0. */
static size_t name_length(const char *file)
{
    static const char suffix[] = ".yaml";
    size_t length = strlen(file);
    bool is_one = length >= sizeof(suffix) && file[0] != '.' &&
                  strcmp(file + length - (sizeof(suffix) - 1), suffix) == 0;
    return is_one ? length - (sizeof(suffix) - 1) : 0;
}

static bool has(const struct xb_texts *names, const char *name, size_t length)
{
    for (size_t i = 0; i < names->count; i++)
        if (strncmp(names->v[i], name, length) == 0 && names->v[i][length] == '\0')
            return true;
    return false;
}

static void add_name(struct xb_texts *names, const char *name, size_t length)
{
    names->v = xb_reallocarray(names->v, names->count + 2, sizeof(*names->v));
    names->v[names->count++] = xb_strndup(name, length);
    names->v[names->count] = NULL;
}

static int add_folder(const char *folder, struct xb_texts *names, struct xb_err *err)
{
    xb_auto_closedir DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT ? 0 : xb_fail(err, XB_E_HOST, errno, "cannot list %s", folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t length = name_length(entry->d_name);
        if (length > 0 && !has(names, entry->d_name, length))
            add_name(names, entry->d_name, length);
    }
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int xb_workload_names(struct xb_app *app, struct xb_texts *out, struct xb_err *err)
{
    char folder[PATH_MAX];
    *out = (struct xb_texts){0};
    for (size_t i = 0; i < FOLDERS; i++) {
        if (folder_of(app, i, folder, err) < 0 || add_folder(folder, out, err) < 0) {
            xb_texts_free(out);
            return -1;
        }
    }
    if (out->count > 0)
        qsort(out->v, out->count, sizeof(*out->v), by_text);
    return 0;
}

static int fail_unknown(struct xb_app *app, const char *name, struct xb_err *err)
{
    static const char *const none[] = {NULL};
    struct xb_texts names;
    if (xb_workload_names(app, &names, err) < 0)
        return -1;
    const char *near = xb_nearest(name, names.v ? (const char *const *)names.v : none);
    xb_fail(err, XB_E_INPUT, 0,
            "there is no workload `%.60s`%s%s%s (`xenbench workload list` lists workloads)", name,
            near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    xb_texts_free(&names);
    return -1;
}

/* Find the file of the workload called name; false where there is none. */
static bool locate(struct xb_app *app, const char *name, char path[PATH_MAX])
{
    char folder[PATH_MAX];
    if (strchr(name, '/') || name[0] == '.')
        return false;
    for (size_t i = 0; i < FOLDERS; i++)
        if (folder_of(app, i, folder, NULL) == 0 &&
            xb_path(path, PATH_MAX, NULL, "%s/%s.yaml", folder, name) == 0 &&
            access(path, F_OK) == 0)
            return true;
    return false;
}

int xb_workload_find(struct xb_app *app, const char *name, struct xb_workload **out,
                     struct xb_err *err)
{
    char path[PATH_MAX];
    const char *colon = strchrnul(name, ':');
    xb_auto_free char *plain = xb_strndup(name, (size_t)(colon - name));
    if (!locate(app, plain, path))
        return fail_unknown(app, plain, err);
    if (xb_workload_open(out, path, err) < 0)
        return -1;
    if (*colon && xb_workload_set_argument(*out, colon + 1, err) < 0) {
        xb_workload_free(*out);
        *out = NULL;
        return -1;
    }
    return 0;
}

int xb_workload_file_path(struct xb_app *app, const struct xb_workload *workload,
                          const struct xb_workload_file *file, char *out, struct xb_err *err)
{
    const char *slash = strrchr(workload->path, '/');
    int folder_bytes = slash ? (int)(slash - workload->path) : 0;
    if (xb_path(out, PATH_MAX, err, "%s/%s", app->lib_dir, file->from) < 0)
        return -1;
    if (access(out, R_OK) == 0)
        return 0;
    if (xb_path(out, PATH_MAX, err, "%.*s/%s", folder_bytes, workload->path, file->from) < 0)
        return -1;
    if (access(out, R_OK) == 0)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "workload %s needs the file %s, which is neither in %s nor in %.*s",
                   workload->name, file->from, app->lib_dir, folder_bytes, workload->path);
}
