/* SPDX-License-Identifier: GPL-3.0-or-later */
// console.c: logs the console's output within a bounded size, and lets one viewer at a time watch
// and type.

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "labd.h"

enum { LOG_BYTES_MAX = 4 << 20 }; // for each of console.log and console.log.1

void open_log(struct labd *lab)
{
    if (lab->log >= 0) {
        close(lab->log);
        rename("console.log", "console.log.1");
    }
    lab->log = open("console.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    lab->log_bytes = 0;
}

static void drop_viewer(struct labd *lab)
{
    close(lab->fds[VIEWER].fd);
    lab->fds[VIEWER].fd = -1;
}

void read_console(struct labd *lab)
{
    char bytes[4096];
    ssize_t n = read(lab->fds[CONSOLE].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        lab->fds[CONSOLE].fd = -1;
        return;
    }
    if (lab->log_bytes + (size_t)n > LOG_BYTES_MAX) {
        open_log(lab);
    }
    if (lab->log >= 0 && write(lab->log, bytes, (size_t)n) == n) {
        lab->log_bytes += (size_t)n;
    }
    if (lab->fds[VIEWER].fd >= 0) { // a slow viewer misses output; the log does not
        (void)!send(lab->fds[VIEWER].fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

void accept_viewer(struct labd *lab)
{
    int fd = accept4(lab->fds[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        return;
    }
    if (lab->fds[VIEWER].fd >= 0) {
        drop_viewer(lab); // the newest viewer wins: an old one may be a forgotten terminal
    }
    lab->fds[VIEWER].fd = fd;
}

void read_viewer(struct labd *lab)
{
    char bytes[512];
    ssize_t n = read(lab->fds[VIEWER].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        drop_viewer(lab);
    } else {
        (void)!send(lab->fds[CONSOLE].fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 1) != 0) {
        die(EXIT_HOST, "listen at %s", path);
    }
    return fd;
}
