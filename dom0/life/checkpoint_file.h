/*
 * A checkpoint's file: a stream (stream.h) of three files, so that it is known to be whole.
 *
 *   checkpoint.json  whose it is, libxl's configuration, how it is packed
 *   memory           what libxl writes of the suspended domain
 *   end.json         when it was suspended, and how its disks stood then
 *
 * docs/lifecycle.md names the fields. What xenbench 0.1 wrote is read too (checkpoint_old.h).
 */
#ifndef XB_CHECKPOINT_FILE_H
#define XB_CHECKPOINT_FILE_H

#include "err.h"
#include "stream.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_CHECKPOINT_HEAD_NAME "checkpoint.json"
#define XB_CHECKPOINT_JSON_MAX XB_STREAM_TEXT_MAX

struct xb_checkpoint_writer;

/*
 * Begin a file at the start of fd, which stays the caller's. head gets the packing's fields. path is
 * for messages.
 */
int xb_checkpoint_write_begin(struct xb_checkpoint_writer **out, int fd, const char *path,
                              json_t *head, const struct xb_stream_packing *packing,
                              struct xb_err *err);
int xb_checkpoint_write(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                        struct xb_err *err);
/* Write the tail, and sync the file. */
int xb_checkpoint_write_end(struct xb_checkpoint_writer *writer, const json_t *tail,
                            struct xb_err *err);
/* Bytes that came by xb_checkpoint_write, and bytes of the file so far. */
uint64_t xb_checkpoint_raw_bytes(const struct xb_checkpoint_writer *writer);
uint64_t xb_checkpoint_stored_bytes(const struct xb_checkpoint_writer *writer);
void xb_checkpoint_writer_free(struct xb_checkpoint_writer *writer); /* NULL is allowed */

struct xb_checkpoint_reader;

/*
 * Read the head from the start of the file. XB_E_INPUT where this is no checkpoint, or a damaged one.
 */
int xb_checkpoint_read_begin(struct xb_checkpoint_reader **out, int fd, const char *path,
                             struct xb_err *err);
/* Owned by the reader. */
const json_t *xb_checkpoint_head(const struct xb_checkpoint_reader *reader);
/* The tail, once all was read; NULL before. */
const json_t *xb_checkpoint_tail(const struct xb_checkpoint_reader *reader);
/*
 * Check the file to its end as it lies there, without unpacking it, and go back to where the memory
 * begins. *tail (NULL: not wanted) gets the tail, to decref.
 */
int xb_checkpoint_check(struct xb_checkpoint_reader *reader, json_t **tail, struct xb_err *err);
/*
 * Give all of libxl's stream to sink (NULL: only check it), and check the file to its end: 0 means that it is whole.
 */
int xb_checkpoint_read(struct xb_checkpoint_reader *reader, xb_stream_sink_fn *sink, void *arg,
                       struct xb_err *err);
void xb_checkpoint_reader_free(struct xb_checkpoint_reader *reader); /* NULL is allowed */

/*
 * Is the file what was written? Its pages are dropped from memory first, so that they come from the
 * disk where that is possible, and it is unpacked to its end.
 */
int xb_checkpoint_verify(int fd, const char *path, struct xb_err *err);

#endif
