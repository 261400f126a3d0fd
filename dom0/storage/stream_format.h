/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stream's bytes: what reader and writer agree on.
 *
 *   head      "XBSTREAM", version, 16 bytes of zeros, CRC-32 of these 28 bytes
 *   record... each a head of 40 bytes, and a payload
 *
 * Numbers are little-endian. Records are numbered from 0, so that none can be missing, doubled or
 * in another place.
 */
#ifndef XB_STREAM_FORMAT_H
#define XB_STREAM_FORMAT_H

#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_STREAM_HEAD_BYTES 32
#define XB_RECORD_HEAD_BYTES 40

enum xb_record_type {
    XB_RECORD_FILE = 1,     /* payload: the name; length: the size, or XB_STREAM_FLOW */
    XB_RECORD_DATA = 2,     /* payload: a zstd frame of `length` bytes for `offset` */
    XB_RECORD_FILE_END = 3, /* length: bytes of data in the file */
    XB_RECORD_END = 4,      /* offset: files; length: bytes of data; payload_crc: of all data */
    XB_RECORD_STORED = 5,   /* like XB_RECORD_DATA, with the data itself as payload */
};

struct xb_record {
    uint32_t type;
    uint32_t number;
    uint64_t offset;
    uint64_t length;
    uint32_t payload_bytes;
    uint32_t payload_crc;
};

void xb_stream_encode_head(enum xb_stream_version version, uint8_t out[XB_STREAM_HEAD_BYTES]);
int xb_stream_check_head(const uint8_t head[XB_STREAM_HEAD_BYTES], enum xb_stream_version *version,
                         struct xb_err *err);

void xb_record_encode(const struct xb_record *record, uint8_t out[XB_RECORD_HEAD_BYTES]);
/* False if the head's own checksum is wrong. */
bool xb_record_decode(const uint8_t head[XB_RECORD_HEAD_BYTES], struct xb_record *out);

/* zlib's CRC-32, continued from crc (0 to start). */
uint32_t xb_stream_crc(uint32_t crc, const void *data, size_t bytes);
/* The checksum of data followed by so many bytes whose checksum is `next`. */
uint32_t xb_stream_crc_join(uint32_t crc, uint32_t next, size_t bytes);

/* Does the checksum match? Always true in a fuzzer's build, where no input would get past it. */
static inline bool xb_stream_crc_fits(uint32_t counted, uint32_t written)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)counted;
    (void)written;
    return true;
#else
    return counted == written;
#endif
}

/*
 * Is it lower-case letters, digits and dots, not starting with a dot? Such a name is never a path.
 */
bool xb_stream_name_ok(const char *name, size_t bytes);

#endif
