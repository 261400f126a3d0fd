/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a stream: chunks are filled in turn, compressed by the packer's threads, and written in
 * order.
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "sparse.h"
#include "stream.h"
#include "stream_format.h"
#include "stream_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zstd.h>

/* Start writing back early, so that the final sync is short. */
#define WRITEBACK_BYTES (UINT64_C(8) << 20)

struct xb_stream_writer {
    int fd;
    bool compress;
    enum xb_stream_version version;
    struct xb_packer *packer;
    struct xb_work *work;
    uint32_t number;
    uint32_t files;
    uint32_t crc; /* of all data */
    uint64_t data_bytes;
    uint64_t file_bytes; /* data of the file that is being added */
    uint64_t written, flushed;
    off_t begin;         /* where the stream begins in its file; -1: not seekable */
    uint64_t appended;   /* bytes appended to the current flow */
    size_t filled_bytes; /* of the chunk being filled */
};

static int write_all(struct xb_stream_writer *w, const void *buf, size_t bytes, struct xb_err *err)
{
    if (xb_write_all(w->fd, buf, bytes) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the stream");
    w->written += bytes;
    if (w->begin >= 0 && w->written - w->flushed >= WRITEBACK_BYTES) {
        sync_file_range(w->fd, w->begin + (off_t)w->flushed, (off_t)(w->written - w->flushed),
                        SYNC_FILE_RANGE_WRITE);
        w->flushed = w->written;
    }
    return 0;
}

/* The caller supplies payload_crc, because a chunk's is known already. */
static int write_record(struct xb_stream_writer *w, struct xb_record record, const void *payload,
                        struct xb_err *err)
{
    uint8_t head[XB_RECORD_HEAD_BYTES];
    record.number = w->number++;
    xb_record_encode(&record, head);
    if (write_all(w, head, sizeof(head), err) < 0)
        return -1;
    return payload ? write_all(w, payload, record.payload_bytes, err) : 0;
}

int xb_stream_create(struct xb_stream_writer **out, int fd, enum xb_stream_version version,
                     const struct xb_stream_packing *packing, struct xb_work *work,
                     struct xb_err *err)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_auto_stream_writer struct xb_stream_writer *w = xb_calloc(1, sizeof(*w));
    if (!packing->compress && version < XB_STREAM_OF_FLOWS)
        return xb_fail(err, XB_E_INPUT, 0, "a stream of version %d is compressed", version);
    w->fd = fd;
    w->version = version;
    w->compress = packing->compress;
    w->work = work;
    w->begin = lseek(fd, 0, SEEK_CUR);
    xb_stream_encode_head(version, head);
    xb_packer_create(&w->packer, packing);
    if (write_all(w, head, sizeof(head), err) < 0)
        return -1;
    *out = xb_steal_ptr(&w);
    return 0;
}

void xb_stream_writer_free(struct xb_stream_writer *w)
{
    if (!w)
        return;
    xb_packer_free(w->packer);
    free(w);
}

uint64_t xb_stream_written(const struct xb_stream_writer *w)
{
    return w->written;
}

static int write_oldest(struct xb_stream_writer *w, const struct xb_chunk *chunk,
                        struct xb_err *err)
{
    if (ZSTD_isError(chunk->packed_bytes))
        return xb_fail(err, XB_E_HOST, 0, "cannot compress: %s",
                       ZSTD_getErrorName(chunk->packed_bytes));
    struct xb_record record = {
        .type = w->compress ? XB_RECORD_DATA : XB_RECORD_STORED,
        .offset = chunk->offset,
        .length = chunk->raw_bytes,
        .payload_bytes = (uint32_t)chunk->packed_bytes,
        .payload_crc = chunk->packed_crc,
    };
    if (write_record(w, record, chunk->packed, err) < 0)
        return -1;
    w->crc = xb_stream_crc_join(w->crc, chunk->raw_crc, chunk->raw_bytes);
    w->file_bytes += chunk->raw_bytes;
    xb_packer_took(w->packer);
    return 0;
}

static int write_all_chunks(struct xb_stream_writer *w, struct xb_err *err)
{
    struct xb_chunk *chunk;
    while ((chunk = xb_packer_oldest(w->packer)))
        if (write_oldest(w, chunk, err) < 0)
            return -1;
    return 0;
}

/* A chunk to fill; writes out the oldest if all are in use. NULL if that fails. */
static struct xb_chunk *chunk_to_fill(struct xb_stream_writer *w, struct xb_err *err)
{
    struct xb_chunk *chunk = xb_packer_empty(w->packer);
    if (!chunk && write_oldest(w, xb_packer_oldest(w->packer), err) == 0)
        chunk = xb_packer_empty(w->packer);
    return chunk;
}

static void give_chunk(struct xb_stream_writer *w, struct xb_chunk *chunk, uint64_t offset,
                       size_t bytes)
{
    chunk->offset = offset;
    chunk->raw_bytes = bytes;
    xb_packer_give(w->packer);
}

