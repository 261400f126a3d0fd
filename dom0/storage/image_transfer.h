/*
 * Images as streams: from one host to another, or into a drawer.
 */
#ifndef XB_IMAGE_TRANSFER_H
#define XB_IMAGE_TRANSFER_H

#include "image.h"
#include "stream.h"
#include "work.h"

/*
 * Write the whole of an image into a descriptor; nobody builds or removes it meanwhile. *bytes gets
 * how many were written.
 */
int xb_image_export(struct xb_app *app, const char *name, int fd,
                    const struct xb_stream_packing *packing, struct xb_work *work, uint64_t *bytes,
                    struct xb_err *err);

struct xb_image_import {
    const char *name; /* NULL: as the stream calls it */
    bool replace;     /* an image of that name goes */
};

/*
 * Make an image from a stream. What is read from a file is checked whole before anything is
 * written; from a pipe it is written under a hidden name meanwhile. The image is there when the
 * stream was whole, or not at all. out_name gets its name.
 */
int xb_image_import(struct xb_app *app, int fd, const struct xb_image_import *how,
                    struct xb_work *work, char out_name[XB_IMAGE_NAME_MAX + 1], struct xb_err *err);

#endif
