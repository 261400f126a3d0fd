/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logical volumes, through lvm2's tools.
 */
#ifndef XB_LVM_H
#define XB_LVM_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_LVM_NAME_BYTES 128 /* lvm's limit, with the terminating NUL */
#define XB_LVM_UUID_BYTES 39

struct xb_lv {
    char vg[XB_LVM_NAME_BYTES];
    char lv[XB_LVM_NAME_BYTES];
    char uuid[XB_LVM_UUID_BYTES];
    char pool[XB_LVM_NAME_BYTES];        /* of a thin volume; "" for others */
    char origin_uuid[XB_LVM_UUID_BYTES]; /* a snapshot's; "" for others */
    char tags[512];                      /* separated by commas */
    char attr[16];
    uint64_t bytes;
    double data_percent; /* fill level of a thin pool or a snapshot; -1: unknown */
};

/* A classic snapshot, which needs its origin. (A thin snapshot is a volume like any other.) */
bool xb_lv_is_snapshot(const struct xb_lv *lv);
bool xb_lv_is_thin_pool(const struct xb_lv *lv);
bool xb_lv_has_tag(const struct xb_lv *lv, const char *tag);

/*
 * All logical volumes of this host, in *out (to free). If lvm cannot list all of them (duplicate or
 * damaged volume groups): those of the group vg; vg NULL: XB_E_HOST.
 */
int xb_lvm_list(const char *vg, struct xb_lv **out, size_t *count, struct xb_err *err);

/* Parse the output of `lvs --reportformat json`. */
int xb_lvm_parse(const char *json, struct xb_lv **out, size_t *count, struct xb_err *err);

/* The volume VG/LV; NULL: there is none. */
const struct xb_lv *xb_lvm_by_name(const struct xb_lv *lvs, size_t count, const char *vg,
                                   const char *lv);
const struct xb_lv *xb_lvm_by_uuid(const struct xb_lv *lvs, size_t count, const char *uuid);

/* Is there exactly one volume group of that name? If not: XB_E_INPUT, listing the groups. */
int xb_lvm_check_vg(const char *vg, struct xb_err *err);

/* Create a volume with the tag set from the start. `bytes` is rounded up to whole extents. */
int xb_lvm_create(const char *vg, const char *lv, uint64_t bytes, const char *tag,
                  struct xb_err *err);
int xb_lvm_create_thin(const char *vg, const char *pool, const char *lv, uint64_t bytes,
                       const char *tag, struct xb_err *err);

/* Create a snapshot of VG/ORIGIN with room for as many changes as the origin has blocks. */
int xb_lvm_snapshot(const char *vg, const char *origin, const char *lv, const char *tag,
                    struct xb_err *err);
/* Likewise of a thin volume. */
int xb_lvm_snapshot_thin(const char *vg, const char *origin, const char *lv, const char *tag,
                         struct xb_err *err);

/* XB_E_HOST if the volume is in use. */
int xb_lvm_remove(const char *vg, const char *lv, struct xb_err *err);

/* Is this valid as the name of a volume group, a pool or a volume? */
bool xb_lvm_name_ok(const char *name);

/*
 * The name of the volume for a guest's disk: "xenbench-GUEST". lvm reserves certain endings, all
 * with an underscore; so the underscore becomes a plus, which no guest's name has.
 */
void xb_lvm_guest_volume(const char *guest, char out[XB_LVM_NAME_BYTES]);

#endif
