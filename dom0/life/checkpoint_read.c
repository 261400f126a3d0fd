#include "checkpoint_file.h"

#include "base.h"
#include "checkpoint_file_i.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <zlib.h>
#include <zstd.h>

#define VERIFY_BYTES (256 * 1024)

struct xb_checkpoint_reader {
    int fd;
    const char *path;
    json_t *head, *tail;
    off_t body_at; /* where the chunks begin */
    ZSTD_DCtx *zstd;
    bool frame_open; /* zstd's frame has begun and not ended */
    unsigned char *chunk;
    size_t chunk_bytes, used_bytes;
    uint64_t chunks, stored_bytes, raw_bytes;
    uint32_t raw_crc;
};

static int __attribute__((format(printf, 3, 4)))
damaged(const struct xb_checkpoint_reader *reader, struct xb_err *err, const char *fmt, ...)
{
    char what[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s is not whole or is damaged: %s",
                   reader->path, what);
}

/* All of it, or it is damaged. */
static int read_all(struct xb_checkpoint_reader *reader, void *bytes, size_t count,
                    struct xb_err *err)
{
    for (size_t done = 0; done < count;) {
        ssize_t n = read(reader->fd, (char *)bytes + done, count - done);
        if (n < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot read %s", reader->path);
        if (n == 0)
            return damaged(reader, err, "it ends early");
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

static int read_json(struct xb_checkpoint_reader *reader, const char *what, json_t **out,
                     struct xb_err *err)
{
    unsigned char frame[8];
    json_error_t why;
    if (read_all(reader, frame, sizeof(frame), err) < 0)
        return -1;
    uint32_t bytes = xb_get_le32(frame);
    if (bytes > XB_CHECKPOINT_JSON_MAX)
        return damaged(reader, err, "its %s is too long", what);
    xb_auto_free char *text = malloc(bytes + 1);
    if (!text)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot read %s", reader->path);
    if (read_all(reader, text, bytes, err) < 0)
        return -1;
    if (crc32_z(0, (const Bytef *)text, bytes) != xb_get_le32(frame + 4))
        return damaged(reader, err, "its %s does not have its checksum", what);
    *out = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(*out))
        return damaged(reader, err, "its %s is no JSON object", what);
    return 0;
}

static int read_head(struct xb_checkpoint_reader *reader, struct xb_err *err)
{
    char magic[XB_CHECKPOINT_MAGIC_BYTES] = "";
    const char *packing = NULL;
    int format = 0;
    struct xb_err why = {0};
    if (read_all(reader, magic, sizeof(magic), &why) < 0 ||
        memcmp(magic, XB_CHECKPOINT_MAGIC, sizeof(magic)) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is no checkpoint of xenbench%s", reader->path,
                       memcmp(magic, "Xen save", 8) == 0 ? " (but one of xl: `xl restore` reads it)"
                                                         : "");
    if (read_json(reader, "head", &reader->head, err) < 0)
        return -1;
    if (json_unpack(reader->head, "{s:i, s:s}", "format", &format, "packing", &packing) < 0 ||
        format != XB_CHECKPOINT_FORMAT)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the checkpoint %s is of format %d, this xenbench reads %d", reader->path,
                       format, XB_CHECKPOINT_FORMAT);
    if (strcmp(packing, "zstd") == 0)
        reader->zstd = ZSTD_createDCtx();
    else if (strcmp(packing, "none") != 0)
        return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s is packed in an unknown way: %.32s",
                       reader->path, packing);
    reader->body_at = lseek(reader->fd, 0, SEEK_CUR);
    return 0;
}

int xb_checkpoint_read_begin(struct xb_checkpoint_reader **out, int fd, const char *path,
                             struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = calloc(1, sizeof(*reader));
    unsigned char *chunk = malloc(XB_CHECKPOINT_CHUNK_MAX);
    if (!reader || !chunk) {
        free(reader);
        free(chunk);
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot read %s", path);
    }
    reader->fd = fd;
    reader->path = path;
    reader->chunk = chunk;
    if (read_head(reader, err) < 0) {
        xb_checkpoint_reader_free(reader);
        return -1;
    }
    *out = reader;
    return 0;
}

const json_t *xb_checkpoint_head(const struct xb_checkpoint_reader *reader)
{
    return reader->head;
}

const json_t *xb_checkpoint_tail(const struct xb_checkpoint_reader *reader)
{
    return reader->tail;
}

static uint64_t tail_number(const struct xb_checkpoint_reader *reader, const char *key)
{
    const json_t *value = json_object_get(reader->tail, key);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : UINT64_MAX;
}

/* The tail must agree with what was read, and nothing may follow it. */
static int read_tail(struct xb_checkpoint_reader *reader, struct xb_err *err)
{
    char more;
    if (read_json(reader, "tail", &reader->tail, err) < 0)
        return -1;
    if (tail_number(reader, "chunks") != reader->chunks ||
        tail_number(reader, "stored_bytes") != reader->stored_bytes)
        return damaged(reader, err, "its tail counts other chunks than it has");
    ssize_t n = read(reader->fd, &more, 1);
    if (n > 0)
        return damaged(reader, err, "something follows its end");
    return n < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot read %s", reader->path) : 0;
}

