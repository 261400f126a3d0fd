/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checkpoints in the format of xenbench 0.1, which are only read.
 *
 *   "xbckpt1\n"
 *   head:   uint32 bytes, uint32 CRC-32, JSON
 *   chunks: uint32 bytes (not 0), uint32 CRC-32, the bytes: of one zstd frame, or unpacked
 *   tail:   uint32 0, uint32 bytes, uint32 CRC-32, JSON: the size of the data, and its CRC-32
 *
 * Nothing follows. Numbers are little endian, CRC-32 is zlib's.
 */
#ifndef XB_CHECKPOINT_OLD_H
#define XB_CHECKPOINT_OLD_H

#include "err.h"
#include "stream.h"

#include <jansson.h>
#include <stdbool.h>

#define XB_OLD_CHECKPOINT_MAGIC "xbckpt1\n"

/* Read the head from the start of a file that has the magic. The caller owns the reference. */
int xb_old_checkpoint_head(int fd, json_t **head, struct xb_err *err);

/*
 * Read everything after the head. Without unpack only the chunks' own checksums are compared. sink
 * may be NULL. The caller owns the reference to the tail.
 */
int xb_old_checkpoint_body(int fd, const json_t *head, bool unpack, xb_stream_sink_fn *sink,
                           void *arg, json_t **tail, struct xb_err *err);

#endif
