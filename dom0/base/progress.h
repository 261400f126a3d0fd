/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progress of a long operation on stderr: one line that is rewritten on a terminal, else a line per
 * step. It changes only on events, so that it wakes no process while jobs run.
 */
#ifndef XB_PROGRESS_H
#define XB_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct xb_progress_line {
    bool off;
    bool terminal;
    int columns;
    bool open;                  /* the terminal's line is not empty */
    uint64_t begun_ns, told_ns; /* of the step that handles bytes; 0: not yet */
};

void xb_progress_begin(struct xb_progress_line *line, bool quiet);
/* Show the current step; on terminals only. */
void xb_progress_now(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Show how far a step that handles bytes has got, with rate and time left; cheap enough to call
 * often. total 0: not known. xb_progress_step begins the next step.
 */
void xb_progress_bytes(struct xb_progress_line *line, const char *what, uint64_t done,
                       uint64_t total);
void xb_progress_step(struct xb_progress_line *line);
/* Print a line about a finished step. */
void xb_progress_done(struct xb_progress_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Clear the line before other output. */
void xb_progress_end(struct xb_progress_line *line);

#define XB_TIME_WORDS_BYTES 48
/* "40 s", "1 min 20 s", "2 h 5 min". Returns out. */
const char *xb_time_words(uint64_t ns, char out[XB_TIME_WORDS_BYTES]);
/*
 * ", 40 s left" for work of which this part (0 to 1) took spent_ns; "" within the first second, in
 * the last one, and while nothing is done. Returns out.
 */
const char *xb_time_left(uint64_t spent_ns, double part, char out[XB_TIME_WORDS_BYTES]);

#endif
