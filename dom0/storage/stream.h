/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The container format of exported images, disk backups and checkpoints: sparse files in
 * checksummed zstd chunks (docs/storage.md). Streams are untrusted: the reader checks and bounds
 * everything, and calls a stream complete only at its end.
 */
#ifndef XB_STREAM_H
#define XB_STREAM_H

#include "base.h"
#include "err.h"
#include "work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_STREAM_MAGIC "XBSTREAM"
#define XB_STREAM_MAGIC_BYTES 8
#define XB_STREAM_CHUNK_BYTES XB_MIB
#define XB_STREAM_FILES_MAX 16
#define XB_STREAM_NAME_MAX 32
#define XB_STREAM_TEXT_MAX (4 << 20)
#define XB_STREAM_FILE_MAX (UINT64_C(1) << 46)
#define XB_STREAM_FLOW UINT64_MAX /* instead of a size: the file ends where its data ends */

/* The features a stream needs. The writer uses the lowest version, for older readers. */
enum xb_stream_version {
    XB_STREAM_OF_FILES = 1, /* files whose sizes are known at their start, compressed */
    XB_STREAM_OF_FLOWS = 2, /* also flows (no size, no holes) and uncompressed data */
};

/* The most threads that compress. */
#define XB_PACK_THREADS_MAX 16

struct xb_stream_packing {
    bool compress;
    int level;        /* zstd's, from -7 (fast) to 19 (small) */
    unsigned threads; /* compressing threads; 0: one per CPU */
};

struct xb_stream_writer;

/* Begin to write a stream to the caller's descriptor. work may be NULL. */
int xb_stream_create(struct xb_stream_writer **out, int fd, enum xb_stream_version version,
                     const struct xb_stream_packing *packing, struct xb_work *work,
                     struct xb_err *err);

/* Add the contents of an open file or device. */
int xb_stream_add(struct xb_stream_writer *stream, const char *name, int fd, struct xb_err *err);

/* Add a file from memory, of at most XB_STREAM_TEXT_MAX bytes. */
int xb_stream_add_text(struct xb_stream_writer *stream, const char *name, const char *text,
                       struct xb_err *err);

/* Add a flow in pieces: begin, append, end. */
int xb_stream_flow_begin(struct xb_stream_writer *stream, const char *name, struct xb_err *err);
int xb_stream_flow_append(struct xb_stream_writer *stream, const void *bytes, size_t count,
                          struct xb_err *err);
int xb_stream_flow_end(struct xb_stream_writer *stream, struct xb_err *err);

/* Write the end record; without it the stream is incomplete to every reader. */
int xb_stream_finish(struct xb_stream_writer *stream, struct xb_err *err);

/* Bytes written so far. */
uint64_t xb_stream_written(const struct xb_stream_writer *stream);
void xb_stream_writer_free(struct xb_stream_writer *stream); /* NULL is allowed */

/* How much of a file or device is data, which a copy must read. */
uint64_t xb_stream_data_bytes(int fd);

struct xb_stream_reader;

struct xb_stream_file {
    char name[XB_STREAM_NAME_MAX + 1]; /* a plain name: lower-case letters, digits and dots */
    uint64_t bytes;                    /* the size including holes, or XB_STREAM_FLOW */
};

/* Takes a piece of a file, in ascending order without overlaps; gaps are zeros. */
typedef int xb_stream_sink_fn(void *arg, uint64_t offset, const void *data, size_t bytes,
                              struct xb_err *err);

/* Begin to read. XB_E_INPUT if it is no stream, or of an unknown version. */
int xb_stream_open(struct xb_stream_reader **out, int fd, struct xb_work *work, struct xb_err *err);

/*
 * The next file: 1 there is one (read it with xb_stream_read), 0 the stream is complete, -1
 * (XB_E_INPUT) it is damaged or cut short.
 */
int xb_stream_next(struct xb_stream_reader *reader, struct xb_stream_file *out, struct xb_err *err);

/* Read the file that xb_stream_next returned; with sink NULL, only check it. */
int xb_stream_read(struct xb_stream_reader *reader, xb_stream_sink_fn *sink, void *arg,
                   struct xb_err *err);

/*
 * Skip the file: checks the packed chunks without unpacking, so the checksum of all data is not
 * compared at the stream's end.
 */
int xb_stream_skip(struct xb_stream_reader *reader, struct xb_err *err);

/* Read a small text file, of at most max_bytes; to free. */
int xb_stream_read_text(struct xb_stream_reader *reader, const struct xb_stream_file *file,
                        size_t max_bytes, char **out, struct xb_err *err);

/* Read a file into an open file, which gets its size, or into a device full of zeros. Synced. */
int xb_stream_read_to(struct xb_stream_reader *reader, const struct xb_stream_file *file, int fd,
                      struct xb_err *err);

/* Check the rest of the stream. 0 if it is complete. */
int xb_stream_verify(struct xb_stream_reader *reader, struct xb_err *err);
/* How many bytes of data were read: after a check, the room that the files need. */
uint64_t xb_stream_held(const struct xb_stream_reader *reader);
void xb_stream_reader_free(struct xb_stream_reader *reader); /* NULL is allowed */

XB_CLEANUP(stream_writer, struct xb_stream_writer *, xb_stream_writer_free)
XB_CLEANUP(stream_reader, struct xb_stream_reader *, xb_stream_reader_free)
#define xb_auto_stream_writer XB_AUTO(xb_cleanup_stream_writer)
#define xb_auto_stream_reader XB_AUTO(xb_cleanup_stream_reader)

#endif
