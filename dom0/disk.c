#include "disk.h"

#include "base.h"
#include "files.h"
#include "sparse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const struct {
    enum xb_storage storage;
    const char *name;
} names[] = {
    {XB_STORAGE_FILE, "file"},
};

const char *xb_storage_name(enum xb_storage storage)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(names); i++)
        if (names[i].storage == storage)
            return names[i].name;
    return NULL;
}

enum xb_storage xb_storage_from_name(const char *name)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].storage;
    return XB_STORAGE_NONE;
}

json_t *xb_disk_to_json(const struct xb_disk *disk)
{
    if (disk->storage == XB_STORAGE_NONE)
        return json_null();
    return json_pack("{s:s, s:I}", "storage", xb_storage_name(disk->storage), "bytes",
                     (json_int_t)disk->bytes);
}

int xb_disk_from_json(const json_t *json, struct xb_disk *out, struct xb_err *err)
{
    struct xb_disk disk = {0};
    const char *storage = NULL;
    json_int_t bytes = 0;
    if (json_is_null(json)) {
        *out = disk;
        return 0;
    }
    if (json_unpack((json_t *)json, "{s:s, s:I}", "storage", &storage, "bytes", &bytes) < 0 ||
        bytes < 0 || !(disk.storage = xb_storage_from_name(storage)))
        return xb_fail(err, XB_E_HOST, 0, "a disk's record is damaged, or newer than this xenbench");
    disk.bytes = (uint64_t)bytes;
    *out = disk;
    return 0;
}

int xb_disk_path(const struct xb_disk *disk XB_UNUSED, const char *dir, char *out, size_t out_bytes,
                 struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/disk.img", dir);
}

int xb_disk_make(struct xb_disk *disk, const char *dir, const char *source, struct xb_err *err)
{
    char path[PATH_MAX];
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    return xb_copy_disk(source, path, disk->bytes, err);
}

int xb_disk_remove(const struct xb_disk *disk, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX];
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    if (unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove the disk %s", path);
    return 0;
}
