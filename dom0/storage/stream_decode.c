/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "base.h"
#include "stream_decode.h"
#include "stream_format.h"

#include <errno.h>
#include <string.h>
#include <zstd.h>

struct xb_stream_decoder {
    int fd;
    ZSTD_DCtx *zstd;
    enum xb_stream_version version;
    uint32_t number;
    uint32_t files;
    uint32_t crc;
    uint64_t data_bytes;
    bool skipped; /* some data was skipped, so crc does not cover all of it */
    struct xb_stream_file file;
    char names[XB_STREAM_FILES_MAX][XB_STREAM_NAME_MAX + 1];
    struct xb_record record;
    char *packed, *raw;
    size_t packed_max;
};

static int damaged(const struct xb_stream_decoder *r, const char *how, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "the stream is damaged: %s (record %u)", how, r->number);
}

static int read_all(struct xb_stream_decoder *r, void *buf, size_t bytes, struct xb_err *err)
{
    char *at = buf;
    while (bytes > 0) {
        ssize_t n = read(r->fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot read the stream");
        if (n == 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "the stream ends before its end: it was cut off (record %u)", r->number);
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

XB_CLEANUP(decoder, struct xb_stream_decoder *, xb_decoder_free)
#define xb_auto_decoder XB_AUTO(xb_cleanup_decoder)

int xb_decoder_open(struct xb_stream_decoder **out, int fd, struct xb_err *err)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_auto_decoder struct xb_stream_decoder *r = xb_calloc(1, sizeof(*r));
    r->fd = fd;
    r->packed_max = ZSTD_compressBound(XB_STREAM_CHUNK_BYTES);
    r->packed = xb_malloc(r->packed_max);
    r->raw = xb_malloc(XB_STREAM_CHUNK_BYTES);
    r->zstd = xb_need(ZSTD_createDCtx());
    if (read_all(r, head, sizeof(head), err) < 0 ||
        xb_stream_check_head(head, &r->version, err) < 0)
        return -1;
    *out = xb_steal_ptr(&r);
    return 0;
}

void xb_decoder_free(struct xb_stream_decoder *r)
{
    if (!r)
        return;
    ZSTD_freeDCtx(r->zstd);
    free(r->packed);
    free(r->raw);
    free(r);
}

/* Read the next record; its payload is in r->packed. */
static int next_record(struct xb_stream_decoder *r, struct xb_err *err)
{
    uint8_t head[XB_RECORD_HEAD_BYTES];
    if (read_all(r, head, sizeof(head), err) < 0)
        return -1;
    if (!xb_record_decode(head, &r->record))
        return damaged(r, "the checksum of a record's head is wrong", err);
    if (r->record.number != r->number)
        return damaged(r, "a record is missing or out of place", err);
    if (r->record.payload_bytes > r->packed_max)
        return damaged(r, "a record is too large", err);
    if (read_all(r, r->packed, r->record.payload_bytes, err) < 0)
        return -1;
    if (r->record.type != XB_RECORD_END &&
        !xb_stream_crc_fits(xb_stream_crc(0, r->packed, r->record.payload_bytes),
                            r->record.payload_crc))
        return damaged(r, "a checksum does not fit", err);
    r->number++;
    return 0;
}

static int take_end(struct xb_stream_decoder *r, struct xb_err *err)
{
    char more;
    if (r->record.payload_bytes || r->record.offset != r->files ||
        r->record.length != r->data_bytes ||
        !(r->skipped || xb_stream_crc_fits(r->crc, r->record.payload_crc)))
        return damaged(r, "its data does not match its end record", err);
    ssize_t n = read(r->fd, &more, 1);
    if (n != 0)
        return n < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot read the stream")
                     : damaged(r, "something follows its end", err);
    return 0;
}

static bool is_flow(const struct xb_stream_decoder *r, uint64_t bytes)
{
    return bytes == XB_STREAM_FLOW && r->version >= XB_STREAM_OF_FLOWS;
}

int xb_decoder_next(struct xb_stream_decoder *r, struct xb_stream_file *out, struct xb_err *err)
{
    if (next_record(r, err) < 0)
        return -1;
    if (r->record.type == XB_RECORD_END)
        return take_end(r, err);
    if (r->record.type != XB_RECORD_FILE || r->files == XB_STREAM_FILES_MAX ||
        !xb_stream_name_ok(r->packed, r->record.payload_bytes) ||
        (r->record.length > XB_STREAM_FILE_MAX && !is_flow(r, r->record.length)))
        return damaged(r, "no file begins where one should", err);
    struct xb_stream_file file = {.bytes = r->record.length};
    memcpy(file.name, r->packed, r->record.payload_bytes);
    for (uint32_t i = 0; i < r->files; i++)
        if (strcmp(r->names[i], file.name) == 0)
            return damaged(r, "a file comes twice", err);
    memcpy(r->names[r->files++], file.name, sizeof(file.name));
    r->file = *out = file;
    return 1;
}

bool xb_chunk_fits(const struct xb_stream_file *file, uint64_t from, uint64_t offset,
                   uint64_t length)
{
    bool flow = file->bytes == XB_STREAM_FLOW;
    uint64_t size = flow ? XB_STREAM_FILE_MAX : file->bytes;
    return length > 0 && length <= XB_STREAM_CHUNK_BYTES && offset >= from &&
           (!flow || offset == from) && offset <= size && length <= size - offset;
}

/* The chunk's data: stored in r->packed, or unpacked into r->raw. NULL if it is damaged. */
static const char *unpack(struct xb_stream_decoder *r)
{
    const struct xb_record *record = &r->record;
    if (record->type == XB_RECORD_STORED) {
        r->crc = xb_stream_crc_join(r->crc, record->payload_crc, record->length);
        return record->payload_bytes == record->length ? r->packed : NULL;
    }
    size_t n =
        ZSTD_decompressDCtx(r->zstd, r->raw, record->length, r->packed, record->payload_bytes);
    if (ZSTD_isError(n) || n != record->length)
        return NULL;
    r->crc = xb_stream_crc(r->crc, r->raw, n);
    return r->raw;
}

static int take_chunk(struct xb_stream_decoder *r, uint64_t from, bool unpacks,
                      xb_chunk_fn *on_chunk, void *arg, struct xb_err *err)
{
    const struct xb_record *record = &r->record;
    if (!xb_chunk_fits(&r->file, from, record->offset, record->length))
        return damaged(r, "a chunk does not fit its file", err);
    const char *data = unpacks ? unpack(r) : NULL;
    if (unpacks && !data)
        return damaged(r, "a chunk cannot be unpacked", err);
    return on_chunk(arg, record->offset, data, record->length, err);
}

static bool is_chunk(const struct xb_stream_decoder *r)
{
    return r->record.type == XB_RECORD_DATA ||
           (r->record.type == XB_RECORD_STORED && r->version >= XB_STREAM_OF_FLOWS);
}

int xb_decoder_read(struct xb_stream_decoder *r, bool unpacks, xb_chunk_fn *on_chunk, void *arg,
                    struct xb_err *err)
{
    uint64_t from = 0, data_bytes = 0;
    r->skipped |= !unpacks;
    for (;;) {
        if (next_record(r, err) < 0)
            return -1;
        if (!is_chunk(r))
            break;
        if (take_chunk(r, from, unpacks, on_chunk, arg, err) < 0)
            return -1;
        from = r->record.offset + r->record.length;
        data_bytes += r->record.length;
    }
    if (r->record.type != XB_RECORD_FILE_END || r->record.payload_bytes ||
        r->record.length != data_bytes)
        return damaged(r, "a file does not match its end record", err);
    r->data_bytes += data_bytes;
    return 0;
}
