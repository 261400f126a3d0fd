/*
 * Progress of a long operation on stderr: one line that is rewritten on a terminal, else a line per
 * step. It changes only with events: nobody wakes up while jobs run.
 */
#ifndef XB_PROGRESS_H
#define XB_PROGRESS_H

#include <stdbool.h>

struct xb_progress_line {
    bool off;
    bool terminal;
    int columns;
    bool open; /* the terminal's line is not empty */
};

void xb_progress_begin(struct xb_progress_line *line, bool quiet);
/* Show the current step; on terminals only. */
void xb_progress_now(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Print a line about a finished step. */
void xb_progress_done(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Clear the line before other output. */
void xb_progress_end(struct xb_progress_line *line);

#endif
