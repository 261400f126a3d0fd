/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical volumes, the volume group, and a thin pool in it.
 */
#include "base.h"
#include "prepare.h"
#include "tool.h"
#include "xen.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define TAG_BYTES 40

/* Ask lvm for one column: its first word, or "". False if lvm fails. */
static bool ask(const char *const argv[], char *out, size_t out_bytes)
{
    xb_auto_free char *said = NULL;
    char complaint[XB_TOOL_SAID_BYTES];
    struct xb_err ignored = {0};
    out[0] = '\0';
    if (xb_tool_status(argv, &said, complaint, &ignored) != 0)
        return false;
    const char *begin = said + strspn(said, " \t\n");
    snprintf(out, out_bytes, "%.*s", (int)strcspn(begin, " \t\n"), begin);
    return true;
}

static bool vg_tags(const char *vg, char *out, size_t out_bytes)
{
    const char *const argv[] = {"vgs", "--noheadings", "-o", "vg_tags", vg, NULL};
    return ask(argv, out, out_bytes);
}

static void group_of(const char *device, char *out, size_t out_bytes)
{
    const char *const argv[] = {"pvs", "--noheadings", "-o", "vg_name", device, NULL};
    ask(argv, out, out_bytes);
}

/* The tag proves that xenbench made the group or pool, even if its name is reused. */
static void make_tag(char out[TAG_BYTES])
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof(number), 0) < 0)
        number = xb_now_ns();
    snprintf(out, TAG_BYTES, "xenbench-%016" PRIx64, number);
}

static bool has_tag(const char *tags, const char *tag)
{
    const char *at = tag ? strstr(tags, tag) : NULL;
    return at && (at == tags || at[-1] == ',') && strchr(",", at[strlen(tag)]);
}

static bool may_overwrite(const struct xb_prepare *prepare, const struct xb_blockdev *dev)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < prepare->spec.overwrite_count; i++)
        if (realpath(prepare->spec.overwrite[i], path) && strcmp(path, dev->path) == 0)
            return true;
    return false;
}

/* Examine the device again: the plan may be an hour old. */
static int apply_pv(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    struct xb_blockdev now;
    const struct xb_blockdev *planned = &prepare->devices[step->number];
    const char *const wipe[] = {"wipefs", "--all", "--quiet", step->subject, NULL};
    const char *const make[] = {"pvcreate", "--quiet", "--yes", step->subject, NULL};
    if (xb_blockdev_probe(step->subject, &now, err) < 0 ||
        xb_blockdev_check_free(&now, prepare->xen ? prepare->xen->xs : NULL, err) < 0)
        return -1;
    if (strcmp(now.data, planned->data) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s has changed since the plan was made: %s",
                       step->subject, now.data[0] ? now.data : "empty");
    json_t *change = json_pack("{s:s, s:[s]}", "kind", "pv", "devices", step->subject);
    if (xb_prepare_note(prepare, change, err) < 0)
        return -1;
    if (now.data[0] && (xb_tool(wipe, NULL, err, "wipe %s", step->subject) < 0 ||
                        xb_blockdev_clear(step->subject, err) < 0))
        return -1;
    return xb_tool(make, NULL, err, "make %s a physical volume", step->subject);
}

static void refuse(struct xb_prepare *prepare, const char *what, const char *is, const char *why)
{
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_REFUSED, what, NULL);
    snprintf(step->is, sizeof(step->is), "%.390s", is);
    snprintf(step->will, sizeof(step->will), "%.390s", why);
}

