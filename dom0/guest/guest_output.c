/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_output.h"

#include "alloc.h"
#include "base.h"
#include "files.h"

#include <string.h>

static int write_all(const struct xb_guest_output *out, const char *data, size_t bytes)
{
    const struct xb_write_stop stop = {.fd = out->stop_fd, .go_on = out->go_on, .arg = out->arg};
    return xb_write_until(out->fd, &stop, data, bytes) < 0 ? -1 : 0;
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
        xb_auto_free char *shown = xb_malloc(XB_ESCAPE_MAX(bytes));
        r = write_shaped(out, shown, xb_escape(&out->escaping, data, bytes, last, shown));
    } else {
        r = write_shaped(out, (const char *)data, bytes);
    }
    if (r == 0 && last && out->line_bytes > 0)
        r = flush_line(out);
    return r;
}
