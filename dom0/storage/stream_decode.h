/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decodes streams, in stream_read.c's locked-down process or, with --no-sandbox, in the caller.
 */
#ifndef XB_STREAM_DECODE_H
#define XB_STREAM_DECODE_H

#include "stream.h"

struct xb_stream_decoder;

/* Takes a chunk in its file's order; data is NULL where chunks stay packed. */
typedef int xb_chunk_fn(void *arg, uint64_t offset, const void *data, size_t bytes,
                        struct xb_err *err);

/* Like xb_stream_open and xb_stream_next, but each file must be read before the next. */
int xb_decoder_open(struct xb_stream_decoder **out, int fd, struct xb_err *err);
int xb_decoder_next(struct xb_stream_decoder *decoder, struct xb_stream_file *out,
                    struct xb_err *err);
/* Read the file. unpacks false: only check the packed chunks. */
int xb_decoder_read(struct xb_stream_decoder *decoder, bool unpacks, xb_chunk_fn *on_chunk,
                    void *arg, struct xb_err *err);
void xb_decoder_free(struct xb_stream_decoder *decoder); /* NULL is allowed */

/* Does a chunk belong to the file, after the chunk that ended at `from`? */
bool xb_chunk_fits(const struct xb_stream_file *file, uint64_t from, uint64_t offset,
                   uint64_t length);

#endif
