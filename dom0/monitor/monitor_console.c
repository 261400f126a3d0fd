/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "monitor_console.h"

#include "base.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#define READ_BYTES 4096
#define WINDOW_NS (20 * XB_NS_PER_MS) /* at most WINDOW_BYTES per window: 1.6 MB/s */
#define WINDOW_BYTES (32 * XB_KIB)
#define LAST_READS 256 /* the last output of a dying guest, at most 1 MiB */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void begin_log(struct xb_console *console)
{
    char old[PATH_MAX];
    close_fd(&console->log_fd);
    if (console->log_bytes && xb_path(old, sizeof(old), NULL, "%s.1", console->log_path) == 0)
        rename(console->log_path, old);
    console->log_fd = open(console->log_path,
                           O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    console->log_bytes = 0;
}

static int listen_at(const char *path, struct xb_err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (xb_path(address.sun_path, sizeof(address.sun_path), err, "%s", path) < 0)
        return -1;
    xb_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, XB_CONSOLE_CLIENTS) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot listen on %s", path);
    return xb_steal_fd(&fd);
}

void xb_console_init(struct xb_console *console)
{
    *console = (struct xb_console){.tty_fd = -1, .log_fd = -1, .listen_fd = -1};
    for (int i = 0; i < XB_CONSOLE_CLIENTS; i++)
        console->client_fd[i] = -1;
}

int xb_console_open(struct xb_console *console, const char *log_path, const char *socket_path,
                    struct xb_err *err)
{
    if (xb_path(console->log_path, sizeof(console->log_path), err, "%s", log_path) < 0)
        return -1;
    console->listen_fd = listen_at(socket_path, err);
    return console->listen_fd < 0 ? -1 : 0;
}

void xb_console_close(struct xb_console *console)
{
    xb_console_detach(console);
    close_fd(&console->listen_fd);
    close_fd(&console->log_fd);
    for (int i = 0; i < XB_CONSOLE_CLIENTS; i++)
        close_fd(&console->client_fd[i]);
}

int xb_console_attach(struct xb_console *console, const char *tty_path, struct xb_err *err)
{
    struct termios mode;
    xb_console_detach(console);
    console->log_bytes = access(console->log_path, F_OK) == 0;
    begin_log(console);
    xb_auto_close int fd = open(tty_path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &mode) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot open the console %s", tty_path);
    cfmakeraw(&mode);
    if (tcsetattr(fd, TCSANOW, &mode) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot set up the console %s", tty_path);
    console->tty_fd = xb_steal_fd(&fd);
    return 0;
}

/* Drop what cannot be written (a full disk): a guest's output must not stop its monitor. */
static void write_log(struct xb_console *console, const char *bytes, size_t count)
{
    if (console->log_bytes + count > XB_CONSOLE_LOG_MAX)
        begin_log(console);
    ssize_t n = console->log_fd < 0 ? -1 : write(console->log_fd, bytes, count);
    if (n > 0)
        console->log_bytes += (uint64_t)n;
}

/* A client that reads too slowly misses the output that does not fit. */
static void write_clients(struct xb_console *console, const char *bytes, size_t count)
{
    for (int i = 0; i < XB_CONSOLE_CLIENTS; i++) {
        int *fd = &console->client_fd[i];
        if (*fd >= 0 && send(*fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            close_fd(fd);
    }
}

static ssize_t read_guest(struct xb_console *console)
{
    char buf[READ_BYTES];
    ssize_t n = read(console->tty_fd, buf, sizeof(buf));
    if (n > 0) {
        write_log(console, buf, (size_t)n);
        write_clients(console, buf, (size_t)n);
    }
    return n;
}

void xb_console_detach(struct xb_console *console)
{
    for (int i = 0; i < LAST_READS && console->tty_fd >= 0 && read_guest(console) > 0;)
        i++;
    close_fd(&console->tty_fd);
}

/* Bound the rate of reading, so that a flood of output costs Dom0 a bounded share of a CPU. */
static void account(struct xb_console *console, size_t bytes)
{
    uint64_t now_ns = xb_now_ns();
    if (now_ns - console->window_ns > WINDOW_NS) {
        console->window_ns = now_ns;
        console->window_bytes = 0;
    }
    console->window_bytes += bytes;
    if (console->window_bytes >= WINDOW_BYTES)
        console->rest_until_ns = console->window_ns + WINDOW_NS;
}

static void accept_client(struct xb_console *console)
{
    int fd = accept4(console->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (int i = 0; fd >= 0 && i < XB_CONSOLE_CLIENTS; i++) {
        if (console->client_fd[i] < 0) {
            console->client_fd[i] = fd;
            return;
        }
    }
    close_fd(&fd);
}

static void read_client(struct xb_console *console, int *fd)
{
    char buf[256];
    ssize_t n = recv(*fd, buf, sizeof(buf), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(fd);
    else if (n > 0 && console->tty_fd >= 0 && write(console->tty_fd, buf, (size_t)n) < 0)
        return; /* the guest reads no input: keys are lost, as on a real line */
}

int xb_console_before_poll(const struct xb_console *console, struct pollfd *fds, int *timeout_ms)
{
    int count = 0;
    uint64_t now_ns = xb_now_ns();
    if (console->tty_fd >= 0 && now_ns >= console->rest_until_ns) {
        fds[count++] = (struct pollfd){.fd = console->tty_fd, .events = POLLIN};
    } else if (console->tty_fd >= 0) {
        int rest_ms = (int)((console->rest_until_ns - now_ns) / XB_NS_PER_MS) + 1;
        if (*timeout_ms < 0 || *timeout_ms > rest_ms)
            *timeout_ms = rest_ms;
    }
    fds[count++] = (struct pollfd){.fd = console->listen_fd, .events = POLLIN};
    for (int i = 0; i < XB_CONSOLE_CLIENTS; i++)
        if (console->client_fd[i] >= 0)
            fds[count++] = (struct pollfd){.fd = console->client_fd[i], .events = POLLIN};
    return count;
}

static int *client_of(struct xb_console *console, int fd)
{
    for (int i = 0; i < XB_CONSOLE_CLIENTS; i++)
        if (console->client_fd[i] == fd)
            return &console->client_fd[i];
    return NULL;
}

void xb_console_after_poll(struct xb_console *console, const struct pollfd *fds, int count)
{
    for (int i = 0; i < count; i++) {
        int *client;
        if (!fds[i].revents)
            continue;
        if (fds[i].fd == console->tty_fd) {
            ssize_t n = read_guest(console);
            if (n > 0)
                account(console, (size_t)n);
            if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
                close_fd(
                    &console
                         ->tty_fd); /* xenconsoled hung up; the domain's end is handled elsewhere */
        } else if (fds[i].fd == console->listen_fd) {
            accept_client(console);
        } else if ((client = client_of(console, fds[i].fd))) {
            read_client(console, client);
        }
    }
}
