/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's xl.cfg, and the JSON that `xl -N` makes of it: the clone's cfg has as many settings as
 * the source's, and the clone's name. The input is the cfg, a NUL, and the JSON.
 * For: dom0/guest/guest_cfg_derive.c
 */
#include "alloc.h"
#include "base.h"
#include "cfg_text.h"
#include "guest_cfg_derive.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
char *__wrap_xb_cfg_read(const char *path, struct xb_err *err);
FILE *__wrap_xb_create_private(const char *path);

static struct {
    const char *source;
    int clone;
} files = {.clone = -1};

char *__wrap_xb_cfg_read(const char *path XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return xb_strdup(files.source);
}

FILE *__wrap_xb_create_private(const char *path XB_UNUSED)
{
    int fd = fcntl(files.clone, F_DUPFD_CLOEXEC, 0);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        abort();
    return file;
}

static const struct xb_guest_def from = {
    .name = "web",
    .uuid = "0bfe3295-116d-4150-9b26-93e0b85e4fbd",
    .dir = "/var/lib/xenbench/guests/web",
    .disk = {.storage = XB_STORAGE_LVM, .vg = "vg0", .lv = "web"}};
static const struct xb_guest_def to = {
    .name = "copy",
    .uuid = "11111111-2222-4333-8444-555555555555",
    .dir = "/var/lib/xenbench/guests/copy",
    .disk = {.storage = XB_STORAGE_LVM, .vg = "vg0", .lv = "copy"}};
static const struct xb_cfg_change change = {&from, &to, "aaaaaaaa-0000-4000-8000-000000000000",
                                            "bbbbbbbb-0000-4000-8000-000000000000"};

/* Count the settings. In a clone's cfg, each name must be the clone's. */
static size_t count_settings(const char *text, bool is_clone)
{
    struct xb_cfg_part setting, string;
    size_t count = 0;
    for (size_t at = 0; xb_cfg_next_setting(text, &at, &setting); count++) {
        size_t in = setting.from;
        if (!is_clone || !xb_cfg_is_key(text, setting, "name"))
            continue;
        while (xb_cfg_next_string(text, &in, setting, &string)) {
            xb_auto_free char *value = xb_cfg_unquote(text, string);
            if (strcmp(value, to.name) != 0)
                abort();
        }
    }
    return count;
}

static void derive(const char *text)
{
    struct xb_err err = {0};
    files.source = text;
    files.clone = memfd_create("clone", MFD_CLOEXEC);
    if (xb_guest_cfg_derive(&change, "clone.cfg", &err) < 0)
        abort();
    off_t bytes = lseek(files.clone, 0, SEEK_END);
    xb_auto_free char *clone = xb_calloc(1, (size_t)bytes + 1);
    if (pread(files.clone, clone, (size_t)bytes, 0) != bytes)
        abort();
    if (count_settings(text, false) != count_settings(clone, true))
        abort();
    close(files.clone);
}

static void check(const uint8_t *json, size_t bytes)
{
    char path[40];
    struct xb_err err = {0};
    xb_auto_close int fd = memfd_create("json", MFD_CLOEXEC);
    if (fd < 0 || write(fd, json, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (xb_guest_cfg_check(&change, path, &err) < 0 && !err.class)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    size_t text_bytes = strnlen((const char *)data, bytes);
    xb_auto_free char *text = xb_calloc(1, text_bytes + 2);
    memcpy(text, data, text_bytes);
    text[text_bytes] = '\n'; /* as xb_cfg_read ends it */
    derive(text);
    if (bytes > text_bytes)
        check(data + text_bytes + 1, bytes - text_bytes - 1);
    return 0;
}
