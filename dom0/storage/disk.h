/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's disk. Its description is in the guest's record, first as a plan and again once the disk
 * is made; a disk is removed by that description alone. A volume is ours if it has the recorded
 * UUID or, where a killed command left none, the planned name and tag (set by lvm at its creation).
 */
#ifndef XB_DISK_H
#define XB_DISK_H

#include "app.h"
#include "lvm.h"
#include "work.h"

#include <jansson.h>

enum xb_storage {
    XB_STORAGE_NONE = 0, /* the guest has no disk */
    XB_STORAGE_FILE,     /* disk.img in the guest's directory, raw and sparse */
    XB_STORAGE_LVM,      /* a classic logical volume */
    XB_STORAGE_THIN,     /* a thin logical volume */
};

struct xb_disk {
    enum xb_storage storage;
    uint64_t bytes;
    /* Of volumes: */
    char vg[XB_LVM_NAME_BYTES];
    char lv[XB_LVM_NAME_BYTES];
    char pool[XB_LVM_NAME_BYTES];        /* of a thin volume */
    char lv_uuid[XB_LVM_UUID_BYTES];     /* "": not known yet */
    char tag[64];                        /* "xenbench_" and the guest's UUID */
    char snapshot_of[XB_LVM_UUID_BYTES]; /* LV UUID of the snapshot's origin; "": no snapshot */
};

/* What the user asked for; the configuration supplies the rest. */
struct xb_storage_choice {
    enum xb_storage storage;
    const char *vg;
    const char *thin_pool; /* VG/POOL */
};

/* The words for XB_STORAGE_FILE and the values after it; NULL-terminated. */
extern const char *const xb_storage_words[];
/* "file", "lvm" or "thin"; NULL for an invalid value. */
const char *xb_storage_name(enum xb_storage storage);
enum xb_storage xb_storage_from_name(const char *name); /* XB_STORAGE_NONE for an unknown word */

/* The disk's part of a guest's record, and back (XB_E_HOST if damaged). */
json_t *xb_disk_to_json(const struct xb_disk *disk);
int xb_disk_from_json(const json_t *json, struct xb_disk *out, struct xb_err *err);

/*
 * Plan a guest's disk of this size: where, and under what name. uuid is the guest's. XB_E_INPUT if
 * the user must say more, or named something that does not exist.
 */
int xb_disk_plan(struct xb_app *app, const struct xb_storage_choice *choice, const char *guest,
                 const char *uuid, uint64_t bytes, struct xb_disk *out, struct xb_err *err);

/* Plan a snapshot of a volume. */
int xb_disk_plan_snapshot(const struct xb_disk *source, const char *guest, const char *uuid,
                          struct xb_disk *out, struct xb_err *err);

/* The disk's path for the xl.cfg; dir is the directory of the guest's definition. */
int xb_disk_path(const struct xb_disk *disk, const char *dir, char *out, size_t out_bytes,
                 struct xb_err *err);

/*
 * Make the planned disk, and complete its description. A file or thin volume reads as zeros; a
 * classic volume holds old data until it is filled. dir will become the guest's directory.
 */
int xb_disk_make(struct xb_disk *disk, const char *dir, struct xb_err *err);

/* Fill a disk from xb_disk_make with a raw file or device of at most its size, and sync it. */
int xb_disk_fill(const struct xb_disk *disk, const char *dir, const char *source,
                 struct xb_work *work, struct xb_err *err);

/* Make a planned snapshot of source. */
int xb_disk_snapshot(struct xb_disk *disk, const struct xb_disk *source, struct xb_err *err);

/* Check that no other disk depends on this one. XB_E_INPUT names the snapshot that does. */
int xb_disk_check_free(const struct xb_disk *disk, struct xb_err *err);

/* Remove the disk. 0 if it is gone already; XB_E_HOST if it is in use. */
int xb_disk_remove(const struct xb_disk *disk, const char *dir, struct xb_err *err);

/* For people: "file", "volume vg/lv". */
void xb_disk_describe(const struct xb_disk *disk, char *out, size_t out_bytes);

#endif
