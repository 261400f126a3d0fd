/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_disks.h"

#include "base.h"
#include "ext4.h"
#include "files.h"
#include "generation.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static json_int_t changed_ns(const struct stat *st)
{
    return (json_int_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Where a disk is: block scripts take a relative target for a device. */
static int disk_path_of(const libxl_device_disk *disk, char out[PATH_MAX])
{
    return xb_path(out, PATH_MAX, NULL, "%s%s", disk->pdev_path[0] == '/' ? "" : "/dev/",
                   disk->pdev_path);
}

static json_t *describe(const libxl_device_disk *disk)
{
    char path[PATH_MAX], written[XB_EXT4_WRITTEN_BYTES];
    struct stat st;
    if (disk_path_of(disk, path) < 0 || stat(path, &st) < 0)
        return json_pack("{s:s, s:b, s:b}", "path", disk->pdev_path, "writable", disk->readwrite,
                         "unseen", 1);
    json_t *entry = json_pack("{s:s, s:b}", "path", path, "writable", disk->readwrite);
    if (S_ISREG(st.st_mode)) {
        json_object_set_new(entry, "size_bytes", json_integer(st.st_size));
        json_object_set_new(entry, "changed_ns", json_integer(changed_ns(&st)));
    }
    if (xb_ext4_written(path, written, NULL) > 0)
        json_object_set_new(entry, "filesystem", json_string(written));
    return entry;
}

json_t *xb_checkpoint_list_disks(const libxl_domain_config *config)
{
    json_t *disks = json_array();
    for (int i = 0; i < config->num_disks; i++)
        if (config->disks[i].pdev_path && config->disks[i].pdev_path[0])
            json_array_append_new(disks, describe(&config->disks[i]));
    return disks;
}

/*
 * Compare the disk with its state at the checkpoint; *writable is set if the guest may write to it.
 */
static int check_disk(const char *name, const json_t *disk, const char *path, bool stale,
                      bool *writable, struct xb_err *err)
{
    const char *disk_path = NULL, *filesystem = NULL;
    char written[XB_EXT4_WRITTEN_BYTES] = "";
    json_int_t then_ns = 0;
    int may_write = 0, unseen = 0;
    struct stat st;
    if (json_unpack((json_t *)disk, "{s:s, s:b, s?b, s?I, s?s}", "path", &disk_path, "writable",
                    &may_write, "unseen", &unseen, "changed_ns", &then_ns, "filesystem",
                    &filesystem) < 0)
        return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s is damaged: its disks", path);
    *writable |= may_write;
    if (unseen) /* a disk that is no file of Dom0: only the generation tells */
        return 0;
    if (stat(disk_path, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "guest %s: its disk %s", name, disk_path);
    if (!may_write || stale)
        return 0;
    if (filesystem && xb_ext4_written(disk_path, written, err) < 0)
        return -1;
    if ((then_ns && changed_ns(&st) != then_ns) || (filesystem && strcmp(filesystem, written) != 0))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: its disk %s was written to since the checkpoint %s, and the "
                       "guest's old memory would ruin it (--stale restores all the same)",
                       name, disk_path, path);
    return 0;
}

/* A checkpoint without a generation comes from an older xenbench, which had none. */
static int check_generation(const struct xb_guest_def *def, const json_t *head, const char *path,
                            struct xb_err *err)
{
    uint64_t now;
    const json_t *then = json_object_get(head, "generation");
    if (xb_generation_read(def, &now, err) < 0)
        return -1;
    if (json_is_integer(then) && (uint64_t)json_integer_value(then) == now)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s went on, was started or was restored since the checkpoint %s, so "
                   "its disk no longer fits its memory and would be ruined (--stale restores "
                   "all the same)",
                   def->name, path);
}

int xb_checkpoint_check_disks(const struct xb_guest_def *def, const json_t *head,
                              const json_t *tail, const char *path, bool stale, struct xb_err *err)
{
    const json_t *disk;
    bool writable = false;
    size_t i;
    json_array_foreach(json_object_get(tail, "disks"), i, disk)
    {
        if (check_disk(def->name, disk, path, stale, &writable, err) < 0)
            return -1;
    }
    return writable && !stale ? check_generation(def, head, path, err) : 0;
}
