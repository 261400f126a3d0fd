/*
 * What a guest writes, on its way to our own stdout or stderr: as it is, or escaped for a terminal,
 * and by whole lines with the guest's name in front where several guests speak.
 */
#ifndef XB_GUEST_OUTPUT_H
#define XB_GUEST_OUTPUT_H

#include "escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_GUEST_LINE_MAX 4096

struct xb_guest_output {
    int fd;
    int stop_fd; /* readable: what is still to be written is thrown away; -1: none ... */
    bool (*go_on)(void *arg); /* ... unless this takes what made it readable and says true */
    void *arg;
    bool escape;
    const char *prefix; /* put before each line; NULL: bytes pass without regard to lines */
    struct xb_escape escaping;
    char line[XB_GUEST_LINE_MAX + 1];
    size_t line_bytes;
};

/*
 * Write bytes; last ends an open line. A line longer than XB_GUEST_LINE_MAX is broken. -1 with
 * errno when fd cannot be written (EPIPE: nobody reads it); SIGPIPE is expected not to kill (xb_signals_prepare).
 */
int xb_guest_output_write(struct xb_guest_output *out, const uint8_t *data, size_t bytes,
                          bool last);

#endif
