/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical volumes, the volume group, and a thin pool in it.
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "prepare.h"
#include "prepare_lvm.h"
#include "tool.h"
#include "xen.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define TAG_BYTES 40
#define UUID_BYTES 39

/* Ask lvm for one column: its first word, or "" if there is none. */
static int ask(const char *const argv[], char *out, size_t out_bytes, struct xb_err *err)
{
    xb_auto_free char *said = NULL;
    out[0] = '\0';
    if (xb_tool(argv, &said, err, "learn from LVM what there is") < 0)
        return -1;
    const char *begin = said + strspn(said, " \t\n");
    snprintf(out, out_bytes, "%.*s", (int)strcspn(begin, " \t\n"), begin);
    return 0;
}

int xb_lvm_find(const char *report, const char *column, const char *selection, char *out,
                size_t out_bytes, struct xb_err *err)
{
    const char *const argv[] = {report, "--noheadings", "-o", column, "--select", selection, NULL};
    return ask(argv, out, out_bytes, err);
}

int xb_lvm_of_device(const char *device, const char *column, char *out, size_t out_bytes,
                     struct xb_err *err)
{
    const char *const argv[] = {"pvs", "--noheadings", "-o", column, device, NULL};
    return ask(argv, out, out_bytes, err);
}

/* The name of a device at this boot may be another device's at the next; the UUID stays. */
static int make_uuid(char out[UUID_BYTES], struct xb_err *err)
{
    unsigned char r[16];
    if (getrandom(r, sizeof(r), 0) != sizeof(r))
        return xb_fail(err, XB_E_HOST, errno, "cannot get random numbers");
    char *at = out;
    for (size_t i = 0; i < sizeof(r); i++) {
        if (i == 3 || (i > 3 && i < 15 && i % 2 == 1))
            *at++ = '-';
        at += snprintf(at, 3, "%02x", r[i]);
    }
    return 0;
}

/* The tag proves that xenbench made the group or pool, even if its name is reused. */
static void make_tag(char out[TAG_BYTES])
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof(number), 0) < 0)
        number = xb_now_ns();
    snprintf(out, TAG_BYTES, "xenbench-%016" PRIx64, number);
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
    char uuid[UUID_BYTES];
    const char *const make[] = {"pvcreate", "--quiet",         "--yes",       "--uuid",
                                uuid,       "--norestorefile", step->subject, NULL};
    if (xb_blockdev_probe(step->subject, &now, err) < 0 ||
        xb_blockdev_check_unused(&now, err) < 0 || make_uuid(uuid, err) < 0)
        return -1;
    if (strcmp(now.data, planned->data) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s has changed since the plan was made: %s",
                       step->subject, now.data[0] ? now.data : "empty");
    json_t *change =
        json_pack("{s:s, s:[s], s:[s]}", "kind", "pv", "devices", step->subject, "uuids", uuid);
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
    if (dev->is_pv && xb_lvm_of_device(dev->path, "vg_name", group, sizeof(group), &busy) < 0) {
        refuse(prepare, what, is, busy.msg);
        return false;
    }
    if (group[0] && strcmp(group, prepare->spec.vg) == 0) {
        snprintf(xb_prepare_step(prepare, XB_STEP_DONE, what, NULL)->is, 300,
                 "%.1f GiB, in the volume group %s", (double)dev->bytes / (1 << 30), group);
        return true;
    }
    if (xb_blockdev_check_unused(dev, &busy) < 0) {
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
static int list_devices(const struct xb_prepare *prepare, const char *argv[], size_t at,
                        struct xb_err *err)
{
    char group[XB_LVM_ANSWER_BYTES];
    for (size_t i = 0; i < prepare->spec.pv_count; i++) {
        if (xb_lvm_of_device(prepare->devices[i].path, "vg_name", group, sizeof(group), err) < 0)
            return -1;
        if (!group[0])
            argv[at++] = prepare->devices[i].path;
    }
    argv[at] = NULL;
    return 0;
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
    if (list_devices(prepare, argv, at, err) < 0)
        return -1;
    xb_auto_json json_t *devices = json_array(), *uuids = json_array();
    for (size_t i = at; argv[i]; i++) {
        char uuid[UUID_BYTES];
        if (xb_lvm_of_device(argv[i], "pv_uuid", uuid, sizeof(uuid), err) < 0)
            return -1;
        json_array_append_new(devices, json_string(argv[i]));
        json_array_append_new(uuids, json_string(uuid));
    }
    json_t *change = json_pack("{s:s, s:s, s:O, s:O, s:s}", "kind", "vg", "name", prepare->spec.vg,
                               "devices", devices, "uuids", uuids, "tag", step->number ? "" : tag);
    return xb_prepare_note(prepare, change, err) < 0
               ? -1
               : xb_tool(argv, NULL, err, "%s the volume group %s",
                         step->number ? "extend" : "make", prepare->spec.vg);
}

static void plan_vg(struct xb_prepare *prepare, bool complete)
{
    char what[64], selection[XB_LVM_ANSWER_BYTES], name[XB_LVM_ANSWER_BYTES], devices[300] = "";
    struct xb_err why = {0};
    snprintf(what, sizeof(what), "group %.50s", prepare->spec.vg);
    snprintf(selection, sizeof(selection), "vg_name=\"%.120s\"", prepare->spec.vg);
    if (xb_lvm_find("vgs", "vg_name", selection, name, sizeof(name), &why) < 0) {
        refuse(prepare, what, "unknown", why.msg);
        return;
    }
    bool exists = name[0];
    for (size_t i = 0; i < prepare->spec.pv_count; i++)
        snprintf(devices + strlen(devices), sizeof(devices) - strlen(devices), " %s",
                 prepare->devices[i].path);
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
    char what[64], selection[XB_LVM_ANSWER_BYTES], layout[64];
    struct xb_err why = {0};
    snprintf(what, sizeof(what), "pool %.50s", spec->thin_pool);
    snprintf(selection, sizeof(selection), "vg_name=\"%.120s\" && lv_name=\"%.120s\"", spec->vg,
             spec->thin_pool);
    if (xb_lvm_find("lvs", "lv_layout", selection, layout, sizeof(layout), &why) < 0) {
        refuse(prepare, what, "unknown", why.msg);
        return;
    }
    bool exists = layout[0];
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
    for (size_t i = 0; i < prepare->spec.pv_count; i++) {
        if (xb_blockdev_probe(prepare->spec.pvs[i], &prepare->devices[i], err) < 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (strcmp(prepare->devices[k].path, prepare->devices[i].path) == 0)
                return xb_fail(err, XB_E_INPUT, 0, "--pv %s and --pv %s are one device",
                               prepare->spec.pvs[k], prepare->spec.pvs[i]);
    }
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
