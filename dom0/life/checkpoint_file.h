/*
 * A checkpoint's file: what libxl writes of a suspended domain, compressed, with all that is needed
 * to know that it is whole.
 *
 *   "xbckpt1\n"
 *   head:   uint32 bytes, uint32 CRC-32, JSON: whose it is, libxl's configuration, how it is packed
 *   chunks: uint32 bytes (not 0), uint32 CRC-32, the bytes
 *   tail:   uint32 0, uint32 bytes, uint32 CRC-32, JSON: how much there was, and its CRC-32
 *   nothing more
 *
 * Numbers are little endian, CRC-32 is zlib's. docs/lifecycle.md names the fields. A file that lacks
 * its tail, or anything of what the tail counts, is not whole and is refused.
 */
#ifndef XB_CHECKPOINT_FILE_H
#define XB_CHECKPOINT_FILE_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define XB_CHECKPOINT_CHUNK_MAX (1024 * 1024)
#define XB_CHECKPOINT_JSON_MAX (4 * 1024 * 1024)

struct xb_checkpoint_packing {
    bool compress;
    int level;   /* zstd's, from -7 (fast) to 19 (small) */
    int threads; /* 1: none beside the caller's */
};

struct xb_checkpoint_writer;

/*
 * Begin a file at the start of fd, which stays the caller's. head gets the packing's fields. path is
 * for messages.
 */
int xb_checkpoint_write_begin(struct xb_checkpoint_writer **out, int fd, const char *path,
                              json_t *head, const struct xb_checkpoint_packing *packing,
                              struct xb_err *err);
int xb_checkpoint_write(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                        struct xb_err *err);
/* Write the tail, which gets the counts beside the caller's fields, and sync the file. */
int xb_checkpoint_write_end(struct xb_checkpoint_writer *writer, json_t *tail, struct xb_err *err);
void xb_checkpoint_writer_free(struct xb_checkpoint_writer *writer); /* NULL is allowed */

struct xb_checkpoint_reader;

/* Read and check the head. XB_E_INPUT where this is no checkpoint, or a damaged one. */
int xb_checkpoint_read_begin(struct xb_checkpoint_reader **out, int fd, const char *path,
                             struct xb_err *err);
/* Owned by the reader. */
const json_t *xb_checkpoint_head(const struct xb_checkpoint_reader *reader);
/* The tail, once all was read; NULL before. */
const json_t *xb_checkpoint_tail(const struct xb_checkpoint_reader *reader);
/*
 * The next bytes of libxl's stream: how many, 0 at its end, where all that the tail says was found
 * true; -1 where the file is damaged.
 */
ssize_t xb_checkpoint_read(struct xb_checkpoint_reader *reader, void *bytes, size_t count,
                           struct xb_err *err);
/*
 * Check all chunks as they lie in the file, without unpacking them, and the tail, which *tail (NULL:
 * not wanted) gets, to decref; then rewind.
 */
int xb_checkpoint_check(struct xb_checkpoint_reader *reader, json_t **tail, struct xb_err *err);
void xb_checkpoint_reader_free(struct xb_checkpoint_reader *reader); /* NULL is allowed */

/*
 * Is the file what was written? Its pages are dropped from memory first, so that they come from the
 * disk where that is possible, and it is unpacked to its end.
 */
int xb_checkpoint_verify(int fd, const char *path, struct xb_err *err);

#endif
