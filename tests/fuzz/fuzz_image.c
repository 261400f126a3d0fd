/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as the image.json of a foreign stream whose other files are good: the image is refused,
 * or imported under a valid name with nothing but an image's files, all its paths within its
 * folder.
 * For: dom0/storage/image_import.c dom0/storage/image.c
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "image_transfer.h"
#include "sandbox.h"
#include "sha256.h"

#include <fcntl.h>
#include <string.h>

#define PIPE_BYTES (64 * XB_KIB) /* more than any input's stream */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
bool __wrap_xb_sha256_file(const char *path, char hex[XB_SHA256_HEX_BYTES]);

/* Replaces hashing, which starts a process for each file. */
bool __wrap_xb_sha256_file(const char *path XB_UNUSED, char hex[XB_SHA256_HEX_BYTES])
{
    snprintf(hex, XB_SHA256_HEX_BYTES, "%064d", 0);
    return true;
}

static int write_stream(int fd, const char *json)
{
    static const char *const others[] = {"vmlinux", "initrd.img", "manifest.txt"};
    const struct xb_stream_packing packing = {.compress = true, .level = -7, .threads = 1};
    xb_auto_stream_writer struct xb_stream_writer *stream = NULL;
    if (xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, &packing, NULL, NULL) < 0 ||
        xb_stream_add_text(stream, "image.json", json, NULL) < 0)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(others); i++)
        if (xb_stream_add_text(stream, others[i], "text", NULL) < 0)
            return -1;
    return xb_stream_finish(stream, NULL);
}

static void check_path(const char *dir, const char *path)
{
    if (path && (strncmp(path, dir, strlen(dir)) != 0 || strstr(path, "/..")))
        abort();
}

static void check_image(struct xb_app *app, const char *name)
{
    struct xb_err err = {0};
    xb_auto_image struct xb_image image = {0};
    if (!xb_image_name_ok(name) || xb_image_find(app, name, &image, &err) < 0)
        abort();
    check_path(app->state_dir, image.dir);
    check_path(image.dir, image.kernel);
    check_path(image.dir, image.bzimage);
    check_path(image.dir, image.initrd);
    check_path(image.dir, image.disk);
}

/* Nothing may be left in the folder but the image and hidden files such as its lock. */
static void check_folder(const char *state, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/images", state);
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, name) != 0)
            abort();
}

static void import(struct xb_app *app, const char *json)
{
    char name[XB_IMAGE_NAME_MAX + 1] = "";
    struct xb_err err = {0};
    const struct xb_image_import how = {0};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
        write_stream(ends[1], json) < 0)
        abort();
    close(ends[1]);
    xb_auto_close int fd = ends[0];
    if (xb_image_import(app, fd, &how, NULL, name, &err) == 0)
        check_image(app, name);
    else if (!err.class)
        abort();
    check_folder(app->state_dir, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char state[] = "/dev/shm/xb-fuzz-image-XXXXXX";
    xb_auto_free char *json = xb_calloc(1, bytes + 1);
    memcpy(json, data, bytes);
    setenv(XB_NO_SANDBOX_ENV, "1", 1); /* libFuzzer sees this process alone */
    if (!mkdtemp(state))
        abort();
    struct xb_app app = {.state_dir = state, .run_dir = state, .share_dir = state};
    import(&app, json);
    xb_remove_tree(state, NULL);
    return 0;
}
