/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Undoing thin pools, volume groups and physical volumes: pools and groups are recognised by their
 * tag, physical volumes by their UUID.
 */
#include "base.h"
#include "prepare.h"
#include "prepare_lvm.h"
#include "tool.h"

#include <string.h>

static const char *text(const json_t *change, const char *key)
{
    const char *value = json_string_value(json_object_get(change, key));
    return value ? value : "";
}

/* LVM does not answer, so nothing is known: the change stays recorded. */
static void cannot(struct xb_prepare *prepare, const char *what, const struct xb_err *why)
{
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, what, NULL);
    step->keep = true;
    snprintf(step->is, sizeof(step->is), "%.390s", why->msg);
    snprintf(step->will, sizeof(step->will), "left as it is, and recorded");
}

/*
 * The present name of a record's i-th physical volume ("" if it is gone) and its group ("" if
 * none). Older records have no UUIDs: there the name must do.
 */
static int find_pv(const json_t *change, size_t i, char device[XB_LVM_ANSWER_BYTES],
                   char group[XB_LVM_ANSWER_BYTES], struct xb_err *err)
{
    struct xb_blockdev now;
    char selection[XB_LVM_ANSWER_BYTES];
    const char *name = json_string_value(json_array_get(json_object_get(change, "devices"), i));
    const char *uuid = json_string_value(json_array_get(json_object_get(change, "uuids"), i));
    device[0] = group[0] = '\0';
    if (uuid) {
        snprintf(selection, sizeof(selection), "pv_uuid=\"%.100s\"", uuid);
        return xb_lvm_find("pvs", "pv_name", selection, device, XB_LVM_ANSWER_BYTES, err) < 0
                   ? -1
                   : xb_lvm_find("pvs", "vg_name", selection, group, XB_LVM_ANSWER_BYTES, err);
    }
    if (!name || xb_blockdev_probe(name, &now, NULL) < 0 || !now.is_pv)
        return 0;
    snprintf(device, XB_LVM_ANSWER_BYTES, "%s", name);
    return xb_lvm_of_device(name, "vg_name", group, XB_LVM_ANSWER_BYTES, err);
}

/* Remove devices that no group uses from LVM, and clear them. */
static int free_devices(const json_t *change, struct xb_err *err)
{
    char device[XB_LVM_ANSWER_BYTES], group[XB_LVM_ANSWER_BYTES];
    for (size_t i = 0; i < json_array_size(json_object_get(change, "devices")); i++) {
        const char *const argv[] = {"pvremove", "--quiet", "--yes", device, NULL};
        if (find_pv(change, i, device, group, err) < 0)
            return -1;
        if (device[0] && !group[0] &&
            (xb_tool(argv, NULL, err, "take %s out of LVM", device) < 0 ||
             xb_blockdev_clear(device, err) < 0))
            return -1;
    }
    return 0;
}

static int reduce(const json_t *change, const char *from, struct xb_err *err)
{
    char device[XB_LVM_ANSWER_BYTES], group[XB_LVM_ANSWER_BYTES];
    for (size_t i = 0; i < json_array_size(json_object_get(change, "devices")); i++) {
        const char *const argv[] = {"vgreduce", "--quiet", from, device, NULL};
        if (find_pv(change, i, device, group, err) < 0 ||
            (strcmp(group, from) == 0 &&
             xb_tool(argv, NULL, err, "take %s out of the group %s", device, from) < 0))
            return -1;
    }
    return 0;
}

/* The name of the group that was made, by its tag, or extended; "" if it is gone. */
static int find_group(const json_t *change, char group[XB_LVM_ANSWER_BYTES], struct xb_err *err)
{
    char selection[XB_LVM_ANSWER_BYTES];
    bool made = text(change, "tag")[0];
    snprintf(selection, sizeof(selection), "%s=\"%.130s\"", made ? "vg_tags" : "vg_name",
             text(change, made ? "tag" : "name"));
    return xb_lvm_find("vgs", "vg_name", selection, group, XB_LVM_ANSWER_BYTES, err);
}

/* vgremove without --force refuses a group that has volumes. */
static int undo_vg(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                   struct xb_err *err)
{
    char group[XB_LVM_ANSWER_BYTES];
    const char *const argv[] = {"vgremove", "--quiet", group, NULL};
    bool made = text(step->change, "tag")[0];
    if (find_group(step->change, group, err) < 0 ||
        (group[0] && !made && reduce(step->change, group, err) < 0) ||
        (group[0] && made &&
         xb_tool(argv, NULL, err, "remove the volume group %s (guests' volumes in it?)", group) <
             0))
        return -1;
    return free_devices(step->change, err);
}

