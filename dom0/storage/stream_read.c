#include "alloc.h"
#include "base.h"
#include "sparse.h"
#include "stream.h"
#include "stream_format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#define HOLE_BYTES 4096 /* a run of zeros this long becomes a hole */

struct xb_stream_reader {
    int fd;
    struct xb_work *work;
    ZSTD_DCtx *zstd;
    enum xb_stream_version version;
    uint32_t number;
    uint32_t files;
    uint32_t crc;
    uint64_t data_bytes;
    bool in_file;
    bool skipped; /* some data was skipped, so crc does not cover all of it */
    struct xb_stream_file file;
    char names[XB_STREAM_FILES_MAX][XB_STREAM_NAME_MAX + 1];
    struct xb_record record;
    char *packed, *raw;
    size_t packed_max;
};

static int damaged(const struct xb_stream_reader *r, const char *how, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "the stream is damaged: %s (record %u)", how, r->number);
}

static int read_all(struct xb_stream_reader *r, void *buf, size_t bytes, struct xb_err *err)
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

int xb_stream_open(struct xb_stream_reader **out, int fd, struct xb_work *work, struct xb_err *err)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_auto_stream_reader struct xb_stream_reader *r = xb_calloc(1, sizeof(*r));
    r->fd = fd;
    r->work = work;
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

void xb_stream_reader_free(struct xb_stream_reader *r)
{
    if (!r)
        return;
    ZSTD_freeDCtx(r->zstd);
    free(r->packed);
    free(r->raw);
    free(r);
}

/* Read the next record; its payload is in r->packed. */
static int next_record(struct xb_stream_reader *r, struct xb_err *err)
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

static int take_end(struct xb_stream_reader *r, struct xb_err *err)
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

static bool is_flow(const struct xb_stream_reader *r, uint64_t bytes)
{
    return bytes == XB_STREAM_FLOW && r->version >= XB_STREAM_OF_FLOWS;
}

int xb_stream_next(struct xb_stream_reader *r, struct xb_stream_file *out, struct xb_err *err)
{
    if (r->in_file && xb_stream_read(r, NULL, NULL, err) < 0)
        return -1;
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
    r->in_file = true;
    return 1;
}

/* Does the chunk belong to the file, after the chunk that ended at `from`? */
static bool chunk_fits(const struct xb_stream_reader *r, uint64_t from)
{
    const struct xb_record *record = &r->record;
    bool flow = r->file.bytes == XB_STREAM_FLOW;
    uint64_t size = flow ? XB_STREAM_FILE_MAX : r->file.bytes;
    return record->length > 0 && record->length <= XB_STREAM_CHUNK_BYTES &&
           record->offset >= from && (!flow || record->offset == from) && record->offset <= size &&
           record->length <= size - record->offset;
}

/* The chunk's data: stored in r->packed, or unpacked into r->raw. NULL if it is damaged. */
static const char *unpack(struct xb_stream_reader *r)
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

/* The receiver of the data. */
struct taker {
    xb_stream_sink_fn *sink; /* NULL: no receiver */
    void *arg;
    bool packed; /* leave the data packed; then there is no receiver */
};

static int take_chunk(struct xb_stream_reader *r, uint64_t from, const struct taker *taker,
                      struct xb_err *err)
{
    const struct xb_record *record = &r->record;
    if (!chunk_fits(r, from))
        return damaged(r, "a chunk does not fit its file", err);
    if (taker->packed)
        return xb_work_did(r->work, record->length, err);
    const char *data = unpack(r);
    if (!data)
        return damaged(r, "a chunk cannot be unpacked", err);
    if (xb_work_did(r->work, record->length, err) < 0)
        return -1;
    return taker->sink ? taker->sink(taker->arg, record->offset, data, record->length, err) : 0;
}

static bool is_chunk(const struct xb_stream_reader *r)
{
    return r->record.type == XB_RECORD_DATA ||
           (r->record.type == XB_RECORD_STORED && r->version >= XB_STREAM_OF_FLOWS);
}

