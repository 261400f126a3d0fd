/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conversion between libxl's CPU bitmaps and ours.
 */
#ifndef XB_BITMAP_H
#define XB_BITMAP_H

#include "base.h"
#include "cpus.h"
#include "xen.h"

#include <libxl_utils.h>

#define xb_auto_bitmap XB_AUTO(libxl_bitmap_dispose)

/*
 * Convert the members that are CPUs of the host, and drop the others. The caller disposes of *out.
 */
int xb_bitmap_from_cpus(struct xb_xen *xen, const struct xb_cpus *cpus, libxl_bitmap *out,
                        struct xb_err *err);

struct xb_cpus xb_bitmap_to_cpus(const libxl_bitmap *bitmap);

#endif
