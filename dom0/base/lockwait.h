/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks on single bytes of a file, shared or exclusive, held by a descriptor; and waits for them
 * that wake no process until the lock is free.
 */
#ifndef XB_LOCKWAIT_H
#define XB_LOCKWAIT_H

#include "child.h"
#include "err.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Take (F_RDLCK, F_WRLCK), convert or release (F_UNLCK) the lock on a byte without waiting. False
 * if another descriptor's lock is in the way.
 */
bool xb_lock_byte(int fd, short type, off_t at);
/* Does another descriptor's lock prevent an exclusive one? */
bool xb_lock_byte_is_taken(int fd, off_t at);

/* A pending wait: a child sleeps in the kernel until the shared descriptor has the lock. */
struct xb_lock_wait {
    struct xb_child child; /* its fd, for poll, is readable once the wait is over */
};
int xb_lock_wait_begin(struct xb_lock_wait *out, int fd, short type, off_t at, struct xb_err *err);
/* End the wait: true if the descriptor has the lock. */
bool xb_lock_wait_end(struct xb_lock_wait *wait);
/* Cancel a wait, if there is one; the lock may still have been taken. */
void xb_lock_wait_cancel(struct xb_lock_wait *wait);

/*
 * Take a lock, waiting until deadline_ns or until stop_fd (-1: none) is readable. Calls tell once,
 * after a second. -1 only if no wait is possible.
 */
enum xb_lock_end { XB_LOCK_TAKEN = 0, XB_LOCK_DEADLINE = 1, XB_LOCK_STOP_FD = 2 };
struct xb_lock_await {
    uint64_t deadline_ns;
    int stop_fd;
    void (*tell)(void *arg);
    void *arg;
};
int xb_lock_await(int fd, short type, off_t at, const struct xb_lock_await *how,
                  struct xb_err *err);

#endif
