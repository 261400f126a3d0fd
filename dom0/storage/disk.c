/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base.h"
#include "config.h"
#include "disk_volume.h"
#include "fault.h"
#include "files.h"
#include "sparse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

const char *const xb_storage_words[] = {"file", "lvm", "thin", NULL};

const char *xb_storage_name(enum xb_storage storage)
{
    return storage > XB_STORAGE_NONE && storage <= XB_STORAGE_THIN
               ? xb_storage_words[storage - XB_STORAGE_FILE]
               : NULL;
}

enum xb_storage xb_storage_from_name(const char *name)
{
    for (int i = 0; xb_storage_words[i]; i++)
        if (strcmp(xb_storage_words[i], name) == 0)
            return (enum xb_storage)(XB_STORAGE_FILE + i);
    return XB_STORAGE_NONE;
}

static bool is_volume(const struct xb_disk *disk)
{
    return disk->storage == XB_STORAGE_LVM || disk->storage == XB_STORAGE_THIN;
}

/* The strings of a volume's record. */
#define TEXT(field)                                                                                \
    {                                                                                              \
#field, offsetof(struct xb_disk, field), sizeof(((struct xb_disk *)0)->field)              \
    }
static const struct {
    const char *key;
    size_t offset, bytes;
} texts[] = {TEXT(vg), TEXT(lv), TEXT(pool), TEXT(lv_uuid), TEXT(tag), TEXT(snapshot_of)};

json_t *xb_disk_to_json(const struct xb_disk *disk)
{
    if (disk->storage == XB_STORAGE_NONE)
        return json_null();
    json_t *json = json_pack("{s:s, s:I}", "storage", xb_storage_name(disk->storage), "bytes",
                             (json_int_t)disk->bytes);
    for (size_t i = 0; is_volume(disk) && i < XB_ARRAY_LEN(texts); i++) {
        const char *text = (const char *)disk + texts[i].offset;
        if (*text)
            json_object_set_new(json, texts[i].key, json_string(text));
    }
    return json;
}

static bool take_text(const json_t *json, size_t i, struct xb_disk *disk)
{
    const json_t *value = json_object_get(json, texts[i].key);
    const char *text = json_string_value(value);
    if (!value)
        return true;
    if (!text || strlen(text) >= texts[i].bytes)
        return false;
    memcpy((char *)disk + texts[i].offset, text, strlen(text) + 1);
    return true;
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
    bool good =
        json_unpack((json_t *)json, "{s:s, s:I}", "storage", &storage, "bytes", &bytes) == 0 &&
        bytes >= 0 && (disk.storage = xb_storage_from_name(storage));
    for (size_t i = 0; good && is_volume(&disk) && i < XB_ARRAY_LEN(texts); i++)
        good = take_text(json, i, &disk);
    if (good && is_volume(&disk))
        good = xb_lvm_name_ok(disk.vg) && xb_lvm_name_ok(disk.lv) && disk.tag[0];
    if (!good)
        return xb_fail(err, XB_E_HOST, 0,
                       "a disk's record is damaged, or newer than this xenbench");
    disk.bytes = (uint64_t)bytes;
    *out = disk;
    return 0;
}

/* The choice, else the configuration, else a file. */
static enum xb_storage choose(const struct xb_storage_choice *choice,
                              const struct xb_config *config)
{
    if (choice->storage)
        return choice->storage;
    if (choice->thin_pool)
        return XB_STORAGE_THIN;
    if (choice->vg)
        return XB_STORAGE_LVM;
    return config->storage ? config->storage : XB_STORAGE_FILE;
}

int xb_disk_plan(struct xb_app *app, const struct xb_storage_choice *choice, const char *guest,
                 const char *uuid, uint64_t bytes, struct xb_disk *out, struct xb_err *err)
{
    struct xb_config config;
    if (xb_config_load(app, &config, err) < 0)
        return -1;
    *out = (struct xb_disk){.storage = choose(choice, &config), .bytes = bytes};
    if (!is_volume(out))
        return 0;
    const char *vg = choice->vg ? choice->vg : config.vg[0] ? config.vg : NULL;
    const char *pool = choice->thin_pool     ? choice->thin_pool
                       : config.thin_pool[0] ? config.thin_pool
                                             : NULL;
    return xb_volume_plan(out, vg, pool, guest, uuid, err);
}

int xb_disk_plan_snapshot(const struct xb_disk *source, const char *guest, const char *uuid,
                          struct xb_disk *out, struct xb_err *err)
{
    char pool[2 * XB_LVM_NAME_BYTES];
    if (!is_volume(source) || !source->lv_uuid[0])
        return xb_fail(err, XB_E_INPUT, 0, "a disk in a file cannot have snapshots");
    *out = (struct xb_disk){.storage = source->storage, .bytes = source->bytes};
    snprintf(pool, sizeof(pool), "%s/%s", source->vg, source->pool);
    if (xb_volume_plan(out, source->vg, pool, guest, uuid, err) < 0)
        return -1;
    memcpy(out->snapshot_of, source->lv_uuid, sizeof(out->snapshot_of));
    return 0;
}

int xb_disk_path(const struct xb_disk *disk, const char *dir, char *out, size_t out_bytes,
                 struct xb_err *err)
{
    if (is_volume(disk))
        return xb_path(out, out_bytes, err, "/dev/%s/%s", disk->vg, disk->lv);
    return xb_path(out, out_bytes, err, "%s/disk.img", dir);
}

static int make_file(const struct xb_disk *disk, const char *path, struct xb_err *err)
{
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)disk->bytes) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot make the disk %s", path);
    return 0;
}

int xb_disk_make(struct xb_disk *disk, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX];
    if (is_volume(disk))
        return xb_volume_make(disk, err);
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    return make_file(disk, path, err);
}

int xb_disk_fill(const struct xb_disk *disk, const char *dir, const char *source,
                 struct xb_work *work, struct xb_err *err)
{
    char path[PATH_MAX];
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    if (is_volume(disk))
        return xb_copy_to_device(source, path, disk->storage == XB_STORAGE_THIN, work, err);
    if (unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the disk %s", path);
    return xb_copy_disk(source, path, disk->bytes, work, err);
}

int xb_disk_snapshot(struct xb_disk *disk, const struct xb_disk *source, struct xb_err *err)
{
    return xb_volume_snapshot(disk, source, err);
}

int xb_disk_check_free(const struct xb_disk *disk, struct xb_err *err)
{
    return is_volume(disk) ? xb_volume_check_free(disk, err) : 0;
}

int xb_disk_remove(const struct xb_disk *disk, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX];
    if (is_volume(disk))
        return xb_volume_remove(disk, err);
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    if (unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove the disk %s", path);
    return 0;
}

void xb_disk_describe(const struct xb_disk *disk, char *out, size_t out_bytes)
{
    if (is_volume(disk))
        snprintf(out, out_bytes, "%s volume %s/%s",
                 disk->storage == XB_STORAGE_THIN ? "thin" : "logical", disk->vg, disk->lv);
    else
        snprintf(out, out_bytes, "%s", disk->storage ? "file" : "no disk");
}
