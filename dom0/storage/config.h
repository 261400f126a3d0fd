/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The administrator's defaults for xenbench: /etc/xenbench/xenbench.conf, in xl.conf's syntax. The
 * file is optional.
 */
#ifndef XB_CONFIG_H
#define XB_CONFIG_H

#include "app.h"
#include "disk.h"

struct xb_config {
    enum xb_storage storage;               /* storage = "file", "lvm" or "thin"; NONE: not set */
    char vg[XB_LVM_NAME_BYTES];            /* vg = "VG" */
    char thin_pool[2 * XB_LVM_NAME_BYTES]; /* thin_pool = "VG/POOL" */
};

/* Read the file. XB_E_INPUT, with the line, on a mistake in it. */
int xb_config_load(struct xb_app *app, struct xb_config *out, struct xb_err *err);

#endif
