/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_capture.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "files.h"
#include "outfile.h"
#include "trace_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <x86intrin.h>

/* Xen's buffer per CPU. Only a reboot frees it. */
#define PAGES_PER_CPU 256
#define MARK_TRIES 8
#define READY_MS 30000
/*
 * The child's descriptors. All others are closed, so that no descriptor of a session outlives the
 * session in the child.
 */
enum { CHILD_SOCKET = 3, CHILD_FILE = 4 };

struct xb_capture {
    struct xb_child child;
    int socket; /* the child stops when this end closes, so also when this process dies */
    int file;   /* anonymous memory */
};

/* The child's message, once when it is ready and once at its end. */
struct word {
    int class; /* XB_E_NONE: no error */
    char msg[256];
    uint64_t size, full_tsc, wakeups;
    bool full;
};

struct child {
    struct xb_tap *tap;
    struct word said;
    uint64_t max;
    bool stop;
};

struct xb_tsc_mark xb_tsc_mark_now(void)
{
    struct xb_tsc_mark best = {0};
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < MARK_TRIES; i++) {
        uint64_t before = xb_now_ns(), tsc = __rdtsc(), after = xb_now_ns();
        if (after - before >= best_ns)
            continue;
        best_ns = after - before;
        best = (struct xb_tsc_mark){.mono_ns = before + best_ns / 2, .tsc = tsc};
    }
    return best;
}

static int lock_path(struct xb_app *app, char *out, size_t bytes, struct xb_err *err)
{
    return xb_path(out, bytes, err, "%s/trace.lock", app->run_dir);
}

static int drain(struct child *c, struct xb_err *err)
{
    uint64_t begun_tsc = __rdtsc();
    if (c->said.full)
        return 0;
    int r = xb_tap_drain(c->tap, CHILD_FILE, &c->said.size, c->max, err);
    if (r < 0)
        return -1;
    if (r == 0) {
        c->said.full_tsc = begun_tsc;
        return 0;
    }
    c->said.full = true;
    return xb_tap_disable(c->tap, err);
}

static int serve(struct child *c, struct xb_err *err)
{
    struct pollfd fds[] = {{.fd = CHILD_SOCKET, .events = POLLIN},
                           {.fd = xb_tap_fd(c->tap), .events = POLLIN}};
    while (!c->stop) {
        if (poll(fds, XB_ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "wait for Xen's trace signal");
        c->stop = fds[0].revents != 0;
        if (!c->stop && fds[1].revents) {
            c->said.wakeups++;
            if (xb_tap_heard(c->tap, err) < 0 || drain(c, err) < 0)
                return -1;
        }
    }
    /* Drain the buffers before Xen stops tracing, so that Xen drops no records unseen. */
    if (drain(c, err) < 0 || xb_tap_disable(c->tap, err) < 0)
        return -1;
    return drain(c, err);
}

static void tell(struct child *c, const struct xb_err *err)
{
    c->said.class = (int)err->class;
    snprintf(c->said.msg, sizeof(c->said.msg), "%.255s", err->msg);
    if (send(CHILD_SOCKET, &c->said, sizeof(c->said), MSG_NOSIGNAL) < 0)
        c->stop = true;
}

/* What the child needs to know when it starts. */
struct orders {
    int socket, file;
    const char *lock;
    uint64_t max;
};

/* Keep two descriptors, by number, and close all others. */
static int keep_two(int socket, int file)
{
    int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 100);
    int high_file = fcntl(file, F_DUPFD_CLOEXEC, 100);
    if (high_socket < 0 || high_file < 0 || dup2(high_socket, CHILD_SOCKET) < 0 ||
        dup2(high_file, CHILD_FILE) < 0)
        return -1;
    return close_range(CHILD_FILE + 1, ~0U, 0);
}

