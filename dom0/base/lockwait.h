/*
 * Locks on single bytes of a file, shared or exclusive, that last as long as a descriptor; and
 * waits for them in which nobody is woken before the lock is free.
 */
#ifndef XB_LOCKWAIT_H
#define XB_LOCKWAIT_H

#include "err.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Take (F_RDLCK, F_WRLCK), change or give back (F_UNLCK) the lock on a byte, without waiting. False
 * where another descriptor's lock is in the way.
 */
bool xb_lock_byte(int fd, short type, off_t at);
/* Is a lock of another descriptor in the way of an exclusive one? */
bool xb_lock_byte_is_taken(int fd, off_t at);

/* A wait: a child that sleeps in the kernel until the descriptor that it shares with us has the lock. */
struct xb_lock_wait {
    pid_t pid; /* 0: none */
    int fd;    /* to poll: readable when it is over */
};
int xb_lock_wait_begin(struct xb_lock_wait *out, int fd, short type, off_t at, struct xb_err *err);
/* It is over: true where the descriptor has the lock. */
bool xb_lock_wait_end(struct xb_lock_wait *wait);
/* Give it up. Nothing where there is none; the lock may have come at the last moment. */
void xb_lock_wait_cancel(struct xb_lock_wait *wait);

/*
 * Take a lock, and wait for it until deadline_ns or until stop_fd (-1: none) is readable. tell is
 * called once, when it has taken a second. -1 only where a wait cannot be made.
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
