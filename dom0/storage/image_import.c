/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Importing an image. The stream is untrusted: nothing in it becomes a path, and image.json is
 * taken over only as text.
 */
#include "base.h"
#include "fault.h"
#include "files.h"
#include "image_transfer.h"
#include "sha256.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define JSON_MAX_BYTES XB_MIB
#define JSON_MAX_DEPTH 8
#define TEXT_MAX_BYTES 4096

/* The files that an image's stream may hold, and their greatest sizes. */
static const struct {
    const char *name;
    uint64_t max_bytes;
} parts[] = {
    {"manifest.txt", UINT64_C(16) << 20}, {"vmlinuz", UINT64_C(512) << 20},
    {"vmlinux", UINT64_C(512) << 20},     {"initrd.img", UINT64_C(4) << 30},
    {"disk.img", XB_STREAM_FILE_MAX},
};

struct import {
    struct xb_app *app;
    const struct xb_image_import *how;
    struct xb_work *work;
    struct xb_stream_reader *stream;
    json_t *json;
    char name[XB_IMAGE_NAME_MAX + 1];
    char dir[PATH_MAX], part[PATH_MAX], old[PATH_MAX];
    int lock;
};

static void end_import(struct import *import)
{
    xb_stream_reader_free(import->stream);
    json_decref(import->json);
    xb_cleanup_close(&import->lock);
}
#define xb_auto_import XB_AUTO(end_import)

/*
 * The texts in image.json reach an xl.cfg and terminals: refuse control characters, long texts and
 * deep nesting.
 */
static bool is_harmless(const json_t *json, int depth)
{
    const char *key;
    size_t i;
    json_t *value;
    if (depth > JSON_MAX_DEPTH)
        return false;
    if (json_is_string(json)) {
        if (json_string_length(json) > TEXT_MAX_BYTES)
            return false;
        for (const char *c = json_string_value(json); *c; c++)
            if ((unsigned char)*c < 0x20 || *c == 0x7f)
                return false;
    }
    json_array_foreach((json_t *)json, i, value) if (!is_harmless(value, depth + 1)) return false;
    json_object_foreach((json_t *)json, key,
                        value) if (!is_harmless(value, depth + 1)) return false;
    return true;
}

