/*
 * The container of all that xenbench keeps on disk: exported images, backups of disks, checkpoints.
 * It holds files with holes, cut into chunks that are zstd frames of their own, each with a
 * checksum. docs/storage.md has the format.
 *
 * A stream may come from anywhere: the reader bounds and checks all of it, and says that it is
 * whole only when it has seen its end.
 */
#ifndef XB_STREAM_H
#define XB_STREAM_H

#include "err.h"
#include "work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_STREAM_MAGIC "XBSTREAM"
#define XB_STREAM_MAGIC_BYTES 8
#define XB_STREAM_CHUNK_BYTES (1 << 20)
#define XB_STREAM_FILES_MAX 16
#define XB_STREAM_NAME_MAX 32
#define XB_STREAM_TEXT_MAX (4 << 20)
#define XB_STREAM_FILE_MAX (UINT64_C(1) << 46)
#define XB_STREAM_FLOW UINT64_MAX /* instead of a size: the file ends where its data ends */

/* What a stream may hold. The lowest is written that does, for an older xenbench to read it. */
enum xb_stream_version {
    XB_STREAM_OF_FILES = 1, /* files whose sizes are known when they begin, compressed */
    XB_STREAM_OF_FLOWS = 2, /* also flows, which have no size and no holes, and data as it is */
};

struct xb_stream_packing {
    bool compress;
    int level;        /* zstd's, from -7 (fast) to 19 (small) */
    unsigned threads; /* how many compress at the same time; 0: as many as there are CPUs here */
};

struct xb_stream_writer;

/* Begin to write a stream into a descriptor, which stays the caller's. work may be NULL. */
int xb_stream_create(struct xb_stream_writer **out, int fd, enum xb_stream_version version,
                     const struct xb_stream_packing *packing, struct xb_work *work,
                     struct xb_err *err);

/* Add what an open file or device holds. */
int xb_stream_add(struct xb_stream_writer *stream, const char *name, int fd, struct xb_err *err);

/* Add a file that is in memory, of at most XB_STREAM_TEXT_MAX bytes. */
int xb_stream_add_text(struct xb_stream_writer *stream, const char *name, const char *text,
                       struct xb_err *err);

/* Add a flow piece by piece: begin it, append to it, end it. */
int xb_stream_flow_begin(struct xb_stream_writer *stream, const char *name, struct xb_err *err);
int xb_stream_flow_append(struct xb_stream_writer *stream, const void *bytes, size_t count,
                          struct xb_err *err);
int xb_stream_flow_end(struct xb_stream_writer *stream, struct xb_err *err);

/* Write the end, without which no reader takes it for whole. */
int xb_stream_finish(struct xb_stream_writer *stream, struct xb_err *err);

/* Bytes written so far. */
uint64_t xb_stream_written(const struct xb_stream_writer *stream);
void xb_stream_writer_free(struct xb_stream_writer *stream); /* NULL is allowed */

/* How much of a file or device is no hole: what a copy has to read. */
uint64_t xb_stream_data_bytes(int fd);

struct xb_stream_reader;

struct xb_stream_file {
    char name[XB_STREAM_NAME_MAX + 1]; /* a plain name: lower-case letters, digits and dots */
    uint64_t bytes;                    /* its size, with holes; or XB_STREAM_FLOW */
};

/* Takes a piece of a file, in rising order and without overlaps; what is never given is zeros. */
typedef int xb_stream_sink_fn(void *arg, uint64_t offset, const void *data, size_t bytes,
                              struct xb_err *err);

/* Begin to read. XB_E_INPUT where it is no stream, or of a version that is not known. */
int xb_stream_open(struct xb_stream_reader **out, int fd, struct xb_work *work, struct xb_err *err);

/*
 * The next file. 1: there is one, and its contents come by xb_stream_read. 0: that was all, and the
 * stream is whole. -1: XB_E_INPUT where it is damaged or ends too soon.
 */
int xb_stream_next(struct xb_stream_reader *reader, struct xb_stream_file *out, struct xb_err *err);

/* The contents of the file that xb_stream_next told of; sink may be NULL: they are only checked. */
int xb_stream_read(struct xb_stream_reader *reader, xb_stream_sink_fn *sink, void *arg,
                   struct xb_err *err);

/*
 * Pass over them: their checksums are compared as they lie in the stream, but nothing is unpacked,
 * so that the stream's checksum of all data is not compared at its end.
 */
int xb_stream_skip(struct xb_stream_reader *reader, struct xb_err *err);

/* A small file of text, of at most max_bytes, to free. */
int xb_stream_read_text(struct xb_stream_reader *reader, const struct xb_stream_file *file,
                        size_t max_bytes, char **out, struct xb_err *err);

/*
 * A file into an open file, or into a device that holds zeros only. The descriptor is synced; a
 * file gets the size.
 */
int xb_stream_read_to(struct xb_stream_reader *reader, const struct xb_stream_file *file, int fd,
                      struct xb_err *err);

/* Check all of what is left. 0 where it is whole. */
int xb_stream_verify(struct xb_stream_reader *reader, struct xb_err *err);
/* How many bytes of data have been read: what its files need room for, once it was verified. */
uint64_t xb_stream_held(const struct xb_stream_reader *reader);
void xb_stream_reader_free(struct xb_stream_reader *reader); /* NULL is allowed */

static inline void xb_cleanup_stream_writer(struct xb_stream_writer **stream)
{
    xb_stream_writer_free(*stream);
}
static inline void xb_cleanup_stream_reader(struct xb_stream_reader **reader)
{
    xb_stream_reader_free(*reader);
}
#define xb_auto_stream_writer __attribute__((cleanup(xb_cleanup_stream_writer)))
#define xb_auto_stream_reader __attribute__((cleanup(xb_cleanup_stream_reader)))

#endif
