/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child processes: a program, or a function of ours in a process of its own. Nothing else in the
 * controller forks.
 */
#ifndef XB_CHILD_H
#define XB_CHILD_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define XB_CHILD_OURS 0     /* the child shares this descriptor of ours */
#define XB_CHILD_NULL (-1)  /* /dev/null */
#define XB_CHILD_KILLED 128 /* the status of a child that a signal ended */

/* What to run: argv, or main if argv is NULL. Zero in any other member is the ordinary case. */
struct xb_child_spec {
    const char *const *argv; /* argv[0] is looked for in PATH, then in /usr/sbin */
    const char *program;     /* the path of the program if argv[0] is not its name */
    int (*main)(void *arg);  /* returns the exit status */
    void *arg;
    const char *const *env; /* NAME=VALUE, replacing ours of that name; ends with NULL */
    const char *dir;        /* for a program: where it starts */
    int in, out, err;       /* XB_CHILD_OURS, XB_CHILD_NULL, or a descriptor */
    bool group;             /* of its own: the terminal's signals miss it, ours reach all of it */
    bool session;           /* of its own */
    bool kept; /* a process between us and the child holds our locks until the child has ended */
    int death_signal; /* sent, with the default action, when this process dies; 0: none */
};

struct xb_child {
    pid_t pid; /* 0: none */
    int fd;    /* for poll: readable once the child has ended */
    bool group;
};

/*
 * Start a child. A program starts with no signal blocked, a function with ours. XB_E_HOST with the
 * cause's errno if it cannot start, for instance because the program is missing.
 */
int xb_child_start(struct xb_child *out, const struct xb_child_spec *spec, struct xb_err *err);

/* Wait for the child's end, for deadline_ns (UINT64_MAX: none), or for stop_fd (-1: none). */
enum xb_child_wait { XB_CHILD_ENDED = 0, XB_CHILD_STOP, XB_CHILD_DEADLINE };
enum xb_child_wait xb_child_await(const struct xb_child *child, uint64_t deadline_ns, int stop_fd);

/* Send a signal to the child, or to its whole group; a no-op if there is no child. */
void xb_child_kill(const struct xb_child *child, int signal);
/* Send SIGTERM, and SIGKILL if the child has not ended after grace_ns. Reap it afterwards. */
void xb_child_end(const struct xb_child *child, uint64_t grace_ns);
/*
 * Wait for the child's end, however long. Returns its exit status; XB_CHILD_KILLED after a signal,
 * which *signal (may be NULL) names, else 0. -1 if there is no such child.
 */
int xb_child_reap(struct xb_child *child, int *signal);

/* Start and reap: the status, or -1 with err filled. */
int xb_child_run(const struct xb_child_spec *spec, struct xb_err *err);

#endif
