/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading streams: a locked-down process decodes them, because they may be foreign. It announces
 * each file and chunk in a message; the chunk's data is in memory that both processes share.
 */
#include "alloc.h"
#include "apart.h"
#include "base.h"
#include "sandbox.h"
#include "sparse.h"
#include "stream.h"
#include "stream_decode.h"
#include "stream_format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define HOLE_BYTES 4096 /* a run of zeros this long becomes a hole */

/* The reader's orders to the process, a byte each. */
enum order {
    ORDER_NEXT = 'n',  /* the next file */
    ORDER_READ = 'r',  /* the file's data */
    ORDER_CHECK = 'c', /* likewise, but the data stays there */
    ORDER_SKIP = 's',  /* check the file's chunks without unpacking */
    ORDER_GO = 'g',    /* the chunk was taken: continue with the file */
};

enum told { TOLD_OPEN, TOLD_FILE, TOLD_END, TOLD_CHUNK, TOLD_FILE_END };

struct message {
    uint32_t told;
    uint32_t bytes;  /* of the chunk */
    uint64_t offset; /* of the chunk */
    struct xb_stream_file file;
};

struct xb_stream_reader {
    int fd;
    struct xb_work *work;
    struct xb_stream_decoder *decoder; /* in this process; NULL: in the other */
    struct xb_apart apart;
    char *shared; /* XB_STREAM_CHUNK_BYTES */
    bool in_file;
    struct xb_stream_file file;
    uint64_t data_bytes;
};

/* ---- the process that decodes ---- */

struct decoding {
    struct xb_stream_reader *reader;
    int fd;     /* to the reader */
    bool gives; /* the data is handed over */
};

static int tell(int fd, const struct message *message, struct xb_err *err)
{
    return xb_apart_tell(fd, message, sizeof(*message), err);
}

/* The reader's next order; 0 if it wants no more. */
static char hear_order(int fd)
{
    char order;
    ssize_t n;
    do
        n = read(fd, &order, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1)
        return '\0';
    return order;
}

static int give_chunk(void *arg, uint64_t offset, const void *data, size_t bytes,
                      struct xb_err *err)
{
    const struct decoding *d = arg;
    const struct message message = {.told = TOLD_CHUNK, .bytes = (uint32_t)bytes, .offset = offset};
    if (d->gives && data)
        memcpy(d->reader->shared, data, bytes);
    if (tell(d->fd, &message, err) < 0)
        return -1;
    return hear_order(d->fd) == ORDER_GO ? 0 : xb_fail(err, XB_E_HOST, 0, "nobody reads it");
}

static int give_file(struct decoding *d, struct xb_stream_decoder *decoder, char order,
                     struct xb_err *err)
{
    const struct message end = {.told = TOLD_FILE_END};
    d->gives = order == ORDER_READ;
    return xb_decoder_read(decoder, order != ORDER_SKIP, give_chunk, d, err) < 0
               ? -1
               : tell(d->fd, &end, err);
}

static int give_next(const struct decoding *d, struct xb_stream_decoder *decoder,
                     struct xb_err *err)
{
    struct message message = {0};
    int more = xb_decoder_next(decoder, &message.file, err);
    message.told = more ? TOLD_FILE : TOLD_END;
    return more < 0 ? -1 : tell(d->fd, &message, err);
}

static int obey(struct decoding *d, struct xb_stream_decoder *decoder, struct xb_err *err)
{
    const struct message open = {.told = TOLD_OPEN};
    int r = tell(d->fd, &open, err);
    for (char order; r == 0 && (order = hear_order(d->fd));)
        r = order == ORDER_NEXT ? give_next(d, decoder, err) : give_file(d, decoder, order, err);
    return r;
}

static int decode(void *arg, int fd, struct xb_err *err)
{
    struct decoding d = {.reader = arg, .fd = fd};
    struct xb_stream_decoder *decoder;
    if (xb_decoder_open(&decoder, d.reader->fd, err) < 0)
        return -1;
    int r = obey(&d, decoder, err);
    xb_decoder_free(decoder);
    return r;
}

/* ---- the reader ---- */

static int wrong(struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "the process that decodes the stream gave a wrong answer");
}

static int hear(struct xb_stream_reader *r, struct message *out, struct xb_err *err)
{
    int n = xb_apart_hear(&r->apart, out, sizeof(*out), err);
    return n == 0 ? wrong(err) : n < 0 ? -1 : 0;
}

static int order(struct xb_stream_reader *r, char what, struct message *answer, struct xb_err *err)
{
    if (send(r->apart.fd, &what, 1, MSG_NOSIGNAL) != 1 && errno != EPIPE) /* it said why it ended */
        return xb_fail(err, XB_E_HOST, errno, "order a process");
    return hear(r, answer, err);
}

