/*
 * Logical volumes, as lvm2's tools report and change them.
 */
#ifndef XB_LVM_H
#define XB_LVM_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_LVM_NAME_BYTES 128 /* lvm's limit, with the end of the string */
#define XB_LVM_UUID_BYTES 39

struct xb_lv {
    char vg[XB_LVM_NAME_BYTES];
    char lv[XB_LVM_NAME_BYTES];
    char uuid[XB_LVM_UUID_BYTES];
    char pool[XB_LVM_NAME_BYTES];        /* a thin volume's; "" for others */
    char origin_uuid[XB_LVM_UUID_BYTES]; /* a snapshot's; "" for others */
    char tags[512];                      /* separated by commas */
    char attr[16];
    uint64_t bytes;
    double data_percent; /* of a thin pool, a snapshot: how full; -1 where lvm does not tell */
};

/* A classic snapshot: it needs its origin. A thin snapshot is a volume like any other. */
bool xb_lv_is_snapshot(const struct xb_lv *lv);
bool xb_lv_is_thin_pool(const struct xb_lv *lv);
bool xb_lv_has_tag(const struct xb_lv *lv, const char *tag);

/*
 * All logical volumes that this host sees; *out is to free. Where lvm cannot list all of them (two volume groups of one
 * name, a damaged one), those of the group vg (NULL: none).
 */
int xb_lvm_list(const char *vg, struct xb_lv **out, size_t *count, struct xb_err *err);

/* What `lvs --reportformat json` printed. */
int xb_lvm_parse(const char *json, struct xb_lv **out, size_t *count, struct xb_err *err);

/* The one called VG/LV; NULL where there is none. */
const struct xb_lv *xb_lvm_by_name(const struct xb_lv *lvs, size_t count, const char *vg,
                                   const char *lv);
const struct xb_lv *xb_lvm_by_uuid(const struct xb_lv *lvs, size_t count, const char *uuid);

/* Is there one volume group of that name? XB_E_INPUT, with those there are, where not. */
int xb_lvm_check_vg(const char *vg, struct xb_err *err);

/*
 * Make a volume with the tag on it from its first moment. `bytes` are rounded up to whole extents.
 */
int xb_lvm_create(const char *vg, const char *lv, uint64_t bytes, const char *tag,
                  struct xb_err *err);
int xb_lvm_create_thin(const char *vg, const char *pool, const char *lv, uint64_t bytes,
                       const char *tag, struct xb_err *err);

/* A snapshot of VG/ORIGIN that can take as many changes as the origin has blocks. */
int xb_lvm_snapshot(const char *vg, const char *origin, const char *lv, const char *tag,
                    struct xb_err *err);
/* Likewise of a thin volume. */
int xb_lvm_snapshot_thin(const char *vg, const char *origin, const char *lv, const char *tag,
                         struct xb_err *err);

/* XB_E_HOST where somebody has it open. */
int xb_lvm_remove(const char *vg, const char *lv, struct xb_err *err);

/* May this be the name of a volume group, a pool or a volume? */
bool xb_lvm_name_ok(const char *name);

/*
 * The volume that is to hold a guest's disk: "xenbench-GUEST". lvm reserves names with certain
 * endings, all of which have an underline, so that becomes a plus, which no guest's name has.
 */
void xb_lvm_guest_volume(const char *guest, char out[XB_LVM_NAME_BYTES]);

#endif
