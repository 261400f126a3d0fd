/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who owns a block device by xenbench's records, because a stopped guest holds its disk in no other
 * way.
 */
#ifndef XB_VOLUME_OWNER_H
#define XB_VOLUME_OWNER_H

#include "app.h"

/*
 * May the disk of this image (NULL: none) be written to the device? XB_E_INPUT, naming the owner,
 * if the device is a guest's or another image's disk, even of an incomplete one; XB_E_HOST if a
 * record is unreadable.
 */
int xb_volume_check_owner(struct xb_app *app, const char *device, const char *image,
                          struct xb_err *err);

#endif
