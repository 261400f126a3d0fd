/*
 * A guest's disk, whatever holds it. What was made is described by struct xb_disk, which is part of
 * the guest's record: a disk is removed by that description and by nothing else.
 *
 * The description is recorded twice: as a plan, before anything is made, and again when all is
 * made. A volume is ours if it has the UUID that the record tells or, where we died before we knew
 * that, the name and the tag of the plan; lvm puts the tag on a volume in the moment in which it
 * makes it.
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
    char pool[XB_LVM_NAME_BYTES];        /* of thin ones */
    char lv_uuid[XB_LVM_UUID_BYTES];     /* "": not known yet */
    char tag[64];                        /* "xenbench_" and the guest's UUID */
    char snapshot_of[XB_LVM_UUID_BYTES]; /* LV UUID of what it is a snapshot of; "": of nothing */
};

/* What the user asked for; the rest comes from the configuration. */
struct xb_storage_choice {
    enum xb_storage storage;
    const char *vg;
    const char *thin_pool; /* VG/POOL */
};

/* "file", "lvm" or "thin"; NULL for what is no storage. */
const char *xb_storage_name(enum xb_storage storage);
enum xb_storage xb_storage_from_name(const char *name); /* XB_STORAGE_NONE where there is none */

/* The disk's part of a record, and the way back (XB_E_HOST where it is damaged). */
json_t *xb_disk_to_json(const struct xb_disk *disk);
int xb_disk_from_json(const json_t *json, struct xb_disk *out, struct xb_err *err);

/*
 * Plan a disk of so many bytes for a guest (uuid is the guest's): where it shall be and what it
 * shall be called. XB_E_INPUT where the user must say more, or what was said is not there.
 */
int xb_disk_plan(struct xb_app *app, const struct xb_storage_choice *choice, const char *guest,
                 const char *uuid, uint64_t bytes, struct xb_disk *out, struct xb_err *err);

/* Plan a snapshot of a volume. */
int xb_disk_plan_snapshot(const struct xb_disk *source, const char *guest, const char *uuid,
                          struct xb_disk *out, struct xb_err *err);

/* Where the disk is, for the xl.cfg: dir is the directory of the guest's definition. */
int xb_disk_path(const struct xb_disk *disk, const char *dir, char *out, size_t out_bytes,
                 struct xb_err *err);

/*
 * Make the disk that was planned, of zeros, and complete its description. *path gets where it is
 * while dir is not yet the guest's own directory.
 */
int xb_disk_make(struct xb_disk *disk, const char *dir, struct xb_err *err);

/* Fill what xb_disk_make made with a raw file or a device of at most its size, and write it out. */
int xb_disk_fill(const struct xb_disk *disk, const char *dir, const char *source,
                 struct xb_work *work, struct xb_err *err);

/* Make a planned snapshot of source. */
int xb_disk_snapshot(struct xb_disk *disk, const struct xb_disk *source, struct xb_err *err);

/*
 * Can the disk be removed as far as other disks are concerned? XB_E_INPUT, with the name of the
 * volume, where that is a snapshot of it.
 */
int xb_disk_check_free(const struct xb_disk *disk, struct xb_err *err);

/* Remove the disk. 0 where it is gone already; XB_E_HOST where somebody has it open. */
int xb_disk_remove(const struct xb_disk *disk, const char *dir, struct xb_err *err);

/* For people: "file", "volume vg/lv". */
void xb_disk_describe(const struct xb_disk *disk, char *out, size_t out_bytes);

#endif