static int take_file(struct xb_stream_reader *r, const struct taker *taker, struct xb_err *err)
{
    uint64_t from = 0, data_bytes = 0;
    for (;;) {
        if (next_record(r, err) < 0)
            return -1;
        if (!is_chunk(r))
            break;
        if (take_chunk(r, from, taker, err) < 0)
            return -1;
        from = r->record.offset + r->record.length;
        data_bytes += r->record.length;
    }
    if (r->record.type != XB_RECORD_FILE_END || r->record.payload_bytes ||
        r->record.length != data_bytes)
        return damaged(r, "a file does not match its end record", err);
    r->data_bytes += data_bytes;
    r->in_file = false;
    return 0;
}

int xb_stream_read(struct xb_stream_reader *r, xb_stream_sink_fn *sink, void *arg,
                   struct xb_err *err)
{
    return take_file(r, &(struct taker){.sink = sink, .arg = arg}, err);
}

int xb_stream_skip(struct xb_stream_reader *r, struct xb_err *err)
{
    r->skipped = true;
    return take_file(r, &(struct taker){.packed = true}, err);
}

static int sink_text(void *arg, uint64_t offset, const void *data, size_t bytes,
                     struct xb_err *err XB_UNUSED)
{
    memcpy((char *)arg + offset, data, bytes);
    return 0;
}

int xb_stream_read_text(struct xb_stream_reader *r, const struct xb_stream_file *file,
                        size_t max_bytes, char **out, struct xb_err *err)
{
    if (file->bytes > max_bytes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the stream's %s has %" PRIu64 " bytes; at most %zu are "
                       "allowed",
                       file->name, file->bytes, max_bytes);
    xb_auto_free char *text = xb_calloc(1, file->bytes + 1);
    if (xb_stream_read(r, sink_text, text, err) < 0)
        return -1;
    if (strlen(text) != file->bytes)
        return xb_fail(err, XB_E_INPUT, 0, "the stream's %s is not text", file->name);
    *out = xb_steal_ptr(&text);
    return 0;
}

/* Skip zeros, because the target holds zeros already. */
static int sink_disk(void *arg, uint64_t offset, const void *data, size_t bytes, struct xb_err *err)
{
    const char *at = data;
    int fd = *(const int *)arg;
    for (size_t done = 0; done < bytes;) {
        size_t run = 0; /* the bytes to write at once */
        while (done + run < bytes) {
            size_t piece = bytes - done - run < HOLE_BYTES ? bytes - done - run : HOLE_BYTES;
            if (xb_all_zero(at + done + run, piece))
                break;
            run += piece;
        }
        if (run && xb_write_at(fd, at + done, run, (off_t)(offset + done)) < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot write the stream's data");
        done += run ? run : bytes - done < HOLE_BYTES ? bytes - done : HOLE_BYTES;
    }
    return 0;
}

int xb_stream_read_to(struct xb_stream_reader *r, const struct xb_stream_file *file, int fd,
                      struct xb_err *err)
{
    struct stat st;
    if (file->bytes == XB_STREAM_FLOW)
        return xb_fail(err, XB_E_INPUT, 0, "the stream's %s has no size, so it is not a disk",
                       file->name);
    if (fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", file->name);
    if (S_ISREG(st.st_mode) && ftruncate(fd, (off_t)file->bytes) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot give %s its size", file->name);
    if (xb_disk_size(fd) < (off_t)file->bytes)
        return xb_fail(err, XB_E_HOST, 0, "%s has %" PRIu64 " bytes, more than the device",
                       file->name, file->bytes);
    if (xb_stream_read(r, sink_disk, &fd, err) < 0)
        return -1;
    return fsync(fd) < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot write %s", file->name) : 0;
}

int xb_stream_verify(struct xb_stream_reader *r, struct xb_err *err)
{
    struct xb_stream_file file;
    int more;
    while ((more = xb_stream_next(r, &file, err)) > 0)
        continue;
    return more;
}

uint64_t xb_stream_held(const struct xb_stream_reader *r)
{
    return r->data_bytes;
}