static int start(struct xb_stream_reader *r, struct xb_err *err)
{
    struct message message;
    void *shared = mmap(NULL, XB_STREAM_CHUNK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return xb_fail(err, XB_E_HOST, errno, "share memory with a process");
    r->shared = shared;
    if (xb_apart_start(&r->apart, decode, r, &r->fd, 1, err) < 0 || hear(r, &message, err) < 0)
        return -1;
    return message.told == TOLD_OPEN ? 0 : wrong(err);
}

int xb_stream_open(struct xb_stream_reader **out, int fd, struct xb_work *work, struct xb_err *err)
{
    xb_auto_stream_reader struct xb_stream_reader *r = xb_calloc(1, sizeof(*r));
    r->fd = fd;
    r->work = work;
    r->apart = XB_APART_NONE;
    if ((xb_sandbox_is_off() ? xb_decoder_open(&r->decoder, fd, err) : start(r, err)) < 0)
        return -1;
    *out = xb_steal_ptr(&r);
    return 0;
}

void xb_stream_reader_free(struct xb_stream_reader *r)
{
    if (!r)
        return;
    xb_apart_end(&r->apart);
    if (r->shared)
        munmap(r->shared, XB_STREAM_CHUNK_BYTES);
    xb_decoder_free(r->decoder);
    free(r);
}

/* Checked again here, because the name becomes a path and the size a file's size. */
static bool is_good_file(const struct xb_stream_file *file)
{
    return memchr(file->name, '\0', sizeof(file->name)) &&
           xb_stream_name_ok(file->name, strlen(file->name)) &&
           (file->bytes <= XB_STREAM_FILE_MAX || file->bytes == XB_STREAM_FLOW);
}

static int next_apart(struct xb_stream_reader *r, struct xb_stream_file *out, struct xb_err *err)
{
    struct message message;
    if (order(r, ORDER_NEXT, &message, err) < 0)
        return -1;
    if (message.told == TOLD_END)
        return 0;
    if (message.told != TOLD_FILE || !is_good_file(&message.file))
        return wrong(err);
    *out = message.file;
    return 1;
}

int xb_stream_next(struct xb_stream_reader *r, struct xb_stream_file *out, struct xb_err *err)
{
    if (r->in_file && xb_stream_read(r, NULL, NULL, err) < 0)
        return -1;
    int more =
        r->decoder ? xb_decoder_next(r->decoder, &r->file, err) : next_apart(r, &r->file, err);
    if (more <= 0)
        return more;
    *out = r->file;
    r->in_file = true;
    return 1;
}

/* The receiver of the data. */
struct taker {
    struct xb_stream_reader *reader;
    xb_stream_sink_fn *sink; /* NULL: no receiver */
    void *arg;
};

static int take_chunk(void *arg, uint64_t offset, const void *data, size_t bytes,
                      struct xb_err *err)
{
    const struct taker *taker = arg;
    taker->reader->data_bytes += bytes;
    if (xb_work_did(taker->reader->work, bytes, err) < 0)
        return -1;
    return taker->sink && data ? taker->sink(taker->arg, offset, data, bytes, err) : 0;
}

static int read_apart(struct xb_stream_reader *r, char what, struct taker *taker,
                      struct xb_err *err)
{
    struct message message;
    uint64_t from = 0;
    for (;; what = ORDER_GO) {
        if (order(r, what, &message, err) < 0)
            return -1;
        if (message.told == TOLD_FILE_END)
            return 0;
        if (message.told != TOLD_CHUNK ||
            !xb_chunk_fits(&r->file, from, message.offset, message.bytes))
            return wrong(err);
        if (take_chunk(taker, message.offset, r->shared, message.bytes, err) < 0)
            return -1;
        from = message.offset + message.bytes;
    }
}

static int take_file(struct xb_stream_reader *r, char what, struct taker *taker, struct xb_err *err)
{
    int status = r->decoder
                     ? xb_decoder_read(r->decoder, what != ORDER_SKIP, take_chunk, taker, err)
                     : read_apart(r, what, taker, err);
    if (status == 0)
        r->in_file = false;
    return status;
}

int xb_stream_read(struct xb_stream_reader *r, xb_stream_sink_fn *sink, void *arg,
                   struct xb_err *err)
{
    struct taker taker = {.reader = r, .sink = sink, .arg = arg};
    return take_file(r, sink ? ORDER_READ : ORDER_CHECK, &taker, err);
}

int xb_stream_skip(struct xb_stream_reader *r, struct xb_err *err)
{
    struct taker taker = {.reader = r};
    return take_file(r, ORDER_SKIP, &taker, err);
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
