/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An ARM longer than a frame comes as PARTs, followed by a last frame with the rest. A session
 * sends one such ARM at a time, with no other frame in between.
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

/* Append a PART's data. -1 if it is malformed, of another job, or too much (XB_MESSAGE_MAX). */
int xa_parts_add(struct xa_parts *parts, const struct xb_frame *frame, struct xb_err *err);
/*
 * Put the collected PARTs before the frame's body, which then points into parts: valid until the
 * next call. Does nothing without PARTs.
 */
int xa_parts_complete(struct xa_parts *parts, struct xb_frame *frame, struct xb_err *err);
void xa_parts_clear(struct xa_parts *parts);

#endif
