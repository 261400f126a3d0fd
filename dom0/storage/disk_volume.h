/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks in logical volumes; disk.c decides when this is used.
 */
#ifndef XB_DISK_VOLUME_H
#define XB_DISK_VOLUME_H

#include "disk.h"

int xb_volume_plan(struct xb_disk *disk, const char *vg, const char *thin_pool, const char *guest,
                   const char *uuid, struct xb_err *err);
int xb_volume_make(struct xb_disk *disk, struct xb_err *err);
int xb_volume_snapshot(struct xb_disk *disk, const struct xb_disk *source, struct xb_err *err);
int xb_volume_check_free(const struct xb_disk *disk, struct xb_err *err);
int xb_volume_remove(const struct xb_disk *disk, struct xb_err *err);

#endif
