/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lvm.h"

#include "alloc.h"
#include "base.h"
#include "tool.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define REPORT_FIELDS                                                                              \
    "vg_name,lv_name,lv_uuid,pool_lv,origin_uuid,lv_tags,lv_attr,lv_size,data_percent"

bool xb_lv_is_snapshot(const struct xb_lv *lv)
{
    return lv->attr[0] == 's' || lv->attr[0] == 'S';
}

bool xb_lv_is_thin_pool(const struct xb_lv *lv)
{
    return lv->attr[0] == 't';
}

bool xb_lv_has_tag(const struct xb_lv *lv, const char *tag)
{
    size_t bytes = strlen(tag);
    for (const char *at = lv->tags; bytes && (at = strstr(at, tag)); at += bytes)
        if ((at == lv->tags || at[-1] == ',') && (at[bytes] == ',' || !at[bytes]))
            return true;
    return false;
}

bool xb_lvm_name_ok(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < XB_LVM_NAME_BYTES && name[0] != '-' && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-") == n;
}

void xb_lvm_guest_volume(const char *guest, char out[XB_LVM_NAME_BYTES])
{
    snprintf(out, XB_LVM_NAME_BYTES, "xenbench-%s", guest);
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = '+';
}

static int take_string(const json_t *row, const char *key, char *out, size_t out_bytes)
{
    const char *value = json_string_value(json_object_get(row, key));
    if (!value || strlen(value) >= out_bytes)
        return -1;
    memcpy(out, value, strlen(value) + 1);
    return 0;
}

static int take_row(const json_t *row, struct xb_lv *lv)
{
    char bytes[32], percent[32];
    if (take_string(row, "vg_name", lv->vg, sizeof(lv->vg)) < 0 ||
        take_string(row, "lv_name", lv->lv, sizeof(lv->lv)) < 0 ||
        take_string(row, "lv_uuid", lv->uuid, sizeof(lv->uuid)) < 0 ||
        take_string(row, "pool_lv", lv->pool, sizeof(lv->pool)) < 0 ||
        take_string(row, "origin_uuid", lv->origin_uuid, sizeof(lv->origin_uuid)) < 0 ||
        take_string(row, "lv_attr", lv->attr, sizeof(lv->attr)) < 0 ||
        take_string(row, "lv_size", bytes, sizeof(bytes)) < 0 ||
        take_string(row, "data_percent", percent, sizeof(percent)) < 0)
        return -1;
    /* A list of tags that does not fit has no tag of ours. */
    if (take_string(row, "lv_tags", lv->tags, sizeof(lv->tags)) < 0)
        lv->tags[0] = '\0';
    lv->bytes = strtoull(bytes, NULL, 10);
    lv->data_percent = percent[0] ? strtod(percent, NULL) : -1;
    return 0;
}

int xb_lvm_parse(const char *text, struct xb_lv **out, size_t *count, struct xb_err *err)
{
    json_error_t why;
    size_t i;
    json_t *row, *json = json_loads(text, 0, &why);
    json_t *rows = json_object_get(json_array_get(json_object_get(json, "report"), 0), "lv");
    struct xb_lv *lvs = xb_calloc(json_array_size(rows) + 1, sizeof(*lvs));
    bool bad = !json_is_array(rows);
    json_array_foreach(rows, i, row) bad = bad || take_row(row, &lvs[i]) < 0;
    *count = json_array_size(rows);
    json_decref(json);
    if (bad) {
        free(lvs);
        return xb_fail(err, XB_E_HOST, 0, "cannot parse the output of `lvs`: %.100s", text);
    }
    *out = lvs;
    return 0;
}

int xb_lvm_list(const char *vg, struct xb_lv **out, size_t *count, struct xb_err *err)
{
    const char *const argv[] = {"lvs",        "--reportformat", "json",        "--units", "b",
                                "--nosuffix", "--options",      REPORT_FIELDS, NULL,      NULL};
    const char *of_group[XB_ARRAY_LEN(argv)];
    char said[XB_TOOL_SAID_BYTES];
    xb_auto_free char *text = NULL;
    int status = xb_tool_status(argv, &text, said, err);
    if (status > 0 && vg) {
        memcpy(of_group, argv, sizeof(argv));
        of_group[XB_ARRAY_LEN(argv) - 2] = vg;
        free(xb_steal_ptr(&text));
        status = xb_tool_status(of_group, &text, said, err);
    }
    if (status < 0)
        return xb_fail_context(err, "cannot list the logical volumes");
    if (status > 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot list the logical volumes%s%s: %s",
                       vg ? " of " : "", vg ? vg : "", said);
    return xb_lvm_parse(text, out, count, err);
}

