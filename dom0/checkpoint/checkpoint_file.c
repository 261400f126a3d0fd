/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_file.h"

#include "alloc.h"
#include "base.h"
#include "checkpoint_old.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FORMAT 2 /* of the JSON and the files in the stream; 1: checkpoint_old.h */
#define MEMORY_NAME "memory"
#define TAIL_NAME "end.json"

struct xb_checkpoint_writer {
    int fd;
    const char *path;
    struct xb_stream_writer *stream;
    uint64_t raw_bytes;
};

static int cannot_write(const struct xb_checkpoint_writer *writer, struct xb_err *err)
{
    return xb_fail_context(err, "the checkpoint %s", writer->path);
}

static int write_json(struct xb_checkpoint_writer *writer, const char *name, const json_t *json,
                      struct xb_err *err)
{
    xb_auto_free char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!text)
        return xb_fail(err, XB_E_HOST, 0, "its description is not UTF-8");
    return xb_stream_add_text(writer->stream, name, text, err);
}

int xb_checkpoint_write_begin(struct xb_checkpoint_writer **out, int fd, const char *path,
                              json_t *head, const struct xb_stream_packing *packing,
                              struct xb_err *err)
{
    struct xb_checkpoint_writer *writer = xb_calloc(1, sizeof(*writer));
    writer->fd = fd;
    writer->path = path;
    json_object_set_new(head, "format", json_integer(FORMAT));
    json_object_set_new(head, "packing", json_string(packing->compress ? "zstd" : "none"));
    if (packing->compress)
        json_object_set_new(head, "level", json_integer(packing->level));
    if (xb_stream_create(&writer->stream, fd, XB_STREAM_OF_FLOWS, packing, NULL, err) < 0 ||
        write_json(writer, XB_CHECKPOINT_HEAD_NAME, head, err) < 0 ||
        xb_stream_flow_begin(writer->stream, MEMORY_NAME, err) < 0) {
        cannot_write(writer, err);
        xb_checkpoint_writer_free(writer);
        return -1;
    }
    *out = writer;
    return 0;
}

int xb_checkpoint_write(struct xb_checkpoint_writer *writer, const void *bytes, size_t count,
                        struct xb_err *err)
{
    writer->raw_bytes += count;
    return xb_stream_flow_append(writer->stream, bytes, count, err) < 0 ? cannot_write(writer, err)
                                                                        : 0;
}

int xb_checkpoint_write_end(struct xb_checkpoint_writer *writer, const json_t *tail,
                            struct xb_err *err)
{
    if (xb_stream_flow_end(writer->stream, err) < 0 ||
        write_json(writer, TAIL_NAME, tail, err) < 0 || xb_stream_finish(writer->stream, err) < 0)
        return cannot_write(writer, err);
    if (fsync(writer->fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot sync %s to the disk", writer->path);
    return 0;
}

uint64_t xb_checkpoint_raw_bytes(const struct xb_checkpoint_writer *writer)
{
    return writer->raw_bytes;
}

uint64_t xb_checkpoint_stored_bytes(const struct xb_checkpoint_writer *writer)
{
    return xb_stream_written(writer->stream);
}

void xb_checkpoint_writer_free(struct xb_checkpoint_writer *writer)
{
    if (!writer)
        return;
    xb_stream_writer_free(writer->stream);
    free(writer);
}

struct xb_checkpoint_reader {
    int fd;
    const char *path;
    bool old;                        /* the format of checkpoint_old.h */
    struct xb_stream_reader *stream; /* NULL in the old format */
    json_t *head, *tail;
};

static int is_none(const struct xb_checkpoint_reader *reader, const char *but, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "%s is not a checkpoint of xenbench%s", reader->path, but);
}

/* Name the file in the message; the lower layers do not know it. */
static int cannot_read(const struct xb_checkpoint_reader *reader, struct xb_err *err)
{
    bool damaged = err && err->class == XB_E_INPUT;
    return xb_fail_context(err, "the checkpoint %s%s", reader->path,
                           damaged ? " is incomplete or damaged" : "");
}

static int read_json(struct xb_checkpoint_reader *reader, const struct xb_stream_file *file,
                     json_t **out, struct xb_err *err)
{
    xb_auto_free char *text = NULL;
    if (xb_stream_read_text(reader->stream, file, XB_CHECKPOINT_JSON_MAX, &text, err) < 0)
        return -1;
    xb_auto_json json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(json))
        return xb_fail(err, XB_E_INPUT, 0, "its %s is no JSON object", file->name);
    *out = xb_steal_ptr(&json);
    return 0;
}

/* Require that the next file has this name. */
static int expect_file(struct xb_checkpoint_reader *reader, const char *name,
                       struct xb_stream_file *file, struct xb_err *err)
{
    int more = xb_stream_next(reader->stream, file, err);
    if (more >= 0 && (more == 0 || strcmp(file->name, name) != 0))
        return xb_fail(err, XB_E_INPUT, 0, "its %s is missing", name);
    return more < 0 ? -1 : 0;
}

