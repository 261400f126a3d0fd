/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output.h"

#include "base.h"
#include "memfile.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* The most that the kernel's buffers can hold of a terminal's output before it is read. */
#define TERMINAL_REST_BYTES (72 * XB_KIB)

void xa_output_init(struct xa_output *out)
{
    *out = (struct xa_output){0};
    for (int i = 0; i < XA_STREAMS; i++)
        out->job_fds[i] = out->streams[i].fd = -1;
}

void xa_output_close(struct xa_output *out)
{
    xa_output_handed_over(out);
    for (int i = 0; i < XA_STREAMS; i++) {
        xb_cleanup_close(&out->streams[i].fd);
        free(out->streams[i].window);
    }
    xa_output_init(out);
}

int xa_output_open_kept(struct xa_output *out, uint64_t keep_bytes, uint64_t bound_bytes,
                        struct xb_err *err)
{
    xa_output_init(out);
    out->keep_bytes = keep_bytes;
    struct xa_memdir dir;
    xa_memdir_open(&dir, bound_bytes);
    out->bound_bytes = dir.bound_bytes;
    int r = 0;
    for (int i = 0; i < XA_STREAMS && r == 0; i++) {
        out->streams[i].fd = xa_memdir_create(&dir, i == XA_STDOUT ? "stdout" : "stderr");
        if (out->streams[i].fd >= 0)
            out->job_fds[i] = fcntl(out->streams[i].fd, F_DUPFD_CLOEXEC, 0);
        if (out->job_fds[i] < 0)
            r = xb_fail(err, XB_E_HOST, errno, "make a file in memory for the job's output");
    }
    xa_memdir_close(&dir);
    if (r < 0)
        xa_output_close(out);
    return r;
}

/* Set up our end of a stream, whose fd is open. */
static int set_up_stream(struct xa_output *out, int i, struct xb_err *err)
{
    /* Only our end: the job expects its writes to block. */
    if (fcntl(out->streams[i].fd, F_SETFL, O_NONBLOCK) < 0)
        return xb_fail(err, XB_E_HOST, errno, "set up the job's output");
    out->streams[i].window = malloc(XA_STREAM_WINDOW_BYTES);
    if (!out->streams[i].window)
        return xb_fail(err, XB_E_HOST, ENOMEM, "make a buffer for the job's output");
    out->streams[i].sending = true;
    return 0;
}

static int open_stream(struct xa_output *out, int i, struct xb_err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a pipe for the job's output");
    out->streams[i].fd = ends[0];
    out->job_fds[i] = ends[1];
    return set_up_stream(out, i, err);
}

int xa_output_open_streamed(struct xa_output *out, uint64_t credit_bytes, struct xb_err *err)
{
    xa_output_init(out);
    out->streamed = true;
    out->credit_bytes = credit_bytes;
    for (int i = 0; i < XA_STREAMS; i++) {
        if (open_stream(out, i, err) < 0) {
            xa_output_close(out);
            return -1;
        }
    }
    return 0;
}

int xa_output_open_terminal(struct xa_output *out, int master, int slave, uint64_t credit_bytes,
                            struct xb_err *err)
{
    xa_output_init(out);
    out->streamed = out->terminal = true;
    out->credit_bytes = credit_bytes;
    /* A terminal merges stderr into its one output. */
    out->streams[XA_STDERR].whole = out->streams[XA_STDERR].sending = true;
    out->streams[XA_STDOUT].fd = fcntl(master, F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < XA_STREAMS; i++)
        out->job_fds[i] = fcntl(slave, F_DUPFD_CLOEXEC, 0);
    int r = 0;
    if (out->streams[XA_STDOUT].fd < 0 || out->job_fds[0] < 0 || out->job_fds[1] < 0)
        r = xb_fail(err, XB_E_HOST, errno, "connect the job's terminal");
    if (r == 0)
        r = set_up_stream(out, XA_STDOUT, err);
    if (r < 0)
        xa_output_close(out);
    return r;
}

void xa_output_handed_over(struct xa_output *out)
{
    for (int i = 0; i < XA_STREAMS; i++) {
        xb_cleanup_close(&out->job_fds[i]);
        out->job_fds[i] = -1;
    }
}

