/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames: a fixed header and a protobuf body.
 *
 *   0  uint32  body length in bytes   all fields are little-endian
 *   4  uint16  type                   enum xb_type
 *   6  uint16  zero
 *   8  uint32  job id                 0: no job
 *
 * Both sides enforce the limits below; a peer that breaks one is cut off.
 */
#ifndef XB_FRAME_H
#define XB_FRAME_H

#include "base.h"
#include "err.h"

#include <stddef.h>
#include <stdint.h>

#define XB_FRAME_HEADER_BYTES 12
#define XB_FRAME_BODY_MAX (64 * XB_KIB)
#define XB_DATA_MAX (32 * XB_KIB) /* data in one OUTPUT or DATA frame */
#define XB_INPUT_WINDOW_BYTES                                                                      \
    (64 * XB_KIB) /* INPUT on its way, or waiting for the job to read it */
#define XB_INPUT_STEP_BYTES                                                                        \
    (XB_INPUT_WINDOW_BYTES / 2)     /* an unasked ACCEPT grants at least this much */
#define XB_JOBS_MAX 64              /* jobs that an agent holds at once, results included */
#define XB_MESSAGE_MAX (2 * XB_MIB) /* an ARM in PARTs; Linux's limit for a command */
#define XB_ARGS_MAX 65536           /* argv and env entries */
#define XB_RLIMITS_MAX 64
#define XB_TOKEN_MAX 64
#define XB_COUNTERS_MAX 8            /* in one result; a reader ignores more */
#define XB_KEEP_BYTES_DEFAULT XB_MIB /* output kept per stream */
#define XB_KEEP_BYTES_MAX (64 * XB_MIB)

enum xb_type {
    XB_HELLO = 1,
    XB_ERROR = 2,
    XB_PING = 3,
    XB_PONG = 4,
    XB_STATUS_REQUEST = 5,
    XB_STATUS = 6,
    XB_ARM = 7,
    XB_ARMED = 8,
    XB_RELEASE = 9,
    XB_CANCEL = 10,
    XB_KILL = 11,
    XB_OUTPUT = 12,
    XB_CREDIT = 13,
    XB_RESULT = 14,
    XB_FETCH = 15,
    XB_FORGET = 16,
    XB_PUSH = 17,
    XB_DATA = 18,
    XB_END = 19,
    XB_DONE = 20,
    XB_PULL = 21,
    XB_PULLING = 22,
    XB_QUIESCE = 23,
    XB_PART = 24,
    XB_INPUT = 25,
    XB_ACCEPT = 26,
    XB_RESIZE = 27,
    XB_TYPES, /* one more than the last */
};

struct xb_frame {
    uint16_t type;
    uint32_t job_id;
    const uint8_t *body; /* points into the buffer that was decoded */
    size_t body_bytes;
};

/* The name of a type for messages ("ARM"); "type ?" if unknown. */
const char *xb_type_name(uint16_t type);

/* Write a header into out[XB_FRAME_HEADER_BYTES]. */
void xb_frame_encode_header(uint8_t *out, uint16_t type, uint32_t job_id, uint32_t body_bytes);

/*
 * Find one complete frame at the start of buf. Returns its size with header and fills frame; 0 if
 * more bytes are needed; -1 (with err) if the peer broke the format.
 */
long xb_frame_decode(const uint8_t *buf, size_t bytes, struct xb_frame *frame, struct xb_err *err);

#endif
