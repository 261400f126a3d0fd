/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include "base.h"
#include "width.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_BYTES 512
#define TELL_NS (200 * XB_NS_PER_MS)

void xb_progress_begin(struct xb_progress_line *line, bool quiet)
{
    struct winsize size;
    *line =
        (struct xb_progress_line){.off = quiet, .terminal = isatty(STDERR_FILENO), .columns = 80};
    if (line->terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10)
        line->columns = size.ws_col;
}

void xb_progress_now(struct xb_progress_line *line, const char *fmt, ...)
{
    char text[LINE_BYTES];
    if (line->off || !line->terminal)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    fprintf(stderr, "\r\033[K%.*s", (int)xb_width_cut(text, line->columns - 1), text);
    line->open = true;
}

void xb_progress_done(struct xb_progress_line *line, const char *fmt, ...)
{
    char text[LINE_BYTES];
    if (line->off)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    xb_progress_end(line);
    fprintf(stderr, "%s\n", text);
}

void xb_progress_end(struct xb_progress_line *line)
{
    if (line->open)
        fputs("\r\033[K", stderr);
    line->open = false;
}

void xb_progress_step(struct xb_progress_line *line)
{
    line->begun_ns = xb_now_ns();
    line->told_ns = 0;
}

void xb_progress_bytes(struct xb_progress_line *line, const char *what, uint64_t done,
                       uint64_t total)
{
    char left[XB_TIME_WORDS_BYTES];
    if (line->off || !line->terminal)
        return;
    if (!line->begun_ns)
        xb_progress_step(line);
    uint64_t now_ns = xb_now_ns(), spent_ns = now_ns - line->begun_ns;
    if (now_ns - line->told_ns < TELL_NS)
        return;
    line->told_ns = now_ns;
    double rate = spent_ns ? (double)done / ((double)spent_ns / 1e9) / 1e6 : 0;
    double part = total ? (double)done / (double)total : 0;
    int shift = total >= 16 << 20 || done >= 16 << 20 ? 20 : 10;
    const char *unit = shift == 20 ? "MiB" : "KiB";
    if (total == 0 || done > total)
        xb_progress_now(line, "%s: %" PRIu64 " %s, %.0f MB/s", what, done >> shift, unit, rate);
    else
        xb_progress_now(line, "%s: %" PRIu64 " of %" PRIu64 " %s, %.0f %%, %.0f MB/s%s", what,
                        done >> shift, total >> shift, unit, 100 * part, rate,
                        xb_time_left(spent_ns, part, left));
}

const char *xb_time_words(uint64_t ns, char out[XB_TIME_WORDS_BYTES])
{
    uint64_t s = (ns + XB_NS_PER_S / 2) / XB_NS_PER_S;
    if (s < 60)
        snprintf(out, XB_TIME_WORDS_BYTES, "%" PRIu64 " s", s);
    else if (s < 600)
        snprintf(out, XB_TIME_WORDS_BYTES, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
    else if (s < 3600)
        snprintf(out, XB_TIME_WORDS_BYTES, "%" PRIu64 " min", (s + 30) / 60);
    else
        snprintf(out, XB_TIME_WORDS_BYTES, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
                 s % 3600 / 60);
    return out;
}

const char *xb_time_left(uint64_t spent_ns, double part, char out[XB_TIME_WORDS_BYTES])
{
    char words[XB_TIME_WORDS_BYTES];
    double left_ns = part > 0 && part < 1 ? (double)spent_ns * (1 - part) / part : 0;
    out[0] = '\0';
    if (spent_ns >= XB_NS_PER_S && left_ns >= (double)XB_NS_PER_S && left_ns < 1e18)
        snprintf(out, XB_TIME_WORDS_BYTES, ", %.30s left", xb_time_words((uint64_t)left_ns, words));
    return out;
}
