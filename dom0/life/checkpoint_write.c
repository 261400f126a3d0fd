#include "checkpoint_file.h"

#include "base.h"
#include "files.h"
#include "checkpoint_file_i.h"

#include <errno.h>
#include <fcntl.h>
#include <zlib.h>
#include <zstd.h>

/* The disk is kept busy while the guest is still being read, so that the sync at the end is short. */
#define WRITEBACK_BYTES (UINT64_C(8) << 20)

struct xb_checkpoint_writer {
    int fd;
    const char *path;
    ZSTD_CCtx *zstd; /* NULL: not compressed */
    unsigned char chunk[8 + XB_CHECKPOINT_CHUNK_MAX]; /* its frame goes before it */
    size_t filled_bytes;                              /* of the chunk, without the frame */
    uint64_t chunks, stored_bytes, raw_bytes;
    uint64_t at, flushed_at; /* the file's end, and how far writing it to the disk was begun */
    uint32_t raw_crc;
};

static int write_all(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                     struct xb_err *err)
{
    if (xb_write_all(writer->fd, bytes, count) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", writer->path);
    writer->at += count;
    if (writer->at - writer->flushed_at >= WRITEBACK_BYTES) {
        sync_file_range(writer->fd, (off_t)writer->flushed_at,
                        (off_t)(writer->at - writer->flushed_at), SYNC_FILE_RANGE_WRITE);
        writer->flushed_at = writer->at;
    }
    return 0;
}

static int write_json(struct xb_checkpoint_writer *writer, const json_t *json, struct xb_err *err)
{
    unsigned char frame[8];
    xb_auto_free char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    size_t bytes = text ? strlen(text) : 0;
    if (!text || bytes > XB_CHECKPOINT_JSON_MAX)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot describe the checkpoint %s", writer->path);
    xb_put_le32(frame, (uint32_t)bytes);
    xb_put_le32(frame + 4, (uint32_t)crc32_z(0, (const Bytef *)text, bytes));
    if (write_all(writer, frame, sizeof(frame), err) < 0)
        return -1;
    return write_all(writer, text, bytes, err);
}

static int set_up_zstd(struct xb_checkpoint_writer *writer,
                       const struct xb_checkpoint_packing *packing, struct xb_err *err)
{
    writer->zstd = ZSTD_createCCtx();
    size_t r = writer->zstd
                   ? ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, packing->level)
                   : 0;
    if (!writer->zstd || ZSTD_isError(r))
        return xb_fail(err, XB_E_HOST, 0, "zstd cannot be set up for level %d", packing->level);
    /* A libzstd that was built without threads goes without them. */
    if (packing->threads > 1)
        ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_nbWorkers, packing->threads);
    return 0;
}

int xb_checkpoint_write_begin(struct xb_checkpoint_writer **out, int fd, const char *path,
                              json_t *head, const struct xb_checkpoint_packing *packing,
                              struct xb_err *err)
{
    struct xb_checkpoint_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot write %s", path);
    writer->fd = fd;
    writer->path = path;
    json_object_set_new(head, "format", json_integer(XB_CHECKPOINT_FORMAT));
    json_object_set_new(head, "packing", json_string(packing->compress ? "zstd" : "none"));
    if (packing->compress)
        json_object_set_new(head, "level", json_integer(packing->level));
    if ((packing->compress && set_up_zstd(writer, packing, err) < 0) ||
        write_all(writer, XB_CHECKPOINT_MAGIC, XB_CHECKPOINT_MAGIC_BYTES, err) < 0 ||
        write_json(writer, head, err) < 0) {
        xb_checkpoint_writer_free(writer);
        return -1;
    }
    *out = writer;
    return 0;
}

static int write_chunk(struct xb_checkpoint_writer *writer, struct xb_err *err)
{
    size_t bytes = writer->filled_bytes;
    if (bytes == 0)
        return 0;
    xb_put_le32(writer->chunk, (uint32_t)bytes);
    xb_put_le32(writer->chunk + 4, (uint32_t)crc32_z(0, writer->chunk + 8, bytes));
    writer->chunks++;
    writer->stored_bytes += bytes;
    writer->filled_bytes = 0;
    return write_all(writer, writer->chunk, 8 + bytes, err);
}

static int store(struct xb_checkpoint_writer *writer, const unsigned char *bytes, size_t count,
                 struct xb_err *err)
{
    while (count > 0) {
        size_t room = XB_CHECKPOINT_CHUNK_MAX - writer->filled_bytes;
        size_t n = count < room ? count : room;
        memcpy(writer->chunk + 8 + writer->filled_bytes, bytes, n);
        writer->filled_bytes += n;
        bytes += n;
        count -= n;
        if (n == room && write_chunk(writer, err) < 0)
            return -1;
    }
    return 0;
}

static int zstd_pack(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                    ZSTD_EndDirective how, struct xb_err *err)
{
    ZSTD_inBuffer in = {.src = bytes, .size = count};
    size_t left;
    do {
        ZSTD_outBuffer out = {.dst = writer->chunk + 8,
                              .size = XB_CHECKPOINT_CHUNK_MAX,
                              .pos = writer->filled_bytes};
        left = ZSTD_compressStream2(writer->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return xb_fail(err, XB_E_HOST, 0, "cannot compress %s: %s", writer->path,
                           ZSTD_getErrorName(left));
        writer->filled_bytes = out.pos;
        if (out.pos == out.size && write_chunk(writer, err) < 0)
            return -1;
    } while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
    return 0;
}

int xb_checkpoint_write(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                        struct xb_err *err)
{
    writer->raw_bytes += count;
    writer->raw_crc = (uint32_t)crc32_z(writer->raw_crc, bytes, count);
    return writer->zstd ? zstd_pack(writer, bytes, count, ZSTD_e_continue, err)
                        : store(writer, bytes, count, err);
}

int xb_checkpoint_write_end(struct xb_checkpoint_writer *writer, json_t *tail, struct xb_err *err)
{
    static const unsigned char no_chunk[4];
    if ((writer->zstd && zstd_pack(writer, NULL, 0, ZSTD_e_end, err) < 0) ||
        write_chunk(writer, err) < 0)
        return -1;
    json_object_set_new(tail, "chunks", json_integer((json_int_t)writer->chunks));
    json_object_set_new(tail, "stored_bytes", json_integer((json_int_t)writer->stored_bytes));
    json_object_set_new(tail, "raw_bytes", json_integer((json_int_t)writer->raw_bytes));
    json_object_set_new(tail, "raw_crc32", json_integer(writer->raw_crc));
    if (write_all(writer, no_chunk, sizeof(no_chunk), err) < 0 ||
        write_json(writer, tail, err) < 0)
        return -1;
    if (fsync(writer->fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s to the disk", writer->path);
    return 0;
}

void xb_checkpoint_writer_free(struct xb_checkpoint_writer *writer)
{
    if (!writer)
        return;
    ZSTD_freeCCtx(writer->zstd);
    free(writer);
}
