/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base.h"
#include "disk_volume.h"
#include "fault.h"

#include <string.h>

/* All volumes of the host, read once for several searches. */
struct volumes {
    struct xb_lv *lvs;
    size_t count;
};

static void clear_volumes(struct volumes *volumes)
{
    free(volumes->lvs);
}
#define xb_auto_volumes XB_AUTO(clear_volumes)

/* The recorded volume, if it exists and is ours. */
static const struct xb_lv *find_ours(const struct volumes *volumes, const struct xb_disk *disk)
{
    if (disk->lv_uuid[0])
        return xb_lvm_by_uuid(volumes->lvs, volumes->count, disk->lv_uuid);
    const struct xb_lv *lv = xb_lvm_by_name(volumes->lvs, volumes->count, disk->vg, disk->lv);
    return lv && xb_lv_has_tag(lv, disk->tag) ? lv : NULL;
}

static int plan_pool(struct xb_disk *disk, const struct volumes *volumes, const char *thin_pool,
                     struct xb_err *err)
{
    const char *slash = thin_pool ? strchr(thin_pool, '/') : NULL;
    if (!slash || slash == thin_pool || !xb_lvm_name_ok(slash + 1) ||
        (size_t)(slash - thin_pool) >= sizeof(disk->vg))
        return xb_fail(err, XB_E_INPUT, 0,
                       "which thin pool? Write --thin-pool VG/POOL, or thin_pool = \"VG/POOL\" in "
                       "the configuration (`lvcreate --type thin-pool --size 20G --name POOL VG` "
                       "makes one)");
    snprintf(disk->vg, sizeof(disk->vg), "%.*s", (int)(slash - thin_pool), thin_pool);
    snprintf(disk->pool, sizeof(disk->pool), "%s", slash + 1);
    const struct xb_lv *pool = xb_lvm_by_name(volumes->lvs, volumes->count, disk->vg, disk->pool);
    if (!pool || !xb_lv_is_thin_pool(pool))
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s is not a thin pool (`lvcreate --type thin-pool --size 20G --name %s "
                       "%s` makes one)",
                       thin_pool, disk->pool, disk->vg);
    if (pool->data_percent > 95)
        return xb_fail(err, XB_E_HOST, 0,
                       "the thin pool %s is full to %.0f %%: guests on it would lose what they "
                       "write (`lvextend` enlarges it)",
                       thin_pool, pool->data_percent);
    return 0;
}

int xb_volume_plan(struct xb_disk *disk, const char *vg, const char *thin_pool, const char *guest,
                   const char *uuid, struct xb_err *err)
{
    xb_auto_volumes struct volumes volumes = {0};
    char group[XB_LVM_NAME_BYTES] = "";
    if (disk->storage == XB_STORAGE_THIN && thin_pool && strchr(thin_pool, '/'))
        snprintf(group, sizeof(group), "%.*s", (int)strcspn(thin_pool, "/"), thin_pool);
    else if (disk->storage != XB_STORAGE_THIN && vg)
        snprintf(group, sizeof(group), "%s", vg);
    if (group[0] && xb_lvm_check_vg(group, err) < 0)
        return -1;
    if (xb_lvm_list(group[0] ? group : NULL, &volumes.lvs, &volumes.count, err) < 0)
        return -1;
    if (disk->storage == XB_STORAGE_THIN) {
        if (plan_pool(disk, &volumes, thin_pool, err) < 0)
            return -1;
    } else if (!vg) {
        return xb_fail(err, XB_E_INPUT, 0,
                       "which volume group? Write --vg VG, or vg = \"VG\" in the configuration "
                       "(`vgs` lists them)");
    } else {
        snprintf(disk->vg, sizeof(disk->vg), "%s", vg);
    }
    xb_lvm_guest_volume(guest, disk->lv);
    snprintf(disk->tag, sizeof(disk->tag), "xenbench_%s", uuid);
    if (xb_lvm_by_name(volumes.lvs, volumes.count, disk->vg, disk->lv))
        return xb_fail(err, XB_E_INPUT, 0,
                       "the logical volume %s/%s exists already, and no guest known here has "
                       "it (`xenbench clean` removes unfinished ones)",
                       disk->vg, disk->lv);
    return 0;
}