/* Plan one device. Returns true if it is already in the group. */
static bool plan_pv(struct xb_prepare *prepare, size_t i)
{
    struct xb_blockdev *dev = &prepare->devices[i];
    char what[64], is[300], why[400], group[128] = "";
    struct xb_err busy = {0};
    snprintf(what, sizeof(what), "device %.50s", dev->path);
    snprintf(is, sizeof(is), "%.1f GiB, %s", (double)dev->bytes / (1 << 30),
             dev->data[0] ? dev->data : "empty");
    if (dev->is_pv)
        group_of(dev->path, group, sizeof(group));
    if (group[0] && strcmp(group, prepare->spec.vg) == 0) {
        snprintf(xb_prepare_step(prepare, XB_STEP_DONE, what, NULL)->is, 300,
                 "%.1f GiB, in the volume group %s", (double)dev->bytes / (1 << 30), group);
        return true;
    }
    if (xb_blockdev_check_free(dev, prepare->xen ? prepare->xen->xs : NULL, &busy) < 0) {
        refuse(prepare, what, is, busy.msg);
    } else if (group[0]) {
        snprintf(why, sizeof(why),
                 "%.100s is part of the volume group %s (vgremove %s, if nobody "
                 "needs it)",
                 dev->path, group, group);
        refuse(prepare, what, is, why);
    } else if (dev->data[0] && !dev->is_pv && !may_overwrite(prepare, dev)) {
        snprintf(why, sizeof(why),
                 "%.100s carries data; if that may be lost: --overwrite "
                 "%.100s",
                 dev->path, dev->path);
        refuse(prepare, what, is, why);
    } else {
        bool ready = dev->is_pv; /* a physical volume without a group: an interrupted call's */
        struct xb_step *step =
            xb_prepare_step(prepare, ready ? XB_STEP_DONE : XB_STEP_TODO, what, apply_pv);
        step->number = i;
        snprintf(step->subject, sizeof(step->subject), "%s", dev->path);
        snprintf(step->is, sizeof(step->is), "%.390s", is);
        snprintf(step->will, sizeof(step->will), "%sa physical volume of LVM",
                 dev->data[0] ? "WHAT IS ON IT IS LOST; then " : "");
    }
    return false;
}

/* Append to argv, from at on, the devices that are in no group yet, and a NULL. */
static void list_devices(const struct xb_prepare *prepare, const char *argv[], size_t at)
{
    char group[128];
    for (size_t i = 0; i < prepare->spec.pv_count; i++) {
        group_of(prepare->devices[i].path, group, sizeof(group));
        if (!group[0])
            argv[at++] = prepare->devices[i].path;
    }
    argv[at] = NULL;
}

static int apply_vg(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    const char *argv[XB_PREPARE_DEVICES_MAX + 8] = {step->number ? "vgextend" : "vgcreate",
                                                    "--quiet"};
    char tag[TAG_BYTES];
    size_t at = 2;
    make_tag(tag);
    if (!step->number) {
        argv[at++] = "--addtag";
        argv[at++] = tag;
    }
    argv[at++] = prepare->spec.vg;
    list_devices(prepare, argv, at);
    json_t *devices = json_array();
    for (size_t i = at; argv[i]; i++)
        json_array_append_new(devices, json_string(argv[i]));
    json_t *change = json_pack("{s:s, s:s, s:o, s:s}", "kind", "vg", "name", prepare->spec.vg,
                               "devices", devices, "tag", step->number ? "" : tag);
    return xb_prepare_note(prepare, change, err) < 0
               ? -1
               : xb_tool(argv, NULL, err, "%s the volume group %s",
                         step->number ? "extend" : "make", prepare->spec.vg);
}

static void plan_vg(struct xb_prepare *prepare, bool complete)
{
    char what[64], tags[256], devices[300] = "";
    bool exists = vg_tags(prepare->spec.vg, tags, sizeof(tags));
    for (size_t i = 0; i < prepare->spec.pv_count; i++)
        snprintf(devices + strlen(devices), sizeof(devices) - strlen(devices), " %s",
                 prepare->devices[i].path);
    snprintf(what, sizeof(what), "group %.50s", prepare->spec.vg);
    if (!exists && prepare->spec.pv_count == 0) {
        refuse(prepare, what, "no group has this name", "name its devices: --pv DEVICE");
        return;
    }
    struct xb_step *step =
        xb_prepare_step(prepare, exists && complete ? XB_STEP_DONE : XB_STEP_TODO, what, apply_vg);
    step->number = exists;
    snprintf(step->is, sizeof(step->is), "%s", exists ? "it is there" : "no group has this name");
    snprintf(step->will, sizeof(step->will), "%s%s", exists ? "extended to" : "made of", devices);
}

static bool pool_attr(const char *vg, const char *pool, const char *column, char *out,
                      size_t out_bytes)
{
    char name[300];
    snprintf(name, sizeof(name), "%s/%s", vg, pool);
    const char *const argv[] = {"lvs", "--noheadings", "-o", column, name, NULL};
    return ask(argv, out, out_bytes);
}