void xb_prepare_undo_vg(struct xb_prepare *prepare, json_t *change)
{
    char what[64], group[XB_LVM_ANSWER_BYTES];
    struct xb_err why = {0};
    snprintf(what, sizeof(what), "group %.50s", text(change, "name"));
    if (find_group(change, group, &why) < 0) {
        cannot(prepare, what, &why);
        return;
    }
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_TODO, what, undo_vg);
    step->may_stay = true;
    snprintf(step->is, sizeof(step->is), "%s",
             group[0] ? "made or extended by xenbench" : "the group is gone");
    snprintf(step->will, sizeof(step->will), "%s",
             group[0] ? "removed, if no volume is in it; its devices are empty then"
                      : "its devices are empty then");
}

static int undo_pv(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                   struct xb_err *err)
{
    return free_devices(step->change, err);
}

/*
 * For a call that stopped before the group was made; otherwise devices are freed with their group.
 */
void xb_prepare_undo_pv(struct xb_prepare *prepare, json_t *change)
{
    char what[64], device[XB_LVM_ANSWER_BYTES], group[XB_LVM_ANSWER_BYTES];
    struct xb_err why = {0};
    const char *name = json_string_value(json_array_get(json_object_get(change, "devices"), 0));
    snprintf(what, sizeof(what), "device %.50s", name ? name : "?");
    if (find_pv(change, 0, device, group, &why) < 0) {
        cannot(prepare, what, &why);
        return;
    }
    struct xb_step *step =
        xb_prepare_step(prepare, device[0] ? XB_STEP_TODO : XB_STEP_DONE, what, undo_pv);
    step->may_stay = true;
    snprintf(step->is, sizeof(step->is), "%s",
             device[0] ? "made a physical volume by xenbench" : "no longer a physical volume");
    snprintf(step->will, sizeof(step->will), "empty, if no group has it");
}

static int of_pool(const json_t *change, const char *column, char out[XB_LVM_ANSWER_BYTES],
                   struct xb_err *err)
{
    char selection[XB_LVM_ANSWER_BYTES];
    const char *tag = text(change, "tag");
    if (!tag[0])
        return xb_fail(err, XB_E_HOST, 0, "the record of the pool has no tag");
    snprintf(selection, sizeof(selection), "lv_tags=\"%.100s\"", tag);
    return xb_lvm_find("lvs", column, selection, out, XB_LVM_ANSWER_BYTES, err);
}

/* A pool with volumes is in use, and lvremove would remove the volumes too. */
static int undo_pool(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                     struct xb_err *err)
{
    char name[XB_LVM_ANSWER_BYTES], volumes[XB_LVM_ANSWER_BYTES];
    const char *const argv[] = {"lvremove", "--quiet", "--yes", name, NULL};
    if (of_pool(step->change, "lv_full_name", name, err) < 0 ||
        of_pool(step->change, "thin_count", volumes, err) < 0)
        return -1;
    if (strtoul(volumes, NULL, 10) > 0)
        return xb_fail(err, XB_E_HOST, 0, "%s volumes are in the thin pool %s: remove them first",
                       volumes, name);
    return name[0] ? xb_tool(argv, NULL, err, "remove the thin pool %s", name) : 0;
}

void xb_prepare_undo_pool(struct xb_prepare *prepare, json_t *change)
{
    char what[64], name[XB_LVM_ANSWER_BYTES];
    struct xb_err why = {0};
    snprintf(what, sizeof(what), "pool %.50s", text(change, "name"));
    if (of_pool(change, "lv_full_name", name, &why) < 0) {
        cannot(prepare, what, &why);
        return;
    }
    struct xb_step *step =
        xb_prepare_step(prepare, name[0] ? XB_STEP_TODO : XB_STEP_DONE, what, undo_pool);
    step->may_stay = true;
    snprintf(step->is, sizeof(step->is), "%s", name[0] ? "made by xenbench" : "it is gone");
    snprintf(step->will, sizeof(step->will), "%s",
             name[0] ? "removed, if no volume is in it" : "left as it is");
}
