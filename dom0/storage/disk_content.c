/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk_content.h"

#include "base.h"
#include "ext4.h"
#include "fault.h"

#include <limits.h>

int xb_disk_personalise(const struct xb_disk *disk, const char *dir, const char *guest,
                        const char *uuid, const char *remedy, struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_ext4 fs;
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    int found = xb_ext4_look(path, &fs, err);
    if (found <= 0)
        return found;
    if (xb_ext4_settle(path, remedy, err) < 0 ||
        (fs.bytes < disk->bytes && xb_ext4_grow(path, err) < 0))
        return -1;
    xb_fault("grown");
    if (xb_ext4_set_identity(path, guest, uuid, err) < 0)
        return -1;
    xb_fault("identity-set");
    return 0;
}

int xb_disk_new_fs_uuid(const struct xb_disk *disk, const char *dir, const char *fs_uuid,
                        struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_ext4 fs;
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    int found = xb_ext4_look(path, &fs, err);
    return found <= 0 ? found : xb_ext4_set_uuid(path, &fs, fs_uuid, err);
}
