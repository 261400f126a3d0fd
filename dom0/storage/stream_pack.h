/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunks between the reader of a disk and the writer of a stream: a ring that one thread fills,
 * several compress, and the first empties in order.
 */
#ifndef XB_STREAM_PACK_H
#define XB_STREAM_PACK_H

#include "err.h"
#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_chunk {
    uint64_t offset; /* in the chunk's file */
    size_t raw_bytes;
    char *raw;           /* room for XB_STREAM_CHUNK_BYTES */
    size_t packed_bytes; /* or zstd's error */
    char *packed;        /* same as raw if nothing is compressed */
    uint32_t raw_crc, packed_crc;
    bool ready;
};

struct xb_packer;

void xb_packer_create(struct xb_packer **out, const struct xb_stream_packing *packing);
void xb_packer_free(struct xb_packer *packer); /* NULL is allowed */

/* The next chunk to fill. NULL: all are in use; take the oldest first. */
struct xb_chunk *xb_packer_empty(struct xb_packer *packer);
/* Hand in a filled chunk, with offset, raw_bytes and raw set. */
void xb_packer_give(struct xb_packer *packer);

/* Wait for the oldest chunk handed in. NULL: there is none. */
struct xb_chunk *xb_packer_oldest(struct xb_packer *packer);
/* The chunk is written and may be refilled. */
void xb_packer_took(struct xb_packer *packer);

#endif