static int apply_pool(struct xb_prepare *prepare, const struct xb_step *step XB_UNUSED,
                      struct xb_err *err)
{
    const struct xb_prepare_spec *spec = &prepare->spec;
    char tag[TAG_BYTES], size[32];
    make_tag(tag);
    if (spec->thin_bytes)
        snprintf(size, sizeof(size), "%" PRIu64 "B", spec->thin_bytes);
    const char *const argv[] = {"lvcreate",
                                "--quiet",
                                "--yes",
                                "--type",
                                "thin-pool",
                                "--name",
                                spec->thin_pool,
                                "--addtag",
                                tag,
                                spec->thin_bytes ? "-L" : "-l",
                                spec->thin_bytes ? size : "90%FREE",
                                spec->vg,
                                NULL};
    json_t *change = json_pack("{s:s, s:s, s:s, s:s}", "kind", "thin-pool", "vg", spec->vg, "name",
                               spec->thin_pool, "tag", tag);
    return xb_prepare_note(prepare, change, err) < 0
               ? -1
               : xb_tool(argv, NULL, err, "make the thin pool %s/%s", spec->vg, spec->thin_pool);
}

static void plan_pool(struct xb_prepare *prepare)
{
    const struct xb_prepare_spec *spec = &prepare->spec;
    char what[64], layout[64];
    snprintf(what, sizeof(what), "pool %.50s", spec->thin_pool);
    bool exists = pool_attr(spec->vg, spec->thin_pool, "lv_layout", layout, sizeof(layout));
    if (exists && !strstr(layout, "pool")) {
        refuse(prepare, what, "a volume has this name, but it is no pool", "choose another name");
        return;
    }
    struct xb_step *step =
        xb_prepare_step(prepare, exists ? XB_STEP_DONE : XB_STEP_TODO, what, apply_pool);
    snprintf(step->is, sizeof(step->is), "%s", exists ? "it is there" : "no pool has this name");
    if (spec->thin_bytes)
        snprintf(step->will, sizeof(step->will), "a thin pool of %.1f GiB",
                 (double)spec->thin_bytes / (1 << 30));
    else
        snprintf(step->will, sizeof(step->will),
                 "a thin pool of 90 %% of the free space in "
                 "%.100s",
                 spec->vg);
}

int xb_prepare_lvm(struct xb_prepare *prepare, struct xb_err *err)
{
    static const char *const version[] = {"lvm", "version", NULL};
    char said[XB_TOOL_SAID_BYTES];
    struct xb_err missing = {0};
    bool complete = true;
    if (!prepare->spec.vg)
        return 0;
    for (size_t i = 0; i < prepare->spec.pv_count; i++)
        if (xb_blockdev_probe(prepare->spec.pvs[i], &prepare->devices[i], err) < 0)
            return -1;
    if (xb_tool_status(version, NULL, said, &missing) != 0) {
        refuse(prepare, "lvm", "there is no lvm", "apt-get install lvm2 thin-provisioning-tools");
        return 0;
    }
    for (size_t i = 0; i < prepare->spec.pv_count; i++)
        complete = plan_pv(prepare, i) && complete;
    plan_vg(prepare, complete);
    if (prepare->spec.thin_pool)
        plan_pool(prepare);
    return 0;
}

/* Remove devices that no group uses from LVM, and clear them. */
static int free_devices(const struct xb_step *step, struct xb_err *err)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(step->change, "devices"), i, name)
    {
        char group[128];
        const char *device = json_string_value(name);
        const char *const argv[] = {"pvremove", "--quiet", "--yes", device, NULL};
        struct xb_blockdev now;
        if (!device || xb_blockdev_probe(device, &now, NULL) < 0 || !now.is_pv)
            continue;
        group_of(device, group, sizeof(group));
        if (!group[0] && (xb_tool(argv, NULL, err, "take %s out of LVM", device) < 0 ||
                          xb_blockdev_clear(device, err) < 0))
            return -1;
    }
    return 0;
}

static int reduce(const struct xb_step *step, struct xb_err *err)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(step->change, "devices"), i, name)
    {
        char group[128];
        const char *device = json_string_value(name);
        const char *const argv[] = {"vgreduce", "--quiet", step->subject, device, NULL};
        group_of(device, group, sizeof(group));
        if (strcmp(group, step->subject) == 0 &&
            xb_tool(argv, NULL, err, "take %s out of the group %s", device, step->subject) < 0)
            return -1;
    }
    return free_devices(step, err);
}

