/*
 * Whose a block device is, by xenbench's records: a guest's that does not run holds its disk in no other way.
 */
#ifndef XB_VOLUME_OWNER_H
#define XB_VOLUME_OWNER_H

#include "app.h"

/*
 * May the disk of this image (NULL: of none) be written to the device? XB_E_INPUT, with the owner's name, where it is
 * recorded as the disk of a guest or of another image, whole or not; XB_E_HOST where a record cannot be read.
 */
int xb_volume_check_owner(struct xb_app *app, const char *device, const char *image,
                          struct xb_err *err);

#endif