static int begin_file(struct xb_stream_writer *w, const char *name, uint64_t bytes,
                      struct xb_err *err)
{
    size_t name_bytes = strlen(name);
    if (!xb_stream_name_ok(name, name_bytes) || w->files == XB_STREAM_FILES_MAX ||
        (bytes > XB_STREAM_FILE_MAX && bytes != XB_STREAM_FLOW))
        return xb_fail(err, XB_E_INPUT, 0, "%s is too large for a stream, or too much", name);
    struct xb_record record = {
        .type = XB_RECORD_FILE,
        .length = bytes,
        .payload_bytes = (uint32_t)name_bytes,
        .payload_crc = xb_stream_crc(0, name, name_bytes),
    };
    w->files++;
    w->file_bytes = w->appended = 0;
    return write_record(w, record, name, err);
}

static int end_file(struct xb_stream_writer *w, struct xb_err *err)
{
    if (write_all_chunks(w, err) < 0)
        return -1;
    w->data_bytes += w->file_bytes;
    return write_record(w, (struct xb_record){.type = XB_RECORD_FILE_END, .length = w->file_bytes},
                        NULL, err);
}

static int add_range(struct xb_stream_writer *w, const char *name, int fd, off_t at, off_t end,
                     struct xb_err *err)
{
    while (at < end) {
        struct xb_chunk *chunk = chunk_to_fill(w, err);
        size_t want =
            end - at < (off_t)XB_STREAM_CHUNK_BYTES ? (size_t)(end - at) : XB_STREAM_CHUNK_BYTES;
        if (!chunk)
            return -1;
        ssize_t n = pread(fd, chunk->raw, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return xb_fail(err, XB_E_HOST, n < 0 ? errno : 0, "cannot read %s%s", name,
                           n == 0 ? ": it became smaller" : "");
        if (xb_work_did(w->work, (uint64_t)n, err) < 0)
            return -1;
        if (!xb_all_zero(chunk->raw, (size_t)n))
            give_chunk(w, chunk, (uint64_t)at, (size_t)n);
        at += n;
    }
    return 0;
}

int xb_stream_add(struct xb_stream_writer *w, const char *name, int fd, struct xb_err *err)
{
    off_t bytes = xb_disk_size(fd), start, end, at = 0;
    int more;
    if (bytes < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot tell the size of %s", name);
    if (begin_file(w, name, (uint64_t)bytes, err) < 0)
        return -1;
    while ((more = xb_next_data(fd, at, bytes, &start, &end)) > 0) {
        if (add_range(w, name, fd, start, end, err) < 0)
            return -1;
        at = end;
    }
    return more < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot read %s", name) : end_file(w, err);
}

int xb_stream_flow_begin(struct xb_stream_writer *w, const char *name, struct xb_err *err)
{
    if (w->version < XB_STREAM_OF_FLOWS)
        return xb_fail(err, XB_E_INPUT, 0, "a stream of version %d has no flows", w->version);
    return begin_file(w, name, XB_STREAM_FLOW, err);
}

int xb_stream_flow_append(struct xb_stream_writer *w, const void *bytes, size_t count,
                          struct xb_err *err)
{
    const char *from = bytes;
    while (count > 0) {
        struct xb_chunk *chunk = chunk_to_fill(w, err);
        size_t room = XB_STREAM_CHUNK_BYTES - w->filled_bytes, n = count < room ? count : room;
        if (!chunk)
            return -1;
        memcpy(chunk->raw + w->filled_bytes, from, n);
        w->filled_bytes += n;
        from += n;
        count -= n;
        if (n < room)
            break;
        give_chunk(w, chunk, w->appended, w->filled_bytes);
        w->appended += w->filled_bytes;
        w->filled_bytes = 0;
    }
    return 0;
}

int xb_stream_flow_end(struct xb_stream_writer *w, struct xb_err *err)
{
    if (w->filled_bytes > 0)
        give_chunk(w, xb_packer_empty(w->packer), w->appended, w->filled_bytes);
    w->filled_bytes = 0;
    return end_file(w, err);
}

int xb_stream_add_text(struct xb_stream_writer *w, const char *name, const char *text,
                       struct xb_err *err)
{
    size_t bytes = strlen(text);
    if (bytes > XB_STREAM_TEXT_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "%s is too large for a stream", name);
    if (begin_file(w, name, bytes, err) < 0 || xb_stream_flow_append(w, text, bytes, err) < 0 ||
        xb_work_did(w->work, bytes, err) < 0)
        return -1;
    return xb_stream_flow_end(w, err);
}

int xb_stream_finish(struct xb_stream_writer *w, struct xb_err *err)
{
    struct xb_record record = {
        .type = XB_RECORD_END,
        .offset = w->files,
        .length = w->data_bytes,
        .payload_crc = w->crc,
    };
    return write_record(w, record, NULL, err);
}

uint64_t xb_stream_data_bytes(int fd)
{
    off_t bytes = xb_disk_size(fd), start, end, at = 0;
    uint64_t sum = 0;
    while (bytes > 0 && xb_next_data(fd, at, bytes, &start, &end) > 0) {
        sum += (uint64_t)(end - start);
        at = end;
    }
    return sum;
}