static void end_kept(struct xa_output *out, struct xa_stream *stream)
{
    struct stat st;
    stream->written_bytes = fstat(stream->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    stream->end = stream->written_bytes;
    stream->whole = true;
    if (stream->end <= out->keep_bytes)
        return;
    /* Keep the end of the output, because programs print their figures there. */
    stream->base = stream->end - out->keep_bytes;
    fallocate(stream->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)stream->base);
}

static void pipe_done(struct xa_stream *stream)
{
    xb_cleanup_close(&stream->fd);
    stream->fd = -1;
    stream->whole = true;
}

/* Stop after what is in the pipe now: later bytes come from a process that the job left behind. */
static void end_streamed(struct xa_stream *stream)
{
    int waiting = 0;
    if (stream->fd >= 0)
        ioctl(stream->fd, FIONREAD, &waiting);
    stream->written_bytes = stream->last_bytes = stream->end + (uint64_t)waiting;
    if (stream->fd >= 0 && stream->written_bytes == stream->end)
        pipe_done(stream);
}

/*
 * A terminal does not report how much it holds. Read until it is empty but, in case leftover
 * processes keep writing, no more than it can hold.
 */
static void end_terminal(struct xa_stream *stream)
{
    struct pollfd waiting = {.fd = stream->fd, .events = POLLIN};
    stream->written_bytes = stream->end;
    stream->last_bytes = stream->end + TERMINAL_REST_BYTES;
    if (stream->fd >= 0 && poll(&waiting, 1, 0) <= 0)
        pipe_done(stream);
}

void xa_output_job_ended(struct xa_output *out)
{
    out->job_ended = true;
    for (int i = 0; i < XA_STREAMS; i++) {
        if (out->terminal)
            end_terminal(&out->streams[i]);
        else if (out->streamed)
            end_streamed(&out->streams[i]);
        else
            end_kept(out, &out->streams[i]);
    }
}

uint64_t xa_output_kept_bytes(const struct xa_output *out, int stream)
{
    const struct xa_stream *s = &out->streams[stream];
    return (out->streamed ? s->written_bytes : s->end) - s->base;
}

bool xa_output_is_full(const struct xa_output *out)
{
    return out->bound_bytes > 0 && xa_memfile_dir_is_full(out->streams[XA_STDOUT].fd);
}

bool xa_output_wants(const struct xa_output *out, int stream, const struct xb_link *link)
{
    const struct xa_stream *s = &out->streams[stream];
    return out->streamed && s->fd >= 0 && s->sending && s->sent == s->end &&
           out->credit_bytes > 0 && xb_link_has_bulk_room(link);
}

void xa_output_read(struct xa_output *out, int stream)
{
    struct xa_stream *s = &out->streams[stream];
    if (s->fd < 0)
        return;
    size_t at = s->end % XA_STREAM_WINDOW_BYTES;
    size_t bytes = XA_STREAM_WINDOW_BYTES - at;
    if (bytes > XB_DATA_MAX)
        bytes = XB_DATA_MAX;
    if (out->job_ended && bytes > s->last_bytes - s->end)
        bytes = s->last_bytes - s->end;
    ssize_t n = bytes > 0 ? read(s->fd, s->window + at, bytes) : 0;
    if (n < 0 && (errno == EINTR || (errno == EAGAIN && !out->job_ended)))
        return;
    if (n > 0) {
        s->end += (uint64_t)n;
        if (s->end - s->base > XA_STREAM_WINDOW_BYTES)
            s->base = s->end - XA_STREAM_WINDOW_BYTES;
    }
    if (n > 0 && out->terminal && out->job_ended)
        s->written_bytes = s->end;
    if (n <= 0 || (out->job_ended && s->end >= s->last_bytes))
        pipe_done(s);
}

/* Find up to `bytes` at offset s->sent: a pointer into the window, or into buf. */
static ssize_t peek(const struct xa_output *out, const struct xa_stream *s, uint8_t *buf,
                    size_t bytes, uint8_t **data)
{
    *data = buf;
    if (!out->streamed)
        return pread(s->fd, buf, bytes, (off_t)s->sent);
    size_t at = s->sent % XA_STREAM_WINDOW_BYTES;
    if (bytes > XA_STREAM_WINDOW_BYTES - at)
        bytes = XA_STREAM_WINDOW_BYTES - at;
    *data = s->window + at;
    return (ssize_t)bytes;
}

