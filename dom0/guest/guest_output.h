/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's output on its way to our stdout or stderr: raw or escaped for a terminal, and in
 * complete lines with the guest's name in front if several guests write.
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
    int stop_fd;              /* if readable, unwritten output is dropped; -1: none ... */
    bool (*go_on)(void *arg); /* ... unless this handles the event and returns true */
    void *arg;
    bool escape;
    const char *prefix; /* put before each line; NULL: pass bytes on without waiting for lines */
    struct xb_escape escaping;
    char line[XB_GUEST_LINE_MAX + 1];
    size_t line_bytes;
};

/*
 * Write bytes; last ends an open line. Lines longer than XB_GUEST_LINE_MAX are split. -1 with errno
 * if fd cannot be written (EPIPE: no reader; see xb_signals_prepare for SIGPIPE).
 */
int xb_guest_output_write(struct xb_guest_output *out, const uint8_t *data, size_t bytes,
                          bool last);

#endif
