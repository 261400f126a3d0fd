/*
 * A line on the terminal with the progress of a copy.
 */
#ifndef XB_COPY_LINE_H
#define XB_COPY_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct xb_copy_line {
    const char *what;
    bool shown;
    uint64_t next_ns; /* when to draw the line again */
};

/*
 * For struct xb_progress; arg is a struct xb_copy_line. Draws nothing where stderr is no terminal.
 */
void xb_copy_line_draw(void *arg, uint64_t done_bytes, uint64_t size_bytes);
/* Wipe the line. */
void xb_copy_line_end(struct xb_copy_line *line);

#endif
