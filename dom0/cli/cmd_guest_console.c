/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest console`: shows the output that a guest's monitor has stored, follows new output,
 * and connects the terminal to the console.
 */
#include "base.h"
#include "commands.h"
#include "escape.h"
#include "files.h"
#include "guest_def.h"
#include "interrupt.h"
#include "rawterm.h"
#include "streams.h"
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BUF_BYTES 4096
#define LEAVE 0x1d /* Ctrl-] */

struct request {
    struct xb_words name;
    bool follow;
    bool interactive;
    bool previous;
};

static const struct xb_opt rows[] = {
    OPT_TRUE(struct request, follow, "follow", 'F', "Continue with new output, until Ctrl-C"),
    OPT_TRUE(
        struct request, interactive, "interactive", 'i',
        "Type to the console, until Ctrl-]; the guest can then send anything to your terminal"),
    OPT_TRUE(struct request, previous, "previous", 'p', "Show the output before the last start"),
    OPT_END,
};

const struct xb_opts xb_opts_guest_console = {
    .rows = rows,
    .words = OPT_WORDS(struct request, name, 1, 1, "which guest?"),
    .args = "GUEST",
    .doc = "Show a guest's console output since its start (the last MiB of it)."
           "\vOn a terminal, control characters are shown as \\xHH, except with --interactive.",
};

/* A terminal obeys control characters, and guests are hostile; a file gets the bytes unchanged. */
static void show(struct xb_escape *escape, const char *bytes, size_t count)
{
    if (!isatty(STDOUT_FILENO)) {
        fwrite(bytes, 1, count, stdout);
        return;
    }
    char plain[BUF_BYTES], out[XB_ESCAPE_MAX(BUF_BYTES)];
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != '\r') /* a serial console ends each line with one */
            plain[used++] = bytes[i];
    used = xb_escape(escape, (const uint8_t *)plain, used, false, out);
    fwrite(out, 1, used, stdout);
}

static int show_rest(struct xb_escape *escape, int fd, struct xb_err *err)
{
    char buf[BUF_BYTES];
    for (ssize_t n; (n = read(fd, buf, sizeof(buf))) > 0;)
        show(escape, buf, (size_t)n);
    return xb_stream_flush(stdout, "the console's output", err);
}

/* Was the file renamed to console.log.1 and replaced by a new one? */
static bool is_replaced(const char *path, int fd)
{
    struct stat named, open_one;
    return stat(path, &named) == 0 && fstat(fd, &open_one) == 0 && named.st_ino != open_one.st_ino;
}

static int follow(const char *dir, const char *path, int *fd, struct xb_escape *escape,
                  struct xb_err *err)
{
    char events[BUF_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
    xb_auto_close int watch = inotify_init1(IN_CLOEXEC);
    if (watch < 0 || inotify_add_watch(watch, dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot follow %s", path);
    for (;;) {
        if (show_rest(escape, *fd, err) < 0)
            return -1;
        if (is_replaced(path, *fd)) {
            close(*fd);
            *fd = open(path, O_RDONLY | O_CLOEXEC);
            if (*fd < 0)
                return xb_fail(err, XB_E_HOST, errno, "cannot read %s", path);
            continue;
        }
        if (read(watch, events, sizeof(events)) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot follow %s", path);
    }
}

static int show_log(const struct xb_guest_def *def, const struct request *request,
                    struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_escape escape = {0};
    if (xb_path(path, sizeof(path), err, "%s/console.log%s", def->dir,
                request->previous ? ".1" : "") < 0)
        return -1;
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: nothing is kept%s", def->name,
                       request->previous ? " from before its last start"
                                         : " (was it started with xenbench?)");
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", path);
    if (request->follow)
        return follow(def->dir, path, &fd, &escape, err);
    return show_rest(&escape, fd, err);
}

static int connect_monitor(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (xb_guest_console_socket_path(app, def->uuid, address.sun_path, sizeof(address.sun_path),
                                     err) < 0)
        return -1;
    xb_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return xb_fail(
            err, XB_E_BENCH, errno,
            "guest %s: nobody watches its console (`xenbench guest start %s` sees to that)",
            def->name, def->name);
    return xb_steal_fd(&fd);
}

/* 1: Ctrl-] or a closed side ended the session; 0: continue; -1: `to` cannot be written (errno). */
static int pass_on(int from, int to, bool typed)
{
    char buf[BUF_BYTES];
    ssize_t n = read(from, buf, sizeof(buf));
    if (n <= 0)
        return !(n < 0 && errno == EINTR);
    char *leave = typed ? memchr(buf, LEAVE, (size_t)n) : NULL;
    size_t count = leave ? (size_t)(leave - buf) : (size_t)n;
    for (size_t at = 0; at < count;) {
        ssize_t w = write(to, buf + at, count - at);
        if (w < 0 && errno != EINTR)
            return -1;
        at += w > 0 ? (size_t)w : 0;
    }
    return leave != NULL;
}

/* Pass bytes on until a side closes or a signal comes, which acts once the terminal is restored. */
static int talk(int console, int signal_fd, struct xb_err *err)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = console, .events = POLLIN},
                           {.fd = signal_fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, XB_ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot wait for the console");
        if (fds[2].revents)
            return 0;
        int shown = fds[1].revents ? pass_on(console, STDOUT_FILENO, false) : 0;
        if (shown)
            return shown < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot write the console's output")
                             : 0;
        if (fds[0].revents && pass_on(STDIN_FILENO, console, true))
            return 0; /* the guest has ended, and takes no input */
    }
}

static int interact(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    struct xb_rawterm terminal;
    xb_auto_close int console = connect_monitor(app, def, err);
    if (console < 0)
        return -1;
    int signal_fd = xb_interrupt_open(err);
    if (signal_fd < 0)
        return -1;
    xb_rawterm_enter(&terminal);
    if (terminal.raw)
        fprintf(stderr, "(Ctrl-] ends)\r\n");
    int status = talk(console, signal_fd, err);
    xb_rawterm_leave(&terminal);
    xb_interrupt_close(signal_fd);
    return status;
}

/* For a guest that xenbench did not make, run Xen's own console client. */
static int interact_with_others(struct xb_app *app, const char *name, struct xb_err *err)
{
    struct xb_guest guest;
    if (xb_guest_find(app, name, &guest, err) < 0)
        return -1;
    libxl_primary_console_exec(app->xen->ctx, guest.domid, -1);
    return xb_fail(err, XB_E_HOST, errno, "cannot run Xen's console client for guest %s", name);
}

int xb_cmd_guest_console(struct xb_app *app, int argc, char **argv)
{
    struct request request = {0};
    struct xb_guest_def def;
    xb_opts_parse(&xb_opts_guest_console, argc, argv, &request);
    const char *name = request.name.v[0];
    if (!xb_guest_exists(app, name) && request.interactive)
        interact_with_others(app, name, &app->err);
    else if (xb_guest_def_load(app, name, &def, &app->err) == 0 && request.interactive)
        interact(app, &def, &app->err);
    else if (app->err.class == XB_E_NONE)
        show_log(&def, &request, &app->err);
    return (int)app->err.class;
}
