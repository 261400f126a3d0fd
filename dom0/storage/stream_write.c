/*
 * Writing a stream: chunks are read one after the other, compressed some at a time, and written in
 * their order.
 */
#include "base.h"
#include "files.h"
#include "sparse.h"
#include "stream.h"
#include "stream_format.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sched.h>
#include <zstd.h>

#define THREADS_MAX 16

struct chunk {
    uint64_t offset;
    size_t raw_bytes;
    size_t packed_bytes; /* or zstd's error */
    int level;
    char *raw, *packed;
};

struct xb_stream_writer {
    int fd;
    int level;
    unsigned threads;
    struct xb_work *work;
    uint32_t number;
    uint32_t files;
    uint32_t crc; /* of all data */
    uint64_t data_bytes;
    uint64_t file_bytes; /* data of the file that is being added */
    uint64_t written;
    size_t filled;
    struct chunk chunks[THREADS_MAX];
};

static unsigned cpus_here(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static int write_all(struct xb_stream_writer *w, const void *buf, size_t bytes,
                     struct xb_err *err)
{
    w->written += bytes;
    if (xb_write_all(w->fd, buf, bytes) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the stream");
    return 0;
}

static int write_record(struct xb_stream_writer *w, struct xb_record record, const void *payload,
                        struct xb_err *err)
{
    uint8_t head[XB_RECORD_HEAD_BYTES];
    record.number = w->number++;
    if (payload)
        record.payload_crc = xb_stream_crc(0, payload, record.payload_bytes);
    xb_record_encode(&record, head);
    if (write_all(w, head, sizeof(head), err) < 0)
        return -1;
    return payload ? write_all(w, payload, record.payload_bytes, err) : 0;
}

static int make_chunks(struct xb_stream_writer *w, struct xb_err *err)
{
    for (unsigned i = 0; i < w->threads; i++) {
        w->chunks[i].level = w->level;
        w->chunks[i].raw = malloc(XB_STREAM_CHUNK_BYTES);
        w->chunks[i].packed = malloc(ZSTD_compressBound(XB_STREAM_CHUNK_BYTES));
        if (!w->chunks[i].raw || !w->chunks[i].packed)
            return xb_fail(err, XB_E_HOST, ENOMEM, "cannot begin a stream");
    }
    return 0;
}

int xb_stream_create(struct xb_stream_writer **out, int fd, int level, unsigned threads,
                     struct xb_work *work, struct xb_err *err)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_auto_stream_writer struct xb_stream_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot begin a stream");
    w->fd = fd;
    w->level = level;
    w->threads = threads ? threads : cpus_here();
    if (w->threads > THREADS_MAX)
        w->threads = THREADS_MAX;
    w->work = work;
    xb_stream_encode_head(head);
    if (make_chunks(w, err) < 0 || write_all(w, head, sizeof(head), err) < 0)
        return -1;
    *out = xb_steal_ptr(&w);
    return 0;
}

void xb_stream_writer_free(struct xb_stream_writer *w)
{
    for (size_t i = 0; w && i < THREADS_MAX; i++) {
        free(w->chunks[i].raw);
        free(w->chunks[i].packed);
    }
    free(w);
}

uint64_t xb_stream_written(const struct xb_stream_writer *w)
{
    return w->written;
}

static void *compress_chunk(void *arg)
{
    struct chunk *chunk = arg;
    chunk->packed_bytes = ZSTD_compress(chunk->packed, ZSTD_compressBound(XB_STREAM_CHUNK_BYTES),
                                        chunk->raw, chunk->raw_bytes, chunk->level);
    return NULL;
}

/* A thread that cannot be had is no reason to fail: its chunk is compressed here. */
static void compress_chunks(struct xb_stream_writer *w)
{
    pthread_t threads[THREADS_MAX];
    bool made[THREADS_MAX] = {false};
    for (size_t i = 1; i < w->filled; i++)
        made[i] = pthread_create(&threads[i], NULL, compress_chunk, &w->chunks[i]) == 0;
    for (size_t i = 0; i < w->filled; i++)
        if (!made[i])
            compress_chunk(&w->chunks[i]);
    for (size_t i = 1; i < w->filled; i++)
        if (made[i])
            pthread_join(threads[i], NULL);
}

static int flush_chunks(struct xb_stream_writer *w, struct xb_err *err)
{
    compress_chunks(w);
    for (size_t i = 0; i < w->filled; i++) {
        struct chunk *chunk = &w->chunks[i];
        if (ZSTD_isError(chunk->packed_bytes))
            return xb_fail(err, XB_E_HOST, 0, "cannot compress: %s",
                           ZSTD_getErrorName(chunk->packed_bytes));
        struct xb_record record = {
            .type = XB_RECORD_DATA,
            .offset = chunk->offset,
            .length = chunk->raw_bytes,
            .payload_bytes = (uint32_t)chunk->packed_bytes,
        };
        if (write_record(w, record, chunk->packed, err) < 0)
            return -1;
        w->crc = xb_stream_crc(w->crc, chunk->raw, chunk->raw_bytes);
        w->file_bytes += chunk->raw_bytes;
    }
    w->filled = 0;
    return 0;
}

static int begin_file(struct xb_stream_writer *w, const char *name, uint64_t bytes,
                      struct xb_err *err)
{
    size_t name_bytes = strlen(name);
    if (!xb_stream_name_ok(name, name_bytes) || bytes > XB_STREAM_FILE_MAX ||
        w->files == XB_STREAM_FILES_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "%s is too large for a stream, or too much", name);
    struct xb_record record = {
        .type = XB_RECORD_FILE, .length = bytes, .payload_bytes = (uint32_t)name_bytes};
    w->files++;
    w->file_bytes = 0;
    return write_record(w, record, name, err);
}

static int end_file(struct xb_stream_writer *w, struct xb_err *err)
{
    if (flush_chunks(w, err) < 0)
        return -1;
    w->data_bytes += w->file_bytes;
    return write_record(w, (struct xb_record){.type = XB_RECORD_FILE_END, .length = w->file_bytes},
                        NULL, err);
}

/* The next chunk to be written; zeros are left out. */
static int add_chunk(struct xb_stream_writer *w, uint64_t offset, size_t bytes, struct xb_err *err)
{
    struct chunk *chunk = &w->chunks[w->filled];
    if (xb_work_did(w->work, bytes, err) < 0)
        return -1;
    if (xb_all_zero(chunk->raw, bytes))
        return 0;
    chunk->offset = offset;
    chunk->raw_bytes = bytes;
    return ++w->filled < w->threads ? 0 : flush_chunks(w, err);
}

static int add_range(struct xb_stream_writer *w, const char *name, int fd, off_t at, off_t end,
                     struct xb_err *err)
{
    while (at < end) {
        char *raw = w->chunks[w->filled].raw;
        size_t want = end - at < XB_STREAM_CHUNK_BYTES ? (size_t)(end - at) : XB_STREAM_CHUNK_BYTES;
        ssize_t n = pread(fd, raw, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return xb_fail(err, XB_E_HOST, n < 0 ? errno : 0, "cannot read %s%s", name,
                           n == 0 ? ": it became smaller" : "");
        if (add_chunk(w, (uint64_t)at, (size_t)n, err) < 0)
            return -1;
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

int xb_stream_add_text(struct xb_stream_writer *w, const char *name, const char *text,
                       struct xb_err *err)
{
    size_t bytes = strlen(text);
    if (bytes > XB_STREAM_CHUNK_BYTES)
        return xb_fail(err, XB_E_INPUT, 0, "%s is too large for a stream", name);
    if (begin_file(w, name, bytes, err) < 0)
        return -1;
    memcpy(w->chunks[0].raw, text, bytes);
    if (bytes > 0 && add_chunk(w, 0, bytes, err) < 0)
        return -1;
    return end_file(w, err);
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
