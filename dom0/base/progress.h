/*
 * Where a long operation is: one line on stderr that is rewritten on a terminal, or a line per step
 * elsewhere. It changes when
 * something has happened and never by itself: while jobs run, nobody wakes.
 */
#ifndef XB_PROGRESS_H
#define XB_PROGRESS_H

#include <stdbool.h>

struct xb_progress_line {
    bool off;
    bool terminal;
    int columns;
    bool open; /* the terminal's line holds something */
};

void xb_progress_begin(struct xb_progress_line *line, bool quiet);
/* What is being done now. Shown on terminals only. */
void xb_progress_now(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What was done: a line that stays. */
void xb_progress_done(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Clear the line for other output. */
void xb_progress_end(struct xb_progress_line *line);

#endif