/* Fill in what lvm made: the size, and the UUID that identifies the volume from now on. */
static int complete(struct xb_disk *disk, struct xb_err *err)
{
    xb_auto_volumes struct volumes volumes = {0};
    if (xb_lvm_list(disk->vg, &volumes.lvs, &volumes.count, err) < 0)
        return -1;
    const struct xb_lv *lv = find_ours(&volumes, disk);
    if (!lv)
        return xb_fail(err, XB_E_HOST, 0, "the logical volume %s/%s was made but is missing",
                       disk->vg, disk->lv);
    snprintf(disk->lv_uuid, sizeof(disk->lv_uuid), "%s", lv->uuid);
    disk->bytes = lv->bytes;
    return 0;
}

int xb_volume_make(struct xb_disk *disk, struct xb_err *err)
{
    int status =
        disk->storage == XB_STORAGE_THIN
            ? xb_lvm_create_thin(disk->vg, disk->pool, disk->lv, disk->bytes, disk->tag, err)
            : xb_lvm_create(disk->vg, disk->lv, disk->bytes, disk->tag, err);
    if (status < 0)
        return -1;
    xb_fault("volume-made");
    return complete(disk, err);
}

int xb_volume_snapshot(struct xb_disk *disk, const struct xb_disk *source, struct xb_err *err)
{
    xb_auto_volumes struct volumes volumes = {0};
    if (xb_lvm_list(source->vg, &volumes.lvs, &volumes.count, err) < 0)
        return -1;
    const struct xb_lv *origin = find_ours(&volumes, source);
    if (!origin)
        return xb_fail(err, XB_E_HOST, 0, "the logical volume %s/%s no longer exists", source->vg,
                       source->lv);
    int status = source->storage == XB_STORAGE_THIN
                     ? xb_lvm_snapshot_thin(origin->vg, origin->lv, disk->lv, disk->tag, err)
                     : xb_lvm_snapshot(origin->vg, origin->lv, disk->lv, disk->tag, err);
    if (status < 0)
        return -1;
    xb_fault("volume-made");
    return complete(disk, err);
}

static int refuse_origin(const struct volumes *volumes, const struct xb_lv *lv, struct xb_err *err)
{
    for (size_t i = 0; i < volumes->count; i++)
        if (xb_lv_is_snapshot(&volumes->lvs[i]) &&
            strcmp(volumes->lvs[i].origin_uuid, lv->uuid) == 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "the logical volume %s/%s has a snapshot, %s, which needs it: "
                           "remove the snapshot first",
                           lv->vg, lv->lv, volumes->lvs[i].lv);
    return 0;
}

int xb_volume_check_free(const struct xb_disk *disk, struct xb_err *err)
{
    xb_auto_volumes struct volumes volumes = {0};
    if (xb_lvm_list(disk->vg, &volumes.lvs, &volumes.count, err) < 0)
        return -1;
    const struct xb_lv *lv = find_ours(&volumes, disk);
    return lv ? refuse_origin(&volumes, lv, err) : 0;
}

/* lvremove would also remove the volume's snapshots, so check first. */
int xb_volume_remove(const struct xb_disk *disk, struct xb_err *err)
{
    xb_auto_volumes struct volumes volumes = {0};
    if (xb_lvm_list(disk->vg, &volumes.lvs, &volumes.count, err) < 0)
        return -1;
    const struct xb_lv *lv = find_ours(&volumes, disk);
    if (!lv)
        return 0;
    if (refuse_origin(&volumes, lv, err) < 0)
        return -1;
    return xb_lvm_remove(lv->vg, lv->lv, err);
}
