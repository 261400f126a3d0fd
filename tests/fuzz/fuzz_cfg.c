/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as an xl.cfg: settings and strings are found within the text, one after the other, and a
 * string that is quoted again reads the same.
 * For: dom0/guest/cfg_text.c
 */
#include "alloc.h"
#include "base.h"
#include "cfg_text.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_part(const struct xb_cfg_part *part, size_t from, size_t at, size_t end)
{
    if (part->from < from || part->to < part->from || part->to > at || at > end)
        abort();
}

static void check_quoting(const char *text, struct xb_cfg_part string)
{
    struct xb_cfg_part setting, again;
    size_t bytes = 0, at = 0;
    xb_auto_free char *value = xb_cfg_unquote(text, string), *line = NULL, *value_again = NULL;
    FILE *out = open_memstream(&line, &bytes);
    xb_cfg_put_string(out, "key", value);
    fclose(out);
    if (!xb_cfg_next_setting(line, &at, &setting) || !xb_cfg_is_key(line, setting, "key"))
        abort();
    at = setting.from;
    if (!xb_cfg_next_string(line, &at, setting, &again))
        abort();
    value_again = xb_cfg_unquote(line, again);
    if (strcmp(value, value_again) != 0)
        abort();
}

static void check_text(const char *text)
{
    struct xb_cfg_part setting, string;
    size_t end = strlen(text);
    for (size_t at = 0, from = 0; xb_cfg_next_setting(text, &at, &setting); from = at) {
        check_part(&setting, from, at, end);
        for (size_t in = setting.from; xb_cfg_next_string(text, &in, setting, &string);) {
            check_part(&string, setting.from, in, setting.to);
            check_quoting(text, string);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[40];
    struct xb_err err = {0};
    xb_auto_close int fd = memfd_create("cfg", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    xb_auto_free char *text = xb_cfg_read(path, &err);
    if (text)
        check_text(text);
    else if (err.class != XB_E_INPUT)
        abort();
    return 0;
}
