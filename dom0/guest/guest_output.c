#include "guest_output.h"

#include "base.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* A pipe that poll finds writable takes this much without blocking (pipe(7)). */
#define PIECE_BYTES 4096

/* 1: fd can be written, 0: stop, -1: failed. */
static int await_writable(const struct xb_guest_output *out)
{
    struct pollfd fds[2] = {{.fd = out->fd, .events = POLLOUT},
                            {.fd = out->stop_fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        if (fds[1].revents && !(out->go_on && out->go_on(out->arg)))
            return 0;
        if (fds[0].revents)
            return 1;
    }
}

/* A reader that has stopped reading must not keep us from hearing Ctrl-C. */
static int write_all(const struct xb_guest_output *out, const char *data, size_t bytes)
{
    while (bytes > 0) {
        int r = await_writable(out);
        if (r <= 0)
            return r;
        ssize_t n = write(out->fd, data, bytes < PIECE_BYTES ? bytes : PIECE_BYTES);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
        if (n > 0) {
            data += n;
            bytes -= (size_t)n;
        }
    }
    return 0;
}

static int flush_line(struct xb_guest_output *out)
{
    char whole[XB_GUEST_LINE_MAX + 256];
    out->line[out->line_bytes++] = '\n';
    int n = snprintf(whole, 250, "%s: ", out->prefix);
    size_t prefix_bytes = n < 250 ? (size_t)n : 249;
    memcpy(whole + prefix_bytes, out->line, out->line_bytes);
    size_t bytes = prefix_bytes + out->line_bytes;
    out->line_bytes = 0;
    return write_all(out, whole, bytes);
}

static int write_lines(struct xb_guest_output *out, const char *data, size_t bytes)
{
    while (bytes > 0) {
        const char *newline = memchr(data, '\n', bytes);
        size_t n = newline ? (size_t)(newline - data) : bytes;
        bool fits = n <= XB_GUEST_LINE_MAX - out->line_bytes;
        if (!fits)
            n = XB_GUEST_LINE_MAX - out->line_bytes;
        memcpy(out->line + out->line_bytes, data, n);
        out->line_bytes += n;
        if ((newline || !fits) && flush_line(out) < 0)
            return -1;
        size_t taken = n + (newline && fits);
        data += taken;
        bytes -= taken;
    }
    return 0;
}

static int write_shaped(struct xb_guest_output *out, const char *data, size_t bytes)
{
    return out->prefix ? write_lines(out, data, bytes) : write_all(out, data, bytes);
}

int xb_guest_output_write(struct xb_guest_output *out, const uint8_t *data, size_t bytes, bool last)
{
    int r;
    if (out->escape) {
        xb_auto_free char *shown = malloc(XB_ESCAPE_MAX(bytes));
        if (!shown)
            return -1;
        r = write_shaped(out, shown, xb_escape(&out->escaping, data, bytes, last, shown));
    } else {
        r = write_shaped(out, (const char *)data, bytes);
    }
    if (r == 0 && last && out->line_bytes > 0)
        r = flush_line(out);
    return r;
}
