#include "copy_line.h"

#include "base.h"

#include <inttypes.h>

#define REDRAW_NS (100 * XB_NS_PER_MS)

void xb_copy_line_draw(void *arg, uint64_t done_bytes, uint64_t size_bytes)
{
    struct xb_copy_line *line = arg;
    uint64_t now_ns = xb_now_ns();
    if (now_ns < line->next_ns || !isatty(STDERR_FILENO))
        return;
    line->next_ns = now_ns + REDRAW_NS;
    line->shown = true;
    if (size_bytes == 0) {
        fprintf(stderr, "\r%s: %" PRIu64 " KiB\033[K", line->what, done_bytes / 1024);
        return;
    }
    unsigned percent = (unsigned)((double)done_bytes / (double)size_bytes * 100);
    fprintf(stderr, "\r%s: %3u %% of %" PRIu64 " KiB\033[K", line->what, percent,
            size_bytes / 1024);
}

void xb_copy_line_end(struct xb_copy_line *line)
{
    if (line->shown)
        fputs("\r\033[K", stderr);
    line->shown = false;
}
