/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_cfg_derive.h"

#include "alloc.h"
#include "base.h"
#include "cfg_text.h"
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SWAPS_MAX 8

/* A text of the source, and the clone's text that replaces it. */
struct swap {
    char from[PATH_MAX];
    char to[PATH_MAX];
};

struct swaps {
    struct swap swap[SWAPS_MAX];
    size_t count;
};

static void add_swap(struct swaps *swaps, const char *from, const char *to)
{
    struct swap *swap = &swaps->swap[swaps->count++];
    snprintf(swap->from, sizeof(swap->from), "%s", from);
    snprintf(swap->to, sizeof(swap->to), "%s", to);
}

static void machine_id(const char *uuid, char out[40])
{
    size_t n = 0;
    for (; *uuid && n < 39; uuid++)
        if (*uuid != '-')
            out[n++] = *uuid;
    out[n] = '\0';
}

static int collect(const struct xb_cfg_change *change, struct swaps *swaps, struct xb_err *err)
{
    const struct xb_guest_def *from = change->from, *to = change->to;
    char a[PATH_MAX], b[PATH_MAX];
    add_swap(swaps, from->uuid, to->uuid);
    machine_id(from->uuid, a);
    machine_id(to->uuid, b);
    add_swap(swaps, a, b);
    snprintf(a, sizeof(a), "systemd.hostname=%s", from->name);
    snprintf(b, sizeof(b), "systemd.hostname=%s", to->name);
    add_swap(swaps, a, b);
    if (from->disk.storage) {
        if (xb_disk_path(&from->disk, from->dir, a, sizeof(a), err) < 0 ||
            xb_disk_path(&to->disk, to->dir, b, sizeof(b), err) < 0)
            return -1;
        add_swap(swaps, a, b);
    }
    snprintf(a, sizeof(a), "%s", from->dir);
    snprintf(b, sizeof(b), "%s", to->dir);
    add_swap(swaps, a, b);
    if (change->fs_uuid_from)
        add_swap(swaps, change->fs_uuid_from, change->fs_uuid_to);
    return 0;
}

/* The match must be a complete name, not the beginning of a longer one. */
static bool ends_here(const char *at)
{
    return !isalnum((unsigned char)*at) && !strchr("._-+", *at ? *at : ' ');
}

static const struct swap *swap_at(const struct swaps *swaps, const char *at)
{
    for (size_t i = 0; i < swaps->count; i++) {
        size_t n = strlen(swaps->swap[i].from);
        if (strncasecmp(at, swaps->swap[i].from, n) == 0 && ends_here(at + n))
            return &swaps->swap[i];
    }
    return NULL;
}

static void put_value(FILE *out, const struct swaps *swaps, const char *value)
{
    char one[2] = "";
    while (*value) {
        const struct swap *swap = swap_at(swaps, value);
        one[0] = *value;
        xb_cfg_put_quoted(out, swap ? swap->to : one);
        value += swap ? strlen(swap->from) : 1;
    }
}

/*
 * Replace the source's identity in strings, even within lists. The text between strings is the
 * owner's and stays as it is.
 */
static void put_setting(FILE *out, const struct xb_cfg_change *change, const struct swaps *swaps,
                        const char *text, struct xb_cfg_part setting)
{
    struct xb_cfg_part string;
    bool is_name = xb_cfg_is_key(text, setting, "name");
    size_t done = setting.from;
    for (size_t at = setting.from; xb_cfg_next_string(text, &at, setting, &string);) {
        xb_auto_free char *value = xb_cfg_unquote(text, string);
        fwrite(text + done, 1, string.from - done, out);
        putc('"', out);
        if (is_name)
            xb_cfg_put_quoted(out, change->to->name);
        else
            put_value(out, swaps, value);
        putc('"', out);
        done = string.to;
    }
    fwrite(text + done, 1, setting.to - done, out);
}

static void put_all(FILE *out, const struct xb_cfg_change *change, const struct swaps *swaps,
                    const char *text)
{
    struct xb_cfg_part setting;
    /* Drop the first line if it is ours and names the source. */
    size_t done = strncmp(text, "# Guest ", 8) == 0 ? strcspn(text, "\n") : 0, at = done;
    done += text[done] == '\n';
    while (xb_cfg_next_setting(text, &at, &setting)) {
        fwrite(text + done, 1, setting.from - done, out);
        put_setting(out, change, swaps, text, setting);
        done = setting.to;
    }
    fputs(text + done, out);
}

int xb_guest_cfg_derive(const struct xb_cfg_change *change, const char *path, struct xb_err *err)
{
    char source[PATH_MAX];
    xb_auto_free struct swaps *swaps = xb_calloc(1, sizeof(*swaps));
    if (xb_path(source, sizeof(source), err, "%s/%s.cfg", change->from->dir, change->from->name) <
            0 ||
        collect(change, swaps, err) < 0)
        return -1;
    xb_auto_free char *text = xb_cfg_read(source, err);
    if (!text)
        return -1;
    xb_auto_fclose FILE *out = xb_create_private(path);
    if (!out)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    fprintf(out, "# Guest %s, cloned by xenbench from the guest %s.\n", change->to->name,
            change->from->name);
    put_all(out, change, swaps, text);
    if (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}

static int check_disks(const struct xb_cfg_change *change, const json_t *disks, struct xb_err *err)
{
    char ours[PATH_MAX] = "";
    bool found = change->to->disk.storage == XB_STORAGE_NONE;
    size_t i;
    json_t *disk;
    if (!found && xb_disk_path(&change->to->disk, change->to->dir, ours, sizeof(ours), err) < 0)
        return -1;
    json_array_foreach(disks, i, disk)
    {
        const char *path = json_string_value(json_object_get(disk, "pdev_path"));
        if (path && *ours && strcmp(path, ours) == 0)
            found = true;
        else if (json_integer_value(json_object_get(disk, "readwrite")))
            return xb_fail(err, XB_E_INPUT, 0,
                           "guest %s has another disk in its xl.cfg, %s, which both would "
                           "write: make it read-only there, or remove it",
                           change->from->name, path ? path : "without a path");
    }
    if (!found)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the xl.cfg of guest %s does not name its disk as xenbench wrote it, so "
                       "xenbench cannot derive a clone's",
                       change->from->name);
    return 0;
}

int xb_guest_cfg_check(const struct xb_cfg_change *change, const char *json_path,
                       struct xb_err *err)
{
    xb_auto_json json_t *json = xb_json_load(json_path, err);
    const char *name = NULL, *uuid = NULL;
    if (!json)
        return -1;
    if (json_unpack(json, "{s:{s:s, s:s}}", "c_info", "name", &name, "uuid", &uuid) < 0 ||
        strcmp(name, change->to->name) != 0 || strcasecmp(uuid, change->to->uuid) != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the xl.cfg of guest %s sets name and uuid in a way that xenbench "
                       "cannot change for a clone",
                       change->from->name);
    return check_disks(change, json_object_get(json, "disks"), err);
}
