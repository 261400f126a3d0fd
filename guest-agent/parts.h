/*
 * A request longer than a frame comes as PARTs before its last frame. Only ARMs, one at a time per
 * session, with nothing in between.
 */
#ifndef XB_PARTS_H
#define XB_PARTS_H

#include "err.h"
#include "frame.h"

#include <stddef.h>
#include <stdint.h>

struct xb_parts {
    uint32_t job_id;
    uint8_t *data; /* NULL: none has come */
    size_t bytes;
};

/* Keep what a PART holds. */
int xb_parts_add(struct xb_parts *parts, const struct xb_frame *frame, struct xb_err *err);
/*
 * Complete the frame with the PARTs before it; its body then points into parts. Does nothing
 * without PARTs.
 */
int xb_parts_complete(struct xb_parts *parts, struct xb_frame *frame, struct xb_err *err);
void xb_parts_clear(struct xb_parts *parts);

#endif
