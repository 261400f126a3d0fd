/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands' input: stdin or a file, sent to all guests as it comes. Bytes stay in a window
 * until every guest's agent has them, so that a broken connection loses none; the slowest guest
 * sets the pace.
 */
#include "alloc.h"
#include "exec_i.h"

#include "base.h"
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int xb_exec_input_open(struct xb_exec *exec, struct xb_err *err)
{
    const char *name = exec->options->stdin_file;
    struct xb_exec_input *input = &exec->input;
    if (!name)
        return 0;
    input->own_stdin = strcmp(name, "-") == 0;
    if (input->own_stdin)
        name = "stdin";
    struct stat st;
    input->fd = input->own_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0 || fstat(input->fd, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "open %s", name);
    if (S_ISDIR(st.st_mode))
        return xb_fail(err, XB_E_INPUT, EISDIR, "read %s", name);
    input->window = xb_malloc(XB_INPUT_WINDOW_BYTES);
    return 0;
}

void xb_exec_input_close(struct xb_exec *exec)
{
    if (!exec->input.own_stdin)
        xb_cleanup_close(&exec->input.fd);
    free(exec->input.window);
}

int xb_exec_input_check(const struct xb_exec *exec, struct xb_err *err)
{
    for (size_t i = 0; exec->input.window && i < exec->count; i++) {
        const Xb__Hello *hello = xb_agent_hello(exec->agents[i]);
        if (hello->minor < XB_MINOR_INPUT)
            return xb_fail(
                err, XB_E_BENCH, 0,
                "guest %s: its agent speaks protocol %u.%u, and -i, --stdin and -t need "
                "%d.%d: update the agent, or `xenbench push` the input and let the command "
                "read that file",
                exec->guests[i].name, hello->major, hello->minor, XB_PROTOCOL_MAJOR,
                XB_MINOR_INPUT);
    }
    return 0;
}

static bool reads(const struct xb_exec_guest *g)
{
    return !g->done && !g->has_result && !g->fed.closed;
}

/* Close our stdin when no command reads it any more, so that a pipe's writer notices. */
static void nobody_reads(struct xb_exec_input *input)
{
    input->eof = true;
    if (!input->own_stdin || isatty(STDIN_FILENO))
        return;
    xb_auto_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
}

/* Drop the bytes that all guests have. */
static void advance(struct xb_exec *exec)
{
    struct xb_exec_input *input = &exec->input;
    uint64_t base = UINT64_MAX;
    for (size_t i = 0; i < exec->count; i++) {
        const struct xb_exec_guest *g = &exec->guests[i];
        if (reads(g) && g->fed.have_bytes < base)
            base = g->fed.have_bytes;
    }
    if (base != UINT64_MAX)
        input->base = base;
    else if (!input->eof)
        nobody_reads(input);
}

static void send_piece(const struct xb_exec_input *input, struct xb_exec_guest *g, uint64_t until)
{
    size_t at = g->fed.sent_bytes % XB_INPUT_WINDOW_BYTES;
    uint64_t bytes = until - g->fed.sent_bytes;
    if (bytes > XB_INPUT_WINDOW_BYTES - at)
        bytes = XB_INPUT_WINDOW_BYTES - at;
    if (bytes > XB_DATA_MAX)
        bytes = XB_DATA_MAX;
    Xb__Input msg = XB__INPUT__INIT;
    msg.offset = g->fed.sent_bytes;
    msg.data = (ProtobufCBinaryData){.len = bytes, .data = input->window + at};
    g->fed.sent_bytes += bytes;
    msg.eof = g->fed.eof_sent = input->eof && g->fed.sent_bytes == input->end;
    xb_agent_send(g->agent, XB_INPUT, g->job_id, &msg.base, NULL);
}

/* A send that fails needs no handling: the connection has ended, and on_lost follows. */
static void feed(const struct xb_exec_input *input, struct xb_exec_guest *g)
{
    uint64_t until = g->fed.until < input->end ? g->fed.until : input->end;
    while (reads(g) && g->fed.ready && xb_agent_ready(g->agent) && !g->fed.eof_sent &&
           (g->fed.sent_bytes < until || (input->eof && g->fed.sent_bytes == input->end)))
        send_piece(input, g, until);
}

void xb_exec_input_accepted(struct xb_exec *exec, struct xb_exec_guest *g, const Xb__Accept *accept)
{
    struct xb_exec_input *input = &exec->input;
    if (!reads(g))
        return; /* the window may have moved past the guest's position */
    if (accept->offset < input->base || accept->offset > input->end) {
        xb_exec_guest_failed(exec, g, "its agent claims to have input that was not sent");
        return;
    }
    if (!g->fed.ready)
        g->fed.sent_bytes = accept->offset;
    g->fed.ready = true;
    g->fed.have_bytes = accept->offset;
    g->fed.until = accept->until;
    g->fed.closed |= accept->closed;
    advance(exec);
    feed(input, g);
}

void xb_exec_input_resume(struct xb_exec *exec, struct xb_exec_guest *g)
{
    if (!exec->input.window || !reads(g))
        return;
    g->fed.ready = g->fed.eof_sent = false;
    Xb__Fetch ask = XB__FETCH__INIT;
    ask.stream = XB__STREAM__STREAM_STDIN;
    xb_agent_send(g->agent, XB_FETCH, g->job_id, &ask.base, NULL);
}

int xb_exec_input_fd(void *arg)
{
    struct xb_exec *exec = arg;
    const struct xb_exec_input *input = &exec->input;
    advance(exec); /* a guest that is done delays no other guest */
    return !input->eof && input->end - input->base < XB_INPUT_WINDOW_BYTES ? input->fd : -1;
}

int xb_exec_input_readable(void *arg, struct xb_err *err)
{
    struct xb_exec *exec = arg;
    struct xb_exec_input *input = &exec->input;
    size_t at = input->end % XB_INPUT_WINDOW_BYTES;
    uint64_t room = XB_INPUT_WINDOW_BYTES - (input->end - input->base);
    if (room > XB_INPUT_WINDOW_BYTES - at)
        room = XB_INPUT_WINDOW_BYTES - at;
    ssize_t n = read(input->fd, input->window + at, room);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n < 0 && errno != EIO) /* EIO: the terminal has gone */
        return xb_fail(err, XB_E_HOST, errno, "read the command's input");
    n = n < 0 ? 0 : n;
    /* The guest may have stopped answering, so do not wait long. */
    if (exec->terminal.raw.raw &&
        xb_exec_terminal_leaves(&exec->terminal, input->window + at, (size_t)n))
        xb_exec_kill(exec, XB_NS_PER_S);
    input->eof = n == 0;
    input->end += (uint64_t)n;
    advance(exec);
    for (size_t i = 0; i < exec->count; i++)
        feed(input, &exec->guests[i]);
    return 0;
}
