/*
 * What the host's administrator has settled for all of xenbench: /etc/xenbench/xenbench.conf, in
 * the syntax of xl.conf. The file need not be there.
 */
#ifndef XB_CONFIG_H
#define XB_CONFIG_H

#include "app.h"
#include "disk.h"

struct xb_config {
    enum xb_storage storage;    /* storage = "file", "lvm" or "thin"; NONE: not settled */
    char vg[XB_LVM_NAME_BYTES]; /* vg = "VG" */
    char thin_pool[2 * XB_LVM_NAME_BYTES]; /* thin_pool = "VG/POOL" */
};

/* Read it. XB_E_INPUT, with the line, where it is not understood. */
int xb_config_load(struct xb_app *app, struct xb_config *out, struct xb_err *err);

#endif
