/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A checkpoint's file: a stream (stream.h) of three files, which shows whether it is complete.
 *
 *   checkpoint.json  the guest, libxl's configuration, the packing
 *   memory           libxl's stream of the suspended domain
 *   end.json         when it was suspended, and the state of its disks then
 *
 * docs/lifecycle.md describes the fields. Files of xenbench 0.1 are read too (checkpoint_old.h).
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
 * Begin a checkpoint at the start of fd, which stays the caller's. Adds the packing's fields to
 * head. path is for messages.
 */
int xb_checkpoint_write_begin(struct xb_checkpoint_writer **out, int fd, const char *path,
                              json_t *head, const struct xb_stream_packing *packing,
                              struct xb_err *err);
int xb_checkpoint_write(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                        struct xb_err *err);
/* Write the tail, and sync the file. */
int xb_checkpoint_write_end(struct xb_checkpoint_writer *writer, const json_t *tail,
                            struct xb_err *err);
/* Bytes given to xb_checkpoint_write, and bytes of the file so far. */
uint64_t xb_checkpoint_raw_bytes(const struct xb_checkpoint_writer *writer);
uint64_t xb_checkpoint_stored_bytes(const struct xb_checkpoint_writer *writer);
void xb_checkpoint_writer_free(struct xb_checkpoint_writer *writer); /* NULL is allowed */

struct xb_checkpoint_reader;

/* Read the head from the start of the file. XB_E_INPUT if it is not a checkpoint or damaged. */
int xb_checkpoint_read_begin(struct xb_checkpoint_reader **out, int fd, const char *path,
                             struct xb_err *err);
/* Owned by the reader. */
const json_t *xb_checkpoint_head(const struct xb_checkpoint_reader *reader);
/* The tail, once everything was read; NULL before. */
const json_t *xb_checkpoint_tail(const struct xb_checkpoint_reader *reader);
/*
 * Verify the file without unpacking it, and return to the start of the memory. *tail (tail may be
 * NULL) gets the tail; the caller owns the reference.
 */
int xb_checkpoint_check(struct xb_checkpoint_reader *reader, json_t **tail, struct xb_err *err);
/*
 * Pass libxl's stream to sink (NULL: only verify it) and read the file to its end. 0: it is
 * complete.
 */
int xb_checkpoint_read(struct xb_checkpoint_reader *reader, xb_stream_sink_fn *sink, void *arg,
                       struct xb_err *err);
void xb_checkpoint_reader_free(struct xb_checkpoint_reader *reader); /* NULL is allowed */

/*
 * Verify that the file holds what was written: drop its pages from the page cache, so that they
 * come from the disk if possible, and unpack it to its end. sink (may be NULL) gets libxl's stream.
 */
int xb_checkpoint_verify(int fd, const char *path, xb_stream_sink_fn *sink, void *arg,
                         struct xb_err *err);

#endif
