/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xswait.h"

#include "base.h"
#include "interrupt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <xenstore.h>

#define SOON_NS (20 * XB_NS_PER_MS)

static int ms_until(uint64_t deadline_ns)
{
    uint64_t now_ns = xb_now_ns();
    if (deadline_ns <= now_ns)
        return 0;
    uint64_t ms = (deadline_ns - now_ns + XB_NS_PER_MS - 1) / XB_NS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void take_events(struct xs_handle *xs)
{
    char **event;
    while ((event = xs_check_watch(xs)))
        free(event);
}

static int wait_loop(struct xs_handle *xs, uint64_t deadline_ns, xb_xs_look_fn *look, void *arg,
                     struct xb_err *err)
{
    xb_auto_close int stop_fd = xb_stop_fd();
    for (;;) {
        take_events(xs);
        int found = look(arg, err);
        if (found && found != XB_XS_SOON)
            return found;
        uint64_t now_ns = xb_now_ns();
        if (now_ns >= deadline_ns)
            return 0;
        uint64_t until_ns =
            found && now_ns + SOON_NS < deadline_ns ? now_ns + SOON_NS : deadline_ns;
        struct pollfd fds[] = {{.fd = xs_fileno(xs), .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN}};
        if (poll(fds, 2, ms_until(until_ns)) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot wait for xenstore");
        if (fds[1].revents)
            return xb_fail(err, XB_E_BENCH, EINTR, "stopped waiting for guests");
        if (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
            return xb_fail(err, XB_E_HOST, 0, "xenstored hung up");
    }
}

int xb_xs_wait(const char *const *paths, size_t count, uint64_t deadline_ns, xb_xs_look_fn *look,
               void *arg, struct xb_err *err)
{
    struct xs_handle *xs = xs_open(0);
    if (!xs)
        return xb_fail(err, XB_E_HOST, errno, "cannot connect to xenstored");
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        if (!xs_watch(xs, paths[i], "x"))
            status = xb_fail(err, XB_E_HOST, errno, "cannot watch %s in xenstore", paths[i]);
    if (status == 0)
        status = wait_loop(xs, deadline_ns, look, arg, err);
    xs_close(xs);
    return status;
}
