/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unix stream socket as a channel, for tests and the agent's --socket mode without Xen. */
#include "base.h"
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct unix_channel {
    struct xb_channel base;
    bool open;
};

static ssize_t moved(struct unix_channel *uc, ssize_t n)
{
    if (n > 0)
        return n;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (n == 0)
        errno = EPIPE;
    uc->open = false;
    return -1;
}

static ssize_t unix_read(struct xb_channel *ch, void *buf, size_t bytes)
{
    return moved((struct unix_channel *)ch, recv(ch->fd, buf, bytes, 0));
}

static ssize_t unix_write(struct xb_channel *ch, const void *buf, size_t bytes)
{
    return moved((struct unix_channel *)ch, send(ch->fd, buf, bytes, MSG_NOSIGNAL));
}

static short unix_poll_events(const struct xb_channel *ch XB_UNUSED, bool want_write)
{
    return (short)(POLLIN | (want_write ? POLLOUT : 0));
}

static int unix_poll_done(struct xb_channel *ch XB_UNUSED, short revents XB_UNUSED)
{
    return 0; /* a hang-up shows as end of file, after the last bytes */
}

static bool unix_is_open(const struct xb_channel *ch)
{
    return ((const struct unix_channel *)ch)->open;
}

static void unix_close(struct xb_channel *ch)
{
    close(ch->fd);
    free(ch);
}

static const struct xb_channel_ops unix_ops = {
    .name = "unix",
    .level = true,
    .read = unix_read,
    .write = unix_write,
    .poll_events = unix_poll_events,
    .poll_done = unix_poll_done,
    .is_open = unix_is_open,
    .close = unix_close,
};

int xb_channel_unix_from_fd(struct xb_channel **out, int fd, struct xb_err *err)
{
    struct unix_channel *uc = calloc(1, sizeof(*uc));
    if (!uc || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
        xb_fail(err, XB_E_HOST, errno, "cannot set up a socket");
        free(uc);
        close(fd);
        return -1;
    }
    uc->base = (struct xb_channel){.ops = &unix_ops, .fd = fd};
    uc->open = true;
    *out = &uc->base;
    return 0;
}

static int address(struct sockaddr_un *addr, const char *path, struct xb_err *err)
{
    *addr = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(addr->sun_path))
        return xb_fail(err, XB_E_INPUT, 0, "the socket's path %s is longer than %zu bytes", path,
                       sizeof(addr->sun_path) - 1);
    strcpy(addr->sun_path, path);
    return 0;
}

int xb_channel_unix_connect(struct xb_channel **out, const char *path, struct xb_err *err)
{
    struct sockaddr_un addr;
    if (address(&addr, path, err) < 0)
        return -1;
    xb_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
        return xb_fail(err, XB_E_BENCH, errno, "cannot connect to %s", path);
    return xb_channel_unix_from_fd(out, xb_steal_fd(&fd), err);
}

int xb_channel_unix_listen(int *out_fd, const char *path, struct xb_err *err)
{
    struct sockaddr_un addr;
    if (address(&addr, path, err) < 0)
        return -1;
    if (unlink(path) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove the old socket %s", path);
    xb_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot listen on %s", path);
    *out_fd = xb_steal_fd(&fd);
    return 0;
}