static int read_json(struct import *import, struct xb_err *err)
{
    struct xb_stream_file file;
    json_error_t why;
    xb_auto_free char *text = NULL;
    int more = xb_stream_next(import->stream, &file, err);
    if (more < 0)
        return -1;
    if (more == 0 || strcmp(file.name, "image.json") != 0)
        return xb_fail(err, XB_E_INPUT, 0, "the stream holds no image: it %s%s",
                       more ? "begins with " : "is empty", more ? file.name : "");
    if (xb_stream_read_text(import->stream, &file, JSON_MAX_BYTES, &text, err) < 0)
        return -1;
    import->json = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    const char *name = json_string_value(json_object_get(import->json, "name"));
    if (!import->json || !name || !is_harmless(import->json, 0))
        return xb_fail(err, XB_E_INPUT, 0, "the stream's image.json is invalid%s%s",
                       import->json ? "" : ": ", import->json ? "" : why.text);
    if (import->how->name)
        name = import->how->name;
    if (!xb_image_name_ok(name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%.60s` cannot be an image's name: letters, digits and . _ + -, at most %d",
                       name, XB_IMAGE_NAME_MAX);
    snprintf(import->name, sizeof(import->name), "%s", name);
    return 0;
}

static int open_part(struct import *import, struct xb_err *err)
{
    const char *state = import->app->state_dir, *name = import->name;
    char images[PATH_MAX];
    if (xb_path(images, sizeof(images), err, "%s/images", state) < 0 ||
        xb_make_dirs(images, err) < 0 ||
        xb_path(import->dir, sizeof(import->dir), err, "%s/%s", images, name) < 0 ||
        xb_path(import->part, sizeof(import->part), err, "%s/.%s.part", images, name) < 0 ||
        xb_path(import->old, sizeof(import->old), err, "%s/.%s.old", images, name) < 0)
        return -1;
    import->lock = xb_image_lock(state, name, err);
    if (import->lock < 0)
        return -1;
    if (access(import->dir, F_OK) == 0 && !import->how->replace)
        return xb_fail(err, XB_E_INPUT, 0,
                       "image %s exists already: --name gives this one another name, --force "
                       "replaces it",
                       name);
    if (access(import->part, F_OK) == 0 || access(import->old, F_OK) == 0)
        return xb_fail(err, XB_E_HOST, 0,
                       "a killed build left %s, which is in the way (`xenbench clean` removes "
                       "it)",
                       access(import->part, F_OK) == 0 ? import->part : import->old);
    if (xb_image_check_replaceable(import->dir, err) < 0)
        return xb_fail_context(err, "image %s is not replaced", name);
    if (mkdir(import->part, 0700) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", import->part);
    return 0;
}

static int write_file(struct import *import, const struct xb_stream_file *file, struct xb_err *err)
{
    char path[PATH_MAX];
    size_t i = 0;
    while (i < XB_ARRAY_LEN(parts) && strcmp(parts[i].name, file->name) != 0)
        i++;
    if (i == XB_ARRAY_LEN(parts) || file->bytes > parts[i].max_bytes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the stream holds %s of %" PRIu64 " bytes, which no image "
                       "has",
                       file->name, file->bytes);
    if (xb_path(path, sizeof(path), err, "%s/%s", import->part, file->name) < 0)
        return -1;
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    if (xb_stream_read_to(import->stream, file, fd, err) < 0)
        return xb_fail_context(err, "%s", path);
    xb_fault(file->name);
    return 0;
}

static bool has_part(const struct import *import, const char *name)
{
    char path[PATH_MAX];
    return xb_path(path, sizeof(path), NULL, "%s/%s", import->part, name) == 0 &&
           access(path, F_OK) == 0;
}

/* The digests of the received files. */
static json_t *digest_parts(const struct import *import)
{
    json_t *digests = json_object();
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        char path[PATH_MAX], hex[XB_SHA256_HEX_BYTES];
        if (strcmp(parts[i].name, "manifest.txt") != 0 && has_part(import, parts[i].name) &&
            xb_path(path, sizeof(path), NULL, "%s/%s", import->part, parts[i].name) == 0 &&
            xb_sha256_file(path, hex))
            json_object_set_new(digests, parts[i].name, json_string(hex));
    }
    return digests;
}

/* Set the names and digests of files from what was received, not from what image.json says. */
static int write_json(struct import *import, struct xb_err *err)
{
    char path[PATH_MAX];
    json_t *json = import->json;
    json_object_set_new(json, "name", json_string(import->name));
    json_object_set_new(json, "kernel", json_string("vmlinux"));
    if (json_object_get(json, "bzimage"))
        json_object_set_new(json, "bzimage",
                            json_string(has_part(import, "vmlinuz") ? "vmlinuz" : ""));
    json_object_set_new(json, "initrd", json_string("initrd.img"));
    json_object_set_new(json, "disk",
                        has_part(import, "disk.img") ? json_string("disk.img") : json_null());
    json_object_set_new(json, "volume_made", json_false());
    json_object_set_new(json, "sha256", digest_parts(import));
    json_object_del(json, "volume");
    if (xb_path(path, sizeof(path), err, "%s/image.json", import->part) < 0)
        return -1;
    return xb_json_save(path, json, err);
}

static int fill_part(struct import *import, struct xb_err *err)
{
    struct xb_stream_file file;
    xb_auto_image struct xb_image image = {0};
    int more;
    while ((more = xb_stream_next(import->stream, &file, err)) > 0)
        if (write_file(import, &file, err) < 0)
            return -1;
    if (more < 0 || write_json(import, err) < 0)
        return -1;
    if (xb_image_read(import->part, &image, err) < 0)
        return xb_fail_context(err, "the stream does not hold an image");
    return 0;
}

/* Rename in the recipes' order, so that the image's name never means an incomplete image. */
static int publish(struct import *import, struct xb_err *err)
{
    xb_fault("whole");
    if (rename(import->dir, import->old) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot replace image %s", import->name);
    xb_fault("old-hidden");
    if (rename(import->part, import->dir) < 0) {
        xb_fail(err, XB_E_HOST, errno, "cannot put image %s in place", import->name);
        rename(import->old, import->dir);
        return -1;
    }
    if (xb_image_remove_remains(import->old, import->dir, err) < 0)
        return xb_fail_context(err,
                               "image %s is in place, but the one it replaced is still there "
                               "(`xenbench clean` removes it)",
                               import->name);
    return 0;
}

/* A regular file can be read twice, so check the whole stream before writing anything. */
static int verify_first(struct import *import, int fd, struct xb_err *err)
{
    struct stat st;
    struct statvfs free_space;
    off_t begin = lseek(fd, 0, SEEK_CUR);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || begin < 0)
        return 0;
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    xb_work_on(import->work, "checking the stream", 0);
    if (xb_stream_open(&stream, fd, import->work, err) < 0 || xb_stream_verify(stream, err) < 0)
        return -1;
    if (lseek(fd, begin, SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the stream again");
    uint64_t needed = xb_stream_held(stream);
    if (statvfs(import->app->state_dir, &free_space) == 0 &&
        needed > (uint64_t)free_space.f_bavail * free_space.f_frsize)
        return xb_fail(err, XB_E_HOST, ENOSPC,
                       "the image needs %" PRIu64 " MiB, %s has %" PRIu64 " free", needed >> 20,
                       import->app->state_dir,
                       (uint64_t)free_space.f_bavail * free_space.f_frsize >> 20);
    return 0;
}

int xb_image_import(struct xb_app *app, int fd, const struct xb_image_import *how,
                    struct xb_work *work, char out_name[XB_IMAGE_NAME_MAX + 1], struct xb_err *err)
{
    char what[XB_IMAGE_NAME_MAX + 16];
    xb_auto_import struct import import = {.app = app, .how = how, .work = work, .lock = -1};
    if (verify_first(&import, fd, err) < 0 || xb_stream_open(&import.stream, fd, work, err) < 0 ||
        read_json(&import, err) < 0)
        return -1;
    xb_journal_recover_kind(&(struct xb_recovery){.app = app}, &xb_image_kind, NULL);
    if (open_part(&import, err) < 0)
        return -1;
    snprintf(what, sizeof(what), "import of %s", import.name);
    xb_work_on(work, what, 0);
    if (fill_part(&import, err) < 0 || publish(&import, err) < 0) {
        xb_remove_tree(import.part, NULL);
        return -1;
    }
    snprintf(out_name, XB_IMAGE_NAME_MAX + 1, "%s", import.name);
    return 0;
}
