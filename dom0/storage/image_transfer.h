/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Images as streams: to another host, or for storage.
 */
#ifndef XB_IMAGE_TRANSFER_H
#define XB_IMAGE_TRANSFER_H

#include "image.h"
#include "stream.h"
#include "work.h"

/*
 * Write a whole image to a descriptor, locking out builds and removal. *bytes is how much was
 * written.
 */
int xb_image_export(struct xb_app *app, const char *name, int fd,
                    const struct xb_stream_packing *packing, struct xb_work *work, uint64_t *bytes,
                    struct xb_err *err);

struct xb_image_import {
    const char *name; /* NULL: the name in the stream */
    bool replace;     /* replace an existing image of that name */
};

/*
 * Make an image from a stream, all or nothing. A regular file is verified before anything is
 * written; data from a pipe is written under a hidden name until it is verified. out_name is the
 * image's name.
 */
int xb_image_import(struct xb_app *app, int fd, const struct xb_image_import *how,
                    struct xb_work *work, char out_name[XB_IMAGE_NAME_MAX + 1], struct xb_err *err);

#endif