static int child_main(void *arg)
{
    const struct orders *orders = arg;
    struct child c = {.max = orders->max};
    struct xb_err err = {0};
    /* Ctrl-C is for the controller, which stops this child. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (keep_two(orders->socket, orders->file) < 0)
        return 1;
    bool locked = xb_lock_take(orders->lock, NULL, &err) >= 0;
    if (locked && xb_tap_open(&c.tap, PAGES_PER_CPU, &err) == 0) {
        tell(&c, &err);
        serve(&c, &err);
    }
    xb_tap_close(c.tap);
    if (locked)
        unlink(orders->lock);
    tell(&c, &err);
    return 0;
}

static uint64_t room_for_trace(void)
{
    char line[128];
    unsigned long long kib = 0;
    xb_auto_fclose FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            break;
    uint64_t quarter = kib * 1024 / 4;
    return quarter > 0 && quarter < XB_CAPTURE_BYTES_MAX ? quarter : XB_CAPTURE_BYTES_MAX;
}

/* Receive the child's next message; fails with the child's error, or where the child has died. */
static int hear(struct xb_capture *capture, int timeout_ms, struct word *out, struct xb_err *err)
{
    struct pollfd fd = {.fd = capture->socket, .events = POLLIN};
    int r;
    do
        r = poll(&fd, 1, timeout_ms);
    while (r < 0 && errno == EINTR);
    if (r <= 0 || recv(capture->socket, out, sizeof(*out), 0) != (ssize_t)sizeof(*out))
        return xb_fail(err, XB_E_HOST, 0, "the process that takes the trace %s",
                       r == 0 ? "does not answer" : "died");
    out->msg[sizeof(out->msg) - 1] = '\0';
    return out->class ? xb_fail(err, (enum xb_err_class)out->class, 0, "%s", out->msg) : 0;
}

int xb_capture_start(struct xb_capture **out, struct xb_app *app, struct xb_err *err)
{
    char lock[PATH_MAX];
    int ends[2];
    struct word ready;
    if (xb_make_dirs(app->run_dir, err) < 0 || lock_path(app, lock, sizeof(lock), err) < 0)
        return -1;
    struct xb_capture *capture = xb_calloc(1, sizeof(*capture));
    capture->file = memfd_create("xenbench-trace", MFD_CLOEXEC);
    if (capture->file < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        xb_fail(err, XB_E_HOST, errno, "cannot trace");
        close(capture->file);
        free(capture);
        return -1;
    }
    struct orders orders = {ends[1], capture->file, lock, room_for_trace()};
    const struct xb_child_spec spec = {.main = child_main, .arg = &orders};
    capture->socket = ends[0];
    int r = xb_child_start(&capture->child, &spec, err);
    close(ends[1]);
    if (r < 0)
        xb_fail_context(err, "cannot trace");
    if (r < 0 || hear(capture, READY_MS, &ready, err) < 0) {
        xb_capture_cancel(capture);
        return -1;
    }
    *out = capture;
    return 0;
}

void xb_capture_cancel(struct xb_capture *capture)
{
    if (!capture)
        return;
    close(capture->socket);
    close(capture->file);
    if (capture->child.pid > 0)
        xb_child_reap(&capture->child, NULL);
    free(capture);
}

static int map_captured(int file, uint64_t size, struct xb_captured *out, struct xb_err *err)
{
    void *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : NULL;
    if (bytes == MAP_FAILED)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the trace that was taken");
    out->bytes = bytes;
    out->size = size;
    return 0;
}

int xb_capture_stop(struct xb_capture *capture, struct xb_captured *out, struct xb_err *err)
{
    struct word end;
    *out = (struct xb_captured){0};
    shutdown(capture->socket, SHUT_WR);
    int r = hear(capture, READY_MS, &end, err);
    if (r == 0) {
        out->full = end.full;
        out->full_tsc = end.full_tsc;
        out->wakeups = end.wakeups;
        r = map_captured(capture->file, end.size, out, err);
    }
    xb_capture_cancel(capture);
    return r;
}

int xb_captured_keep(const struct xb_captured *captured, const char *path, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_outfile_open(&file, path, 0666, true, NULL, err) < 0 ||
        xb_outfile_write(&file, captured->bytes, captured->size, err) < 0)
        return xb_fail_context(err, "the trace");
    return xb_newfile_show(&file, err);
}

void xb_captured_free(struct xb_captured *captured)
{
    if (captured->bytes)
        munmap((void *)captured->bytes, captured->size);
    *captured = (struct xb_captured){0};
}

/* The lock file itself is the record. */
static int sweep(const struct xb_recovery *recovery, struct xb_err *err)
{
    char lock[PATH_MAX];
    if (lock_path(recovery->app, lock, sizeof(lock), err) < 0)
        return -1;
    if (access(lock, F_OK) < 0 || xb_lock_holder(lock))
        return 0;
    if (!recovery->dry_run && xb_tap_off(err) < 0)
        return -1;
    if (!recovery->dry_run)
        xb_lock_sweep(lock);
    xb_recovery_tell(recovery, "switch Xen's tracing off");
    return 0;
}

const struct xb_journal_kind xb_trace_kind = {.sweep = sweep};
