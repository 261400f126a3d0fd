/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request longer than a frame comes as PARTs before its last frame. Only ARMs, one at a time per
 * session, with nothing in between.
 */
#ifndef XA_PARTS_H
#define XA_PARTS_H

#include "err.h"
#include "frame.h"

#include <stddef.h>
#include <stdint.h>

struct xa_parts {
    uint32_t job_id;
    uint8_t *data; /* NULL: none has come */
    size_t bytes;
};

/* Keep what a PART holds. */
int xa_parts_add(struct xa_parts *parts, const struct xb_frame *frame, struct xb_err *err);
/*
 * Complete the frame with the PARTs before it; its body then points into parts. Does nothing
 * without PARTs.
 */
int xa_parts_complete(struct xa_parts *parts, struct xb_frame *frame, struct xb_err *err);
void xa_parts_clear(struct xa_parts *parts);

#endif
