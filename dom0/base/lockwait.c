/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lockwait.h"

#include "base.h"

#include <errno.h>
#include <signal.h>

#define TELL_AFTER_NS XB_NS_PER_S

static struct flock one_byte(short type, off_t at)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
}

bool xb_lock_byte(int fd, short type, off_t at)
{
    struct flock lock = one_byte(type, at);
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool xb_lock_byte_is_taken(int fd, off_t at)
{
    struct flock lock = one_byte(F_WRLCK, at);
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

struct waiter {
    int fd;
    struct flock lock;
};

/* Close our other descriptors: their locks and rings must not live on in the child. */
static int be_waiter(void *arg)
{
    const struct waiter *waiter = arg;
    struct flock lock = waiter->lock;
    if ((waiter->fd > 0 && close_range(0, (unsigned)waiter->fd - 1, 0) < 0) ||
        close_range((unsigned)waiter->fd + 1, ~0U, 0) < 0)
        return 1;
    int r;
    do
        r = fcntl(waiter->fd, F_OFD_SETLKW, &lock);
    while (r < 0 && errno == EINTR);
    return r < 0;
}

int xb_lock_wait_begin(struct xb_lock_wait *out, int fd, short type, off_t at, struct xb_err *err)
{
    struct waiter waiter = {fd, one_byte(type, at)};
    const struct xb_child_spec spec = {.main = be_waiter, .arg = &waiter, .death_signal = SIGKILL};
    return xb_child_start(&out->child, &spec, err) < 0
               ? xb_fail_context(err, "cannot wait for a lock")
               : 0;
}

bool xb_lock_wait_end(struct xb_lock_wait *wait)
{
    return xb_child_reap(&wait->child, NULL) == 0;
}

void xb_lock_wait_cancel(struct xb_lock_wait *wait)
{
    if (wait->child.pid <= 0)
        return;
    xb_child_kill(&wait->child, SIGKILL);
    xb_child_reap(&wait->child, NULL);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int await(struct xb_lock_wait *wait, const struct xb_lock_await *how, struct xb_err *err)
{
    uint64_t tell_ns = xb_now_ns() + TELL_AFTER_NS;
    for (;;) {
        enum xb_child_wait end =
            xb_child_await(&wait->child, earlier(tell_ns, how->deadline_ns), how->stop_fd);
        if (end == XB_CHILD_ENDED)
            return xb_lock_wait_end(wait) ? XB_LOCK_TAKEN
                                          : xb_fail(err, XB_E_HOST, 0, "a wait for a lock failed");
        if (end == XB_CHILD_STOP)
            return XB_LOCK_STOP_FD;
        if (xb_now_ns() >= how->deadline_ns)
            return XB_LOCK_DEADLINE;
        how->tell(how->arg);
        tell_ns = UINT64_MAX;
    }
}

int xb_lock_await(int fd, short type, off_t at, const struct xb_lock_await *how, struct xb_err *err)
{
    struct xb_lock_wait wait;
    if (xb_lock_byte(fd, type, at))
        return XB_LOCK_TAKEN;
    if (xb_lock_wait_begin(&wait, fd, type, at, err) < 0)
        return -1;
    int r = await(&wait, how, err);
    xb_lock_wait_cancel(&wait);
    return r;
}
