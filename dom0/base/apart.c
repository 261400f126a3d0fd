/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apart.h"

#include "base.h"
#include "escape.h"
#include "files.h"
#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum kind { KIND_RECORD = 1, KIND_DONE = 2, KIND_FAILED = 3 };

struct head {
    uint32_t kind, bytes;
};

struct failure {
    uint32_t class, errnum;
    char text[sizeof(((struct xb_err *)NULL)->msg)];
};

static int tell(int fd, enum kind kind, const void *record, size_t bytes)
{
    const struct head head = {kind, (uint32_t)bytes};
    return xb_write_all(fd, &head, sizeof(head)) < 0 || xb_write_all(fd, record, bytes) < 0 ? -1
                                                                                            : 0;
}

int xb_apart_tell(int fd, const void *record, size_t bytes, struct xb_err *err)
{
    return tell(fd, KIND_RECORD, record, bytes) < 0 ? xb_fail(err, XB_E_HOST, errno, "answer") : 0;
}

static int tell_failure(int fd, const struct xb_err *err)
{
    struct failure failure = {.class = (uint32_t)err->class, .errnum = (uint32_t)err->errnum};
    memcpy(failure.text, err->msg, sizeof(failure.text));
    return tell(fd, KIND_FAILED, &failure, sizeof(failure));
}

/* What the process is to do. */
struct task {
    xb_apart_fn *work;
    void *arg;
    int fd;
    struct xb_sandbox sandbox;
};

static int be_apart(void *arg)
{
    const struct task *task = arg;
    struct xb_err err = {0};
    signal(SIGPIPE, SIG_IGN);
    int r = xb_sandbox_enter(&task->sandbox, &err);
    if (r == 0)
        r = task->work(task->arg, task->fd, &err);
    return (r < 0 ? tell_failure(task->fd, &err) : tell(task->fd, KIND_DONE, NULL, 0)) < 0;
}

/* Ours only if the process uses it. A sanitizer reports on stderr. */
static int standard(int fd, const struct xb_sandbox *sandbox)
{
    bool used = fd == STDERR_FILENO && XB_SANDBOX_SANITIZED;
    for (size_t i = 0; i < sandbox->keep_count; i++)
        used |= sandbox->keep[i] == fd;
    return used ? XB_CHILD_OURS : XB_CHILD_NULL;
}

int xb_apart_start(struct xb_apart *out, xb_apart_fn *work, void *arg, const int *keep,
                   size_t keep_count, struct xb_err *err)
{
    int ends[2], kept[XB_SANDBOX_KEEP_MAX];
    *out = XB_APART_NONE;
    if (keep_count >= XB_SANDBOX_KEEP_MAX ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a connection to a process");
    out->fd = ends[0];
    xb_auto_close int theirs = ends[1];
    for (size_t i = 0; i < keep_count; i++)
        kept[i] = keep[i];
    kept[keep_count] = theirs;
    struct task task = {
        .work = work,
        .arg = arg,
        .fd = theirs,
        .sandbox = {.profile = XB_SANDBOX_READER, .keep = kept, .keep_count = keep_count + 1},
    };
    /* A group of its own: the caller handles Ctrl-C, and ends the process. */
    const struct xb_child_spec spec = {
        .main = be_apart,
        .arg = &task,
        .in = standard(STDIN_FILENO, &task.sandbox),
        .out = standard(STDOUT_FILENO, &task.sandbox),
        .err = standard(STDERR_FILENO, &task.sandbox),
        .group = true,
        .death_signal = SIGKILL,
    };
    if (xb_child_start(&out->child, &spec, err) == 0)
        return 0;
    xb_apart_end(out);
    return -1;
}

static int receive_all(int fd, void *bytes, size_t count)
{
    char *at = bytes;
    while (count > 0) {
        ssize_t n = read(fd, at, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        count -= (size_t)n;
    }
    return 0;
}

static int broke_off(struct xb_apart *apart, struct xb_err *err)
{
    int signal = 0;
    xb_child_kill(&apart->child, SIGKILL);
    int status = xb_child_reap(&apart->child, &signal);
    if (signal == SIGSYS)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the process that read it tried what the sandbox forbids, and was killed: "
                       "the data may be an attack");
    if (signal == SIGKILL || signal == 0)
        return xb_fail(err, XB_E_HOST, 0, "the process that read it gave a wrong answer (%d)",
                       status);
    return xb_fail(err, XB_E_INPUT, 0, "the process that read it died (signal %d)", signal);
}

/* The work's own error; its text may quote foreign bytes. */
static int pass_failure(struct xb_apart *apart, struct xb_err *err)
{
    struct failure failure;
    char shown[XB_ESCAPE_MAX(sizeof(failure.text)) + 1];
    struct xb_escape escape = {0};
    if (receive_all(apart->fd, &failure, sizeof(failure)) < 0)
        return broke_off(apart, err);
    if (failure.class < XB_E_BENCH || failure.class > XB_E_HOST || failure.errnum > INT32_MAX ||
        !memchr(failure.text, '\0', sizeof(failure.text)))
        return broke_off(apart, err);
    shown[xb_escape(&escape, (const uint8_t *)failure.text, strlen(failure.text), true, shown)] =
        '\0';
    xb_fail(err, (enum xb_err_class)failure.class, 0, "%s", shown);
    if (err && err->errnum == 0)
        err->errnum = (int)failure.errnum;
    return -1;
}

int xb_apart_hear(struct xb_apart *apart, void *record, size_t bytes, struct xb_err *err)
{
    struct head head;
    if (receive_all(apart->fd, &head, sizeof(head)) < 0)
        return broke_off(apart, err);
    if (head.kind == KIND_DONE && head.bytes == 0)
        return 0;
    if (head.kind == KIND_FAILED && head.bytes == sizeof(struct failure))
        return pass_failure(apart, err);
    if (head.kind != KIND_RECORD || head.bytes != bytes ||
        receive_all(apart->fd, record, bytes) < 0)
        return broke_off(apart, err);
    return 1;
}

void xb_apart_end(struct xb_apart *apart)
{
    xb_cleanup_close(&apart->fd);
    xb_child_kill(&apart->child, SIGKILL);
    xb_child_reap(&apart->child, NULL);
    *apart = XB_APART_NONE;
}

int xb_apart_ask(xb_apart_fn *work, void *arg, const int *keep, size_t keep_count, void *record,
                 size_t bytes, struct xb_err *err)
{
    xb_auto_apart struct xb_apart apart = XB_APART_NONE;
    if (xb_apart_start(&apart, work, arg, keep, keep_count, err) < 0)
        return -1;
    int r = xb_apart_hear(&apart, record, bytes, err);
    return r == 1 && xb_apart_hear(&apart, NULL, 0, err) < 0 ? -1 : r;
}