static int read_stream_head(struct xb_checkpoint_reader *reader, json_t **head, struct xb_err *err)
{
    struct xb_stream_file file;
    xb_stream_reader_free(xb_steal_ptr(&reader->stream));
    if (lseek(reader->fd, 0, SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", reader->path);
    if (xb_stream_open(&reader->stream, reader->fd, NULL, err) < 0)
        return cannot_read(reader, err);
    int more = xb_stream_next(reader->stream, &file, err);
    if (more > 0 && strcmp(file.name, XB_CHECKPOINT_HEAD_NAME) != 0)
        return is_none(reader, ", but an image or the backup of a disk", err);
    if (more == 0)
        return is_none(reader, ": it is empty", err);
    if (more < 0 || read_json(reader, &file, head, err) < 0)
        return cannot_read(reader, err);
    json_int_t format = json_integer_value(json_object_get(*head, "format"));
    return format == FORMAT ? 0
                            : xb_fail(err, XB_E_INPUT, 0,
                                      "the checkpoint %s has format %lld, this xenbench reads "
                                      "formats up to %d",
                                      reader->path, (long long)format, FORMAT);
}

/* Read the head from the start of the file. */
static int read_head(struct xb_checkpoint_reader *reader, json_t **head, struct xb_err *err)
{
    char magic[XB_STREAM_MAGIC_BYTES] = "";
    ssize_t n = pread(reader->fd, magic, sizeof(magic), 0);
    if (n == sizeof(magic) && memcmp(magic, XB_STREAM_MAGIC, sizeof(magic)) == 0)
        return read_stream_head(reader, head, err);
    reader->old = n == sizeof(magic) && memcmp(magic, XB_OLD_CHECKPOINT_MAGIC, sizeof(magic)) == 0;
    if (!reader->old)
        return is_none(reader,
                       memcmp(magic, "Xen save", sizeof(magic)) == 0
                           ? " (but one of xl: `xl restore` reads it)"
                           : "",
                       err);
    return xb_old_checkpoint_head(reader->fd, head, err) < 0 ? cannot_read(reader, err) : 0;
}

int xb_checkpoint_read_begin(struct xb_checkpoint_reader **out, int fd, const char *path,
                             struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = xb_calloc(1, sizeof(*reader));
    reader->fd = fd;
    reader->path = path;
    if (read_head(reader, &reader->head, err) < 0) {
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

/* The receiver of the memory. */
struct taker {
    bool unpack;
    xb_stream_sink_fn *sink; /* NULL: no receiver */
    void *arg;
    bool failed; /* the sink failed, so the error is not the file's */
};

static int give(void *arg, uint64_t offset, const void *data, size_t bytes, struct xb_err *err)
{
    struct taker *taker = arg;
    if (!taker->sink)
        return 0;
    taker->failed = taker->sink(taker->arg, offset, data, bytes, err) < 0;
    return taker->failed ? -1 : 0;
}

/* Read everything after the head. */
static int read_stream_body(struct xb_checkpoint_reader *reader, struct taker *taker, json_t **tail,
                            struct xb_err *err)
{
    struct xb_stream_file file;
    xb_auto_json json_t *json = NULL;
    if (expect_file(reader, MEMORY_NAME, &file, err) < 0 ||
        (taker->unpack ? xb_stream_read(reader->stream, give, taker, err)
                       : xb_stream_skip(reader->stream, err)) < 0 ||
        expect_file(reader, TAIL_NAME, &file, err) < 0 || read_json(reader, &file, &json, err) < 0)
        return -1;
    int more = xb_stream_next(reader->stream, &file, err);
    if (more > 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s follows its end", file.name);
    *tail = more == 0 ? xb_steal_ptr(&json) : NULL;
    return more;
}

static int read_body(struct xb_checkpoint_reader *reader, struct taker *taker, json_t **tail,
                     struct xb_err *err)
{
    int status = reader->old ? xb_old_checkpoint_body(reader->fd, reader->head, taker->unpack, give,
                                                      taker, tail, err)
                             : read_stream_body(reader, taker, tail, err);
    return status < 0 && !taker->failed ? cannot_read(reader, err) : status;
}

int xb_checkpoint_check(struct xb_checkpoint_reader *reader, json_t **tail, struct xb_err *err)
{
    struct taker nobody = {.unpack = false};
    xb_auto_json json_t *found = NULL, *head = NULL;
    if (read_body(reader, &nobody, &found, err) < 0 || read_head(reader, &head, err) < 0)
        return -1;
    if (!json_equal(head, reader->head))
        return xb_fail(err, XB_E_INPUT, 0, "the checkpoint %s changed while it was read",
                       reader->path);
    if (tail)
        *tail = xb_steal_ptr(&found);
    return 0;
}

int xb_checkpoint_read(struct xb_checkpoint_reader *reader, xb_stream_sink_fn *sink, void *arg,
                       struct xb_err *err)
{
    struct taker taker = {.unpack = true, .sink = sink, .arg = arg};
    return read_body(reader, &taker, &reader->tail, err);
}

void xb_checkpoint_reader_free(struct xb_checkpoint_reader *reader)
{
    if (!reader)
        return;
    xb_stream_reader_free(reader->stream);
    json_decref(reader->head);
    json_decref(reader->tail);
    free(reader);
}

int xb_checkpoint_verify(int fd, const char *path, xb_stream_sink_fn *sink, void *arg,
                         struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (xb_checkpoint_read_begin(&reader, fd, path, err) < 0)
        return -1;
    int status = xb_checkpoint_read(reader, sink, arg, err);
    xb_checkpoint_reader_free(reader);
    return status;
}
