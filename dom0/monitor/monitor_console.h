/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's console in its monitor: output goes to a bounded file and to all clients of the
 * monitor's socket, whose input goes to the guest. Nothing waits for a reader or grows unbounded.
 */
#ifndef XB_MONITOR_CONSOLE_H
#define XB_MONITOR_CONSOLE_H

#include "base.h"
#include "err.h"

#include <limits.h>
#include <poll.h>
#include <stdint.h>

#define XB_CONSOLE_LOG_MAX XB_MIB /* then it becomes console.log.1 and a new one begins */
#define XB_CONSOLE_CLIENTS 4
#define XB_CONSOLE_POLLS (XB_CONSOLE_CLIENTS + 2)

struct xb_console {
    int tty_fd; /* the guest's console; -1 while it has none */
    int log_fd; /* -1 if it cannot be written; the guest goes on without a log */
    uint64_t log_bytes;
    char log_path[PATH_MAX];
    int listen_fd;
    int client_fd[XB_CONSOLE_CLIENTS];
    uint64_t window_ns;     /* output is read at a bounded rate: when the present window began, */
    uint64_t window_bytes;  /* how much was read in it, */
    uint64_t rest_until_ns; /* and until when no more is read */
};

/* Mark everything as not open, so that closing is safe. */
void xb_console_init(struct xb_console *console);

/* Listen on the socket. The log is opened when a console is attached. */
int xb_console_open(struct xb_console *console, const char *log_path, const char *socket_path,
                    struct xb_err *err);
void xb_console_close(struct xb_console *console);

/*
 * Attach a domain's console, a pseudo terminal of xenconsoled, and start the log anew for this
 * boot.
 */
int xb_console_attach(struct xb_console *console, const char *tty_path, struct xb_err *err);

/* The domain is gone: read the rest of its output, and close its console. */
void xb_console_detach(struct xb_console *console);

/*
 * Before poll: fill up to XB_CONSOLE_POLLS entries, lower *timeout_ms (-1: none) if needed, and
 * return how many. After poll: pass the same entries back.
 */
int xb_console_before_poll(const struct xb_console *console, struct pollfd *fds, int *timeout_ms);
void xb_console_after_poll(struct xb_console *console, const struct pollfd *fds, int count);

#endif