/* vgremove without --force refuses a group that has volumes. */
static int undo_vg(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                   struct xb_err *err)
{
    const char *const argv[] = {"vgremove", "--quiet", step->subject, NULL};
    char tags[256];
    const char *tag = json_string_value(json_object_get(step->change, "tag"));
    if (!tag || !tag[0])
        return reduce(step, err);
    if (vg_tags(step->subject, tags, sizeof(tags)) && has_tag(tags, tag) &&
        xb_tool(argv, NULL, err, "remove the volume group %s (guests' volumes in it?)",
                step->subject) < 0)
        return -1;
    return free_devices(step, err);
}

void xb_prepare_undo_vg(struct xb_prepare *prepare, json_t *change)
{
    char what[64], tags[256];
    const char *name = json_string_value(json_object_get(change, "name"));
    const char *tag = json_string_value(json_object_get(change, "tag"));
    snprintf(what, sizeof(what), "group %.50s", name ? name : "?");
    bool there = name && vg_tags(name, tags, sizeof(tags));
    bool ours = there && (!tag || !tag[0] || has_tag(tags, tag));
    struct xb_step *step =
        xb_prepare_step(prepare, there && !ours ? XB_STEP_CANNOT : XB_STEP_TODO, what, undo_vg);
    snprintf(step->subject, sizeof(step->subject), "%s", name ? name : "");
    snprintf(step->is, sizeof(step->is), "%s",
             ours    ? "made or extended by xenbench"
             : there ? "another group has the name now"
                     : "the group is gone");
    snprintf(step->will, sizeof(step->will), "%s",
             ours    ? "removed, if no volume is in it; its devices are empty then"
             : there ? "left as it is"
                     : "its devices are empty then");
}

static int undo_pv(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                   struct xb_err *err)
{
    return free_devices(step, err);
}

/*
 * For a call that stopped before the group was made; otherwise devices are freed with their group.
 */
void xb_prepare_undo_pv(struct xb_prepare *prepare, json_t *change)
{
    char what[64];
    struct xb_blockdev now;
    const char *device = json_string_value(json_array_get(json_object_get(change, "devices"), 0));
    snprintf(what, sizeof(what), "device %.50s", device ? device : "?");
    bool is_pv = device && xb_blockdev_probe(device, &now, NULL) == 0 && now.is_pv;
    struct xb_step *step =
        xb_prepare_step(prepare, is_pv ? XB_STEP_TODO : XB_STEP_DONE, what, undo_pv);
    snprintf(step->is, sizeof(step->is), "%s",
             is_pv ? "made a physical volume by xenbench" : "no longer a physical volume");
    snprintf(step->will, sizeof(step->will), "empty, if no group has it");
}

/* A pool with volumes is in use, and lvremove would remove the volumes too. */
static int undo_pool(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                     struct xb_err *err)
{
    const char *vg = json_string_value(json_object_get(step->change, "vg"));
    const char *pool = json_string_value(json_object_get(step->change, "name"));
    char name[300], volumes[32];
    snprintf(name, sizeof(name), "%.140s/%.140s", vg, pool);
    const char *const argv[] = {"lvremove", "--quiet", "--yes", name, NULL};
    if (pool_attr(vg, pool, "thin_count", volumes, sizeof(volumes)) &&
        strtoul(volumes, NULL, 10) > 0)
        return xb_fail(err, XB_E_HOST, 0, "%s volumes are in the thin pool %s: remove them first",
                       volumes, name);
    return xb_tool(argv, NULL, err, "remove the thin pool %s", name);
}

void xb_prepare_undo_pool(struct xb_prepare *prepare, json_t *change)
{
    char what[64], tags[256];
    const char *vg = json_string_value(json_object_get(change, "vg"));
    const char *name = json_string_value(json_object_get(change, "name"));
    snprintf(what, sizeof(what), "pool %.50s", name ? name : "?");
    bool there = vg && name && pool_attr(vg, name, "lv_tags", tags, sizeof(tags));
    bool ours = there && has_tag(tags, json_string_value(json_object_get(change, "tag")));
    struct xb_step *step = xb_prepare_step(prepare,
                                           !there ? XB_STEP_DONE
                                           : ours ? XB_STEP_TODO
                                                  : XB_STEP_CANNOT,
                                           what, undo_pool);
    snprintf(step->is, sizeof(step->is), "%s",
             ours    ? "made by xenbench"
             : there ? "another volume has the name now"
                     : "it is gone");
    snprintf(step->will, sizeof(step->will), "%s",
             ours ? "removed, if no volume is in it" : "left as it is");
}
