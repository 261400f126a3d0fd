/*
 * A guest's disk, whatever holds it. What was made is described by struct xb_disk, which is part of
 * the guest's record: a disk is removed by that description and by nothing else.
 */
#ifndef XB_DISK_H
#define XB_DISK_H

#include "err.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum xb_storage {
    XB_STORAGE_NONE = 0, /* the guest has no disk */
    XB_STORAGE_FILE,     /* disk.img in the guest's directory, raw and sparse */
};

struct xb_disk {
    enum xb_storage storage;
    uint64_t bytes;
};

/* "file"; NULL for what is no storage. */
const char *xb_storage_name(enum xb_storage storage);
enum xb_storage xb_storage_from_name(const char *name); /* XB_STORAGE_NONE where there is none */

/* The disk's part of a record, and the way back (XB_E_HOST where it is damaged). */
json_t *xb_disk_to_json(const struct xb_disk *disk);
int xb_disk_from_json(const json_t *json, struct xb_disk *out, struct xb_err *err);

/* Where the disk is, for the xl.cfg: dir is the directory of the guest's definition. */
int xb_disk_path(const struct xb_disk *disk, const char *dir, char *out, size_t out_bytes,
                 struct xb_err *err);

/*
 * Make the disk that disk describes, with the contents of source (a raw file or a device, of at
 * most disk->bytes), and write it out. On failure nothing of it is left.
 */
int xb_disk_make(struct xb_disk *disk, const char *dir, const char *source, struct xb_err *err);

/* Remove the disk. 0 where it is gone already. */
int xb_disk_remove(const struct xb_disk *disk, const char *dir, struct xb_err *err);

#endif
