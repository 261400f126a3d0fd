/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input.h"

#include "base.h"
#include "frame.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* A terminal's end of input at the start of a line (the initial VEOF). */
#define TERMINAL_EOF 4

void xa_input_init(struct xa_input *in)
{
    *in = (struct xa_input){.fd = -1, .job_fd = -1};
}

static int open_window(struct xa_input *in, struct xb_err *err)
{
    in->window = malloc(XB_INPUT_WINDOW_BYTES);
    /* Only our end: the job expects its reads to block. */
    if (in->window && fcntl(in->fd, F_SETFL, O_NONBLOCK) == 0) {
        in->due = true;
        return 0;
    }
    xb_fail(err, XB_E_HOST, errno, "set up the job's input");
    xa_input_close(in);
    return -1;
}

int xa_input_open_pipe(struct xa_input *in, struct xb_err *err)
{
    int ends[2];
    xa_input_init(in);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a pipe for the job's input");
    in->job_fd = ends[0];
    in->fd = ends[1];
    return open_window(in, err);
}

int xa_input_open_terminal(struct xa_input *in, int master, int slave, struct xb_err *err)
{
    xa_input_init(in);
    in->terminal = true;
    in->fd = master;
    in->job_fd = slave;
    return open_window(in, err);
}

void xa_input_close(struct xa_input *in)
{
    xa_input_handed_over(in);
    xb_cleanup_close(&in->fd);
    free(in->window);
    xa_input_init(in);
}

void xa_input_handed_over(struct xa_input *in)
{
    xb_cleanup_close(&in->job_fd);
    in->job_fd = -1;
}

static void shut(struct xa_input *in)
{
    xb_cleanup_close(&in->fd);
    in->fd = -1;
    in->due |= !in->closed;
    in->closed = true;
}

void xa_input_job_ended(struct xa_input *in)
{
    shut(in);
    in->due = false; /* the result replaces the ACCEPT */
}

static int check_piece(const struct xa_input *in, const Xb__Input *input, struct xb_err *err)
{
    if (!in->window)
        return xb_fail(err, XB_E_INPUT, EINVAL, "INPUT for a job that was armed without it");
    if (in->eof || input->offset != in->received_bytes || input->data.len > XB_DATA_MAX ||
        (input->data.len == 0 && !input->eof))
        return xb_fail(err, XB_E_INPUT, EPROTO, "INPUT of %zu bytes at %llu, where %llu are here%s",
                       input->data.len, (unsigned long long)input->offset,
                       (unsigned long long)in->received_bytes, in->eof ? " and no more" : "");
    if (input->data.len > XB_INPUT_WINDOW_BYTES - (in->received_bytes - in->written_bytes))
        return xb_fail(err, XB_E_INPUT, ENOBUFS, "INPUT beyond what was accepted");
    return 0;
}

int xa_input_take(struct xa_input *in, const Xb__Input *input, struct xb_err *err)
{
    bool end_again =
        in->eof && input->eof && input->data.len == 0; /* sent again after a lost connection */
    if (in->closed || end_again)
        return 0; /* the controller sent it before our ACCEPT arrived */
    if (check_piece(in, input, err) < 0)
        return -1;
    for (size_t i = 0; i < input->data.len;) {
        size_t at = in->received_bytes % XB_INPUT_WINDOW_BYTES;
        size_t n = input->data.len - i;
        if (n > XB_INPUT_WINDOW_BYTES - at)
            n = XB_INPUT_WINDOW_BYTES - at;
        memcpy(in->window + at, input->data.data + i, n);
        in->received_bytes += n;
        i += n;
    }
    in->eof = input->eof;
    xa_input_write(in, 0);
    return 0;
}

void xa_input_disconnected(struct xa_input *in)
{
    in->unasked = true;
}

void xa_input_ask(struct xa_input *in)
{
    in->due = true;
    in->unasked = false;
}

bool xa_input_wants(const struct xa_input *in, short *events)
{
    if (in->fd < 0)
        return false;
    bool more = in->written_bytes < in->received_bytes || in->eof;
    *events = more ? POLLOUT : 0;
    /* A pipe reports once that nobody reads it; a terminal would report it again and again. */
    return more || !in->terminal;
}

/* Write the end of the input: close a pipe; send a terminal VEOF, twice in the middle of a line. */
static void write_eof(struct xa_input *in)
{
    static const char keys[] = {TERMINAL_EOF, TERMINAL_EOF};
    size_t count = in->last == 0 || in->last == '\n' || in->last == '\r' ? 1 : 2;
    if (in->terminal && write(in->fd, keys, count) < 0 && errno == EAGAIN)
        return;
    bool due = in->due;
    shut(in);
    in->due = due; /* the controller knows that its input has ended */
}

void xa_input_write(struct xa_input *in, short revents)
{
    while (in->fd >= 0 && in->written_bytes < in->received_bytes) {
        size_t at = in->written_bytes % XB_INPUT_WINDOW_BYTES;
        uint64_t n = in->received_bytes - in->written_bytes;
        if (n > XB_INPUT_WINDOW_BYTES - at)
            n = XB_INPUT_WINDOW_BYTES - at;
        ssize_t done = write(in->fd, in->window + at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN)
            break;
        if (done <= 0) {
            shut(in);
            return;
        }
        in->written_bytes += (uint64_t)done;
        in->last = in->window[(in->written_bytes - 1) % XB_INPUT_WINDOW_BYTES];
    }
    if (in->fd >= 0 && in->eof && in->written_bytes == in->received_bytes)
        write_eof(in);
    else if (in->fd >= 0 && (revents & (POLLERR | POLLHUP)) && !(revents & POLLOUT))
        shut(in);
    in->due |= in->written_bytes - in->told_bytes >= XB_INPUT_STEP_BYTES;
}

void xa_input_tell(struct xa_input *in, struct xa_session *session, uint32_t job_id)
{
    const struct xb_link *link = in->due && !in->unasked ? xa_session_ready_link(session) : NULL;
    if (!link || xb_link_room(link) < XB_FRAME_BODY_MAX)
        return;
    Xb__Accept accept = XB__ACCEPT__INIT;
    accept.offset = in->received_bytes;
    accept.until = in->written_bytes + XB_INPUT_WINDOW_BYTES;
    accept.closed = in->closed;
    in->told_bytes = in->written_bytes;
    in->due = false;
    xa_session_send(session, XB_ACCEPT, job_id, &accept.base);
}
