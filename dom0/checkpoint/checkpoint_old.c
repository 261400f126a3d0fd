/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_old.h"

#include "alloc.h"
#include "base.h"
#include "checkpoint_file.h"
#include "files.h"
#include "stream_format.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <zstd.h>

#define CHUNK_MAX XB_MIB
#define OUT_BYTES (256 * XB_KIB)

struct body {
    int fd;
    ZSTD_DCtx *zstd; /* NULL: the chunks are not compressed */
    bool unpack;
    xb_stream_sink_fn *sink;
    void *arg;
    char *chunk, *out;
    bool frame_open; /* a zstd frame has begun and not ended */
    uint64_t chunks, stored_bytes, raw_bytes;
    uint32_t raw_crc;
};

static void end_body(struct body *body)
{
    ZSTD_freeDCtx(body->zstd);
    free(body->chunk);
    free(body->out);
}
#define xb_auto_body XB_AUTO(end_body)

static int damaged(const char *how, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "%s", how);
}

static int read_all(int fd, void *bytes, size_t count, struct xb_err *err)
{
    for (size_t done = 0; done < count;) {
        ssize_t n = read(fd, (char *)bytes + done, count - done);
        if (n < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot read it");
        if (n == 0)
            return damaged("it ends early", err);
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

static int read_number(int fd, uint32_t *out, struct xb_err *err)
{
    if (read_all(fd, out, sizeof(*out), err) < 0)
        return -1;
    *out = le32toh(*out);
    return 0;
}

/* Read a checksum and `count` bytes, and compare them. */
static int read_checked(int fd, char *bytes, uint32_t count, struct xb_err *err)
{
    uint32_t crc;
    if (read_number(fd, &crc, err) < 0 || read_all(fd, bytes, count, err) < 0)
        return -1;
    return xb_stream_crc_fits(xb_stream_crc(0, bytes, count), crc)
               ? 0
               : damaged("a checksum does not fit", err);
}

static int read_json(int fd, json_t **out, struct xb_err *err)
{
    uint32_t count;
    if (read_number(fd, &count, err) < 0)
        return -1;
    if (count > XB_CHECKPOINT_JSON_MAX)
        return damaged("its head or tail is too long", err);
    xb_auto_free char *text = xb_malloc(count + 1);
    if (read_checked(fd, text, count, err) < 0)
        return -1;
    *out = json_loadb(text, count, JSON_REJECT_DUPLICATES, NULL);
    return json_is_object(*out) ? 0 : damaged("its head or tail is no JSON object", err);
}

int xb_old_checkpoint_head(int fd, json_t **head, struct xb_err *err)
{
    if (lseek(fd, (off_t)strlen(XB_OLD_CHECKPOINT_MAGIC), SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read it");
    xb_auto_json json_t *json = NULL;
    const char *packing = NULL;
    int format = 0;
    if (read_json(fd, &json, err) < 0)
        return -1;
    if (json_unpack(json, "{s:i, s:s}", "format", &format, "packing", &packing) < 0 ||
        format != 1 || (strcmp(packing, "zstd") != 0 && strcmp(packing, "none") != 0))
        return damaged("its format or packing is unknown", err);
    *head = xb_steal_ptr(&json);
    return 0;
}

static int give(struct body *body, const char *bytes, size_t count, struct xb_err *err)
{
    uint64_t at = body->raw_bytes;
    body->raw_bytes += count;
    body->raw_crc = xb_stream_crc(body->raw_crc, bytes, count);
    return count && body->sink ? body->sink(body->arg, at, bytes, count, err) : 0;
}

static int unpack(struct body *body, size_t count, struct xb_err *err)
{
    ZSTD_inBuffer in = {.src = body->chunk, .size = count};
    ZSTD_outBuffer out;
    if (!body->zstd)
        return give(body, body->chunk, count, err);
    do {
        out = (ZSTD_outBuffer){.dst = body->out, .size = OUT_BYTES};
        size_t r = ZSTD_decompressStream(body->zstd, &out, &in);
        if (ZSTD_isError(r))
            return damaged("it cannot be unpacked", err);
        body->frame_open = r != 0;
        if (give(body, body->out, out.pos, err) < 0)
            return -1;
    } while (in.pos < in.size || (body->frame_open && out.pos == out.size));
    return 0;
}

static bool counts(const json_t *tail, const char *key, uint64_t number)
{
    const json_t *value = json_object_get(tail, key);
    return json_is_integer(value) && (uint64_t)json_integer_value(value) == number;
}

/* The tail must agree with the data, and be last. */
static int check_tail(const struct body *body, const json_t *tail, struct xb_err *err)
{
    char more;
    if (!counts(tail, "chunks", body->chunks) || !counts(tail, "stored_bytes", body->stored_bytes))
        return damaged("its tail counts other chunks than it has", err);
    uint64_t raw_crc = (uint64_t)json_integer_value(json_object_get(tail, "raw_crc32"));
    if (body->unpack &&
        (body->frame_open || !counts(tail, "raw_bytes", body->raw_bytes) || raw_crc > UINT32_MAX ||
         !xb_stream_crc_fits(body->raw_crc, (uint32_t)raw_crc)))
        return damaged("the unpacked data is not what was packed", err);
    ssize_t n = read(body->fd, &more, 1);
    if (n > 0)
        return damaged("something follows its end", err);
    return n < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot read it") : 0;
}

static int read_chunks(struct body *body, struct xb_err *err)
{
    for (;;) {
        uint32_t count;
        if (read_number(body->fd, &count, err) < 0)
            return -1;
        if (count == 0)
            return 0;
        if (count > CHUNK_MAX)
            return damaged("a chunk is too long", err);
        if (read_checked(body->fd, body->chunk, count, err) < 0)
            return -1;
        body->chunks++;
        body->stored_bytes += count;
        if (body->unpack && unpack(body, count, err) < 0)
            return -1;
    }
}

int xb_old_checkpoint_body(int fd, const json_t *head, bool unpack, xb_stream_sink_fn *sink,
                           void *arg, json_t **tail, struct xb_err *err)
{
    bool packed = strcmp(json_string_value(json_object_get(head, "packing")), "zstd") == 0;
    xb_auto_body struct body body = {.fd = fd, .unpack = unpack, .sink = sink, .arg = arg};
    xb_auto_json json_t *json = NULL;
    body.chunk = xb_malloc(CHUNK_MAX);
    body.out = xb_malloc(OUT_BYTES);
    body.zstd = packed ? xb_need(ZSTD_createDCtx()) : NULL;
    if (read_chunks(&body, err) < 0 || read_json(fd, &json, err) < 0 ||
        check_tail(&body, json, err) < 0)
        return -1;
    *tail = xb_steal_ptr(&json);
    return 0;
}
