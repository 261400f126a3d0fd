#include "lockwait.h"

#include "base.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

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

/* Close our other descriptors: their locks and rings must not live on in the child. */
static __attribute__((noreturn)) void be_waiter(int fd, short type, off_t at, pid_t parent)
{
    struct flock lock = one_byte(type, at);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || (fd > 0 && close_range(0, (unsigned)fd - 1, 0) < 0) ||
        close_range((unsigned)fd + 1, ~0U, 0) < 0)
        _exit(1);
    int r;
    do
        r = fcntl(fd, F_OFD_SETLKW, &lock);
    while (r < 0 && errno == EINTR);
    _exit(r < 0);
}

int xb_lock_wait_begin(struct xb_lock_wait *out, int fd, short type, off_t at, struct xb_err *err)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        be_waiter(fd, type, at, parent);
    *out = (struct xb_lock_wait){.pid = pid, .fd = pid > 0 ? pidfd_open(pid, 0) : -1};
    if (out->fd >= 0)
        return 0;
    xb_fail(err, XB_E_HOST, errno, "cannot wait for a lock");
    xb_lock_wait_cancel(out);
    return -1;
}

bool xb_lock_wait_end(struct xb_lock_wait *wait)
{
    int status = -1;
    while (waitpid(wait->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    xb_cleanup_close(&wait->fd);
    *wait = (struct xb_lock_wait){.fd = -1};
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void xb_lock_wait_cancel(struct xb_lock_wait *wait)
{
    if (wait->pid <= 0)
        return;
    kill(wait->pid, SIGKILL);
    xb_lock_wait_end(wait);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int await(struct xb_lock_wait *wait, const struct xb_lock_await *how, struct xb_err *err)
{
    uint64_t tell_ns = xb_now_ns() + TELL_AFTER_NS;
    for (;;) {
        uint64_t now_ns = xb_now_ns(), until_ns = earlier(tell_ns, how->deadline_ns);
        struct pollfd fds[] = {{.fd = wait->fd, .events = POLLIN},
                               {.fd = how->stop_fd, .events = POLLIN}};
        struct timespec left = xb_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
        ppoll(fds, XB_ARRAY_LEN(fds), until_ns == UINT64_MAX ? NULL : &left, NULL);
        if (fds[0].revents)
            return xb_lock_wait_end(wait) ? XB_LOCK_TAKEN
                                          : xb_fail(err, XB_E_HOST, 0, "a wait for a lock failed");
        if (fds[1].revents)
            return XB_LOCK_STOP_FD;
        now_ns = xb_now_ns();
        if (now_ns >= how->deadline_ns)
            return XB_LOCK_DEADLINE;
        if (now_ns >= tell_ns) {
            how->tell(how->arg);
            tell_ns = UINT64_MAX;
        }
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