/* Kept output cannot be read back, which is no fault of the connection. */
static int refuse_fetch(struct xa_stream *s, struct xb_link *link, uint32_t job_id,
                        struct xb_err *err)
{
    struct xb_err why = {0};
    xb_fail(&why, XB_E_HOST, errno, "read back the output of job %u", job_id);
    Xb__Error msg = XB__ERROR__INIT;
    msg.request = XB_FETCH;
    msg.errnum = why.errnum;
    msg.message = why.msg;
    s->sending = false;
    return xb_link_send(link, XB_ERROR, job_id, &msg.base, err) < 0 ? -1 : 1;
}

/* Queue one frame of a stream: 1 queued, 0 nothing to send, -1 failed. */
static int send_chunk(struct xa_output *out, int i, struct xb_link *link, uint32_t job_id,
                      struct xb_err *err)
{
    struct xa_stream *s = &out->streams[i];
    if (!s->sending || !xb_link_has_bulk_room(link))
        return 0;
    Xb__Output msg = XB__OUTPUT__INIT;
    msg.stream = i == XA_STDOUT ? XB__STREAM__STREAM_STDOUT : XB__STREAM__STREAM_STDERR;
    msg.offset = s->sent;
    uint64_t bytes = s->end - s->sent;
    if (bytes > out->credit_bytes)
        bytes = out->credit_bytes;
    if (bytes > XB_DATA_MAX)
        bytes = XB_DATA_MAX;
    if (bytes == 0 && !(s->whole && s->sent == s->end))
        return 0;

    uint8_t buf[XB_DATA_MAX];
    if (bytes > 0) {
        ssize_t n = peek(out, s, buf, bytes, &msg.data.data);
        if (n < 0)
            return refuse_fetch(s, link, job_id, err);
        if (n == 0) /* a process that the job left behind has truncated the file */
            s->end = s->sent;
        msg.data.len = (size_t)n;
    }
    s->sent += msg.data.len;
    out->credit_bytes -= msg.data.len;
    msg.eof = s->whole && s->sent == s->end;
    s->sending = !msg.eof;
    return xb_link_queue(link, XB_OUTPUT, job_id, &msg.base, err) < 0 ? -1 : 1;
}

int xa_output_send(struct xa_output *out, struct xb_link *link, uint32_t job_id, struct xb_err *err)
{
    /* Alternate, so that a long stdout does not delay stderr. */
    bool more, queued = false;
    do {
        more = false;
        for (int i = 0; i < XA_STREAMS; i++) {
            /* No poll would tell that a leftover process has taken the rest out of the pipe. */
            if (out->job_ended && xa_output_wants(out, i, link))
                xa_output_read(out, i);
            int sent = send_chunk(out, i, link, job_id, err);
            if (sent < 0)
                return -1;
            more |= sent > 0;
        }
        queued |= more;
        bool pause = !more || !xb_link_has_bulk_room(link);
        if (queued && pause && xb_link_flush(link, err) < 0)
            return -1;
        queued &= !pause;
    } while (more);
    return 0;
}

void xa_output_credit(struct xa_output *out, uint64_t bytes)
{
    if (__builtin_add_overflow(out->credit_bytes, bytes, &out->credit_bytes))
        out->credit_bytes = UINT64_MAX;
}

int xa_output_fetch(struct xa_output *out, int stream, uint64_t offset, uint64_t credit_bytes,
                    struct xb_err *err)
{
    struct xa_stream *s = &out->streams[stream];
    if (!out->streamed && !out->job_ended)
        return xb_fail(err, XB_E_INPUT, EBUSY,
                       "the job still runs: its kept output can be fetched afterwards");
    if (offset > s->end)
        return xb_fail(err, XB_E_INPUT, EINVAL, "offset %llu is beyond the output's end at %llu",
                       (unsigned long long)offset, (unsigned long long)s->end);
    s->sent = offset < s->base ? s->base : offset;
    s->sending = true;
    xa_output_credit(out, credit_bytes);
    return 0;
}

void xa_output_disconnected(struct xa_output *out)
{
    out->credit_bytes = 0;
    /* Data in flight is lost; the next controller fetches what it lacks. */
    for (int i = 0; i < XA_STREAMS; i++)
        out->streams[i].sending = false;
}