/* The next chunk into memory: 1, or 0 when the tail came instead. */
static int read_chunk(struct xb_checkpoint_reader *reader, struct xb_err *err)
{
    unsigned char word[4];
    if (reader->tail)
        return 0;
    if (read_all(reader, word, sizeof(word), err) < 0)
        return -1;
    uint32_t bytes = xb_get_le32(word);
    if (bytes == 0)
        return read_tail(reader, err);
    if (bytes > XB_CHECKPOINT_CHUNK_MAX)
        return damaged(reader, err, "chunk %" PRIu64 " is too long", reader->chunks);
    if (read_all(reader, word, sizeof(word), err) < 0 ||
        read_all(reader, reader->chunk, bytes, err) < 0)
        return -1;
    if (crc32_z(0, reader->chunk, bytes) != xb_get_le32(word))
        return damaged(reader, err, "chunk %" PRIu64 " does not have its checksum", reader->chunks);
    reader->chunks++;
    reader->stored_bytes += bytes;
    reader->chunk_bytes = bytes;
    reader->used_bytes = 0;
    return 1;
}

int xb_checkpoint_check(struct xb_checkpoint_reader *reader, json_t **tail, struct xb_err *err)
{
    int r;
    while ((r = read_chunk(reader, err)) > 0)
        continue;
    if (r < 0)
        return -1;
    if (lseek(reader->fd, reader->body_at, SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s again", reader->path);
    if (tail)
        *tail = json_incref(reader->tail);
    json_decref(reader->tail);
    reader->tail = NULL;
    reader->chunks = reader->stored_bytes = 0;
    reader->chunk_bytes = reader->used_bytes = 0;
    return 0;
}

/* Unpack what the chunk in memory gives: how much, which may be nothing yet. */
static ssize_t unpack(struct xb_checkpoint_reader *reader, void *bytes, size_t count,
                      struct xb_err *err)
{
    size_t left = reader->chunk_bytes - reader->used_bytes;
    if (!reader->zstd) {
        size_t n = left < count ? left : count;
        memcpy(bytes, reader->chunk + reader->used_bytes, n);
        reader->used_bytes += n;
        return (ssize_t)n;
    }
    ZSTD_inBuffer in = {.src = reader->chunk + reader->used_bytes, .size = left};
    ZSTD_outBuffer out = {.dst = bytes, .size = count};
    size_t r = ZSTD_decompressStream(reader->zstd, &out, &in);
    if (ZSTD_isError(r))
        return damaged(reader, err, "it cannot be unpacked: %s", ZSTD_getErrorName(r));
    reader->used_bytes += in.pos;
    reader->frame_open = r != 0;
    return (ssize_t)out.pos;
}

static int check_end(struct xb_checkpoint_reader *reader, struct xb_err *err)
{
    if (reader->frame_open)
        return damaged(reader, err, "what is packed in it ends early");
    if (tail_number(reader, "raw_bytes") != reader->raw_bytes ||
        tail_number(reader, "raw_crc32") != reader->raw_crc)
        return damaged(reader, err, "what is packed in it is not what was packed");
    return 0;
}

ssize_t xb_checkpoint_read(struct xb_checkpoint_reader *reader, void *bytes, size_t count,
                           struct xb_err *err)
{
    for (;;) {
        /* zstd may hold more than it gave, also when it has taken all of the chunk. */
        bool pending = reader->chunk_bytes > reader->used_bytes || reader->frame_open;
        ssize_t n = pending && reader->chunk_bytes ? unpack(reader, bytes, count, err) : 0;
        if (n < 0)
            return -1;
        if (n > 0) {
            reader->raw_bytes += (uint64_t)n;
            reader->raw_crc = (uint32_t)crc32_z(reader->raw_crc, bytes, (size_t)n);
            return n;
        }
        if (reader->chunk_bytes > reader->used_bytes)
            continue;
        int r = read_chunk(reader, err);
        if (r <= 0)
            return r < 0 ? -1 : check_end(reader, err);
    }
}

void xb_checkpoint_reader_free(struct xb_checkpoint_reader *reader)
{
    if (!reader)
        return;
    json_decref(reader->head);
    json_decref(reader->tail);
    ZSTD_freeDCtx(reader->zstd);
    free(reader->chunk);
    free(reader);
}

int xb_checkpoint_verify(int fd, const char *path, struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    xb_auto_free char *bytes = malloc(VERIFY_BYTES);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!bytes || lseek(fd, 0, SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s again", path);
    if (xb_checkpoint_read_begin(&reader, fd, path, err) < 0)
        return -1;
    ssize_t n;
    while ((n = xb_checkpoint_read(reader, bytes, VERIFY_BYTES, err)) > 0)
        continue;
    xb_checkpoint_reader_free(reader);
    return n < 0 ? -1 : 0;
}