const struct xb_lv *xb_lvm_by_name(const struct xb_lv *lvs, size_t count, const char *vg,
                                   const char *lv)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(lvs[i].vg, vg) == 0 && strcmp(lvs[i].lv, lv) == 0)
            return &lvs[i];
    return NULL;
}

const struct xb_lv *xb_lvm_by_uuid(const struct xb_lv *lvs, size_t count, const char *uuid)
{
    for (size_t i = 0; i < count; i++)
        if (*uuid && strcmp(lvs[i].uuid, uuid) == 0)
            return &lvs[i];
    return NULL;
}

/* lvm fails if any group is damaged, but lists the others all the same. */
int xb_lvm_check_vg(const char *vg, struct xb_err *err)
{
    static const char *const argv[] = {"vgs", "--noheadings", "--options", "vg_name", NULL};
    xb_auto_free char *text = NULL;
    char there[300] = "", said[XB_TOOL_SAID_BYTES];
    size_t found = 0;
    if (!xb_lvm_name_ok(vg))
        return xb_fail(err, XB_E_INPUT, 0, "`%.60s` cannot be a volume group's name", vg);
    int status = xb_tool_status(argv, &text, said, err);
    if (status < 0)
        return xb_fail_context(err, "cannot list the volume groups");
    char *rest = text;
    for (char *line; (line = strsep(&rest, " \t\n"));) {
        size_t used = strlen(there);
        found += *line && strcmp(line, vg) == 0;
        if (*line)
            snprintf(there + used, sizeof(there) - used, "%s%s", used ? ", " : "", line);
    }
    if (found == 1)
        return 0;
    if (found > 1)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%zu volume groups are called %s (`vgs -o vg_name,vg_uuid,pv_name` tells "
                       "them apart, `vgrename UUID NAME` renames one)",
                       found, vg);
    if (status > 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot list the volume groups: %s", said);
    return xb_fail(err, XB_E_INPUT, 0,
                   "there is no volume group %s (there is %s; `vgcreate %s DEVICE` makes one)", vg,
                   there[0] ? there : "none", vg);
}

int xb_lvm_create(const char *vg, const char *lv, uint64_t bytes, const char *tag,
                  struct xb_err *err)
{
    char size[32];
    const char *const argv[] = {"lvcreate", "--quiet",  "--yes", "--wipesignatures", "y", "--size",
                                size,       "--addtag", tag,     "--name",           lv,  vg,
                                NULL};
    snprintf(size, sizeof(size), "%" PRIu64 "b", bytes);
    return xb_tool(argv, NULL, err, "make the logical volume %s/%s", vg, lv);
}

int xb_lvm_create_thin(const char *vg, const char *pool, const char *lv, uint64_t bytes,
                       const char *tag, struct xb_err *err)
{
    char size[32];
    const char *const argv[] = {
        "lvcreate", "--quiet",    "--yes", "--type",   "thin", "--virtualsize",
        size,       "--thinpool", pool,    "--addtag", tag,    "--name",
        lv,         vg,           NULL};
    snprintf(size, sizeof(size), "%" PRIu64 "b", bytes);
    return xb_tool(argv, NULL, err, "make the thin volume %s/%s", vg, lv);
}

int xb_lvm_snapshot(const char *vg, const char *origin, const char *lv, const char *tag,
                    struct xb_err *err)
{
    char source[2 * XB_LVM_NAME_BYTES];
    const char *const argv[] = {"lvcreate",  "--quiet",    "--yes",    "--snapshot",
                                "--extents", "100%ORIGIN", "--addtag", tag,
                                "--name",    lv,           source,     NULL};
    snprintf(source, sizeof(source), "%s/%s", vg, origin);
    return xb_tool(argv, NULL, err, "make a snapshot of the logical volume %s", source);
}

/*
 * Thin snapshots are skipped at activation by default, even at boot, and xl would not find the
 * device.
 */
int xb_lvm_snapshot_thin(const char *vg, const char *origin, const char *lv, const char *tag,
                         struct xb_err *err)
{
    char source[2 * XB_LVM_NAME_BYTES];
    const char *const argv[] = {
        "lvcreate", "--quiet", "--yes", "--snapshot", "--setactivationskip", "n", "--addtag", tag,
        "--name",   lv,        source,  NULL};
    snprintf(source, sizeof(source), "%s/%s", vg, origin);
    return xb_tool(argv, NULL, err, "make a thin snapshot of the logical volume %s", source);
}

int xb_lvm_remove(const char *vg, const char *lv, struct xb_err *err)
{
    char name[2 * XB_LVM_NAME_BYTES];
    const char *const argv[] = {"lvremove", "--quiet", "--yes", name, NULL};
    snprintf(name, sizeof(name), "%s/%s", vg, lv);
    return xb_tool(argv, NULL, err, "remove the logical volume %s", name);
}
