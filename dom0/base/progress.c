#include "progress.h"

#include "width.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_BYTES 512

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
