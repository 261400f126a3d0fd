/*
 * A request that is longer than a frame comes as PARTs, which are put before the frame that follows
 * them. One at a time in a session, an ARM, and nothing comes between.
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
 * Make frame whole: what came before it is put in front of its body, which then points into parts.
 * Does nothing where nothing came.
 */
int xb_parts_complete(struct xb_parts *parts, struct xb_frame *frame, struct xb_err *err);
void xb_parts_clear(struct xb_parts *parts);

#endif
