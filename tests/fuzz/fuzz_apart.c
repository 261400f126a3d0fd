/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A compromised reader process may send any records, failures and ends: the caller must survive
 * them and stay within its bounds. The input chooses the reader; then, for each record that the
 * caller awaits, what comes instead, and its first bytes.
 * For: dom0/base/apart.c dom0/storage/stream_read.c dom0/trace/trace_apart.c
 */
#include "alloc.h"
#include "apart.h"
#include "base.h"
#include "stream.h"
#include "trace_json.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define TARGET_MAX (1 << 24)

enum saying { SAY_NONSENSE, SAY_DONE, SAY_FAILURE, SAY_RECORD };
enum kind { KIND_RECORD = 1, KIND_DONE = 2, KIND_FAILED = 3 }; /* as in apart.c */
#define FAILURE_BYTES (8 + sizeof(((struct xb_err *)NULL)->msg))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int __wrap_xb_apart_start(struct xb_apart *out, xb_apart_fn *work, void *arg, const int *keep,
                          size_t keep_count, struct xb_err *err);
int __wrap_xb_apart_hear(struct xb_apart *apart, void *record, size_t bytes, struct xb_err *err);
int __real_xb_apart_hear(struct xb_apart *apart, void *record, size_t bytes, struct xb_err *err);

/* The other end of the pipe, and what is left of the input. */
static struct {
    int fd;
    const uint8_t *at;
    size_t left;
} said;

static uint8_t take_byte(void)
{
    return said.left ? (said.left--, *said.at++) : 0;
}

static void take_bytes(uint8_t *out, size_t room)
{
    size_t bytes = take_byte();
    bytes = bytes > said.left ? said.left : bytes;
    bytes = bytes > room ? room : bytes;
    memcpy(out, said.at, bytes);
    said.at += bytes;
    said.left -= bytes;
}

static void hang_up(void)
{
    xb_cleanup_close(&said.fd);
    said.fd = -1;
}

static void say(uint32_t kind, size_t bytes)
{
    uint32_t head[2] = {kind, (uint32_t)bytes};
    xb_auto_free uint8_t *record = xb_calloc(1, bytes + 1);
    take_bytes(record, bytes);
    if (send(said.fd, head, sizeof(head), MSG_NOSIGNAL) < 0 ||
        send(said.fd, record, bytes, MSG_NOSIGNAL) < 0)
        hang_up();
}

static void say_nonsense(void)
{
    uint8_t bytes[64] = {0};
    take_bytes(bytes, sizeof(bytes));
    send(said.fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
    hang_up();
}

static void say_something(size_t bytes)
{
    switch (take_byte() % 8) {
    case SAY_NONSENSE:
        say_nonsense();
        break;
    case SAY_DONE:
        say(KIND_DONE, 0);
        break;
    case SAY_FAILURE:
        say(KIND_FAILED, FAILURE_BYTES);
        break;
    default:
        say(KIND_RECORD, bytes);
    }
}

int __wrap_xb_apart_start(struct xb_apart *out, xb_apart_fn *work XB_UNUSED, void *arg XB_UNUSED,
                          const int *keep XB_UNUSED, size_t keep_count XB_UNUSED,
                          struct xb_err *err XB_UNUSED)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        abort();
    *out = XB_APART_NONE;
    out->fd = ends[0];
    said.fd = ends[1];
    return 0;
}

int __wrap_xb_apart_hear(struct xb_apart *apart, void *record, size_t bytes, struct xb_err *err)
{
    char orders[64];
    while (said.fd >= 0 && recv(said.fd, orders, sizeof(orders), MSG_DONTWAIT) > 0)
        continue;
    if (said.left == 0)
        hang_up();
    if (said.fd >= 0)
        say_something(bytes);
    return __real_xb_apart_hear(apart, record, bytes, err);
}

/* A chunk must lie within its file and in the shared memory. */
static int check_chunk(void *arg, uint64_t offset, const void *data, size_t bytes,
                       struct xb_err *err XB_UNUSED)
{
    const struct xb_stream_file *file = arg;
    if (!data || bytes > XB_STREAM_CHUNK_BYTES ||
        (file->bytes != XB_STREAM_FLOW && (offset > file->bytes || bytes > file->bytes - offset)))
        abort();
    return 0;
}

static int take_file(struct xb_stream_reader *stream, struct xb_stream_file *file,
                     struct xb_err *err)
{
    xb_auto_free char *text = NULL;
    if (file->name[0] == 't')
        return xb_stream_read_text(stream, file, 1 << 16, &text, err);
    if (file->name[0] == 's')
        return xb_stream_skip(stream, err);
    if (file->bytes > TARGET_MAX)
        return xb_stream_read(stream, check_chunk, file, err);
    xb_auto_close int fd = memfd_create("target", MFD_CLOEXEC);
    return xb_stream_read_to(stream, file, fd, err);
}

static void read_stream(void)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    if (xb_stream_open(&stream, -1, NULL, &err) < 0)
        return;
    int more;
    while ((more = xb_stream_next(stream, &file, &err)) > 0)
        if (take_file(stream, &file, &err) < 0)
            break;
    if (more < 0 && !err.class)
        abort();
}

static void read_trace(void)
{
    const struct xb_trace_span span = {.tsc_khz = 2.4e6, .to_tsc = UINT64_MAX};
    struct xb_trace_sum sum;
    struct xb_err err = {0};
    if (xb_trace_reduce(NULL, 0, &span, &sum, &err) < 0) {
        if (!err.class)
            abort();
        return;
    }
    json_t *json = xb_trace_sum_json(&sum);
    xb_auto_fclose FILE *nowhere = fopen("/dev/null", "we");
    xb_trace_sum_text(&sum, true, nowhere);
    json_decref(json);
    xb_trace_sum_free(&sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    said.at = data;
    said.left = bytes;
    said.fd = -1;
    unsetenv("XENBENCH_NO_SANDBOX");
    if (take_byte() & 1)
        read_stream();
    else
        read_trace();
    hang_up();
    return 0;
}
