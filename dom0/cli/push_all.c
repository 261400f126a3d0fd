/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process per guest: a push is one conversation from start to end, and a guest that is slow or
 * silent must not hold up the others.
 */
#include "push_all.h"

#include "agent.h"
#include "alloc.h"
#include "base.h"
#include "child.h"
#include "copy_line.h"
#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#define REDRAW_MS 100

/* A child's result, in memory that parent and children share. */
struct share {
    struct xb_err err;
    uint64_t done_bytes, size_bytes;
};

static int push_one(struct xb_app *app, const struct xb_push *push, const char *name, int stop_fd,
                    const struct xb_progress *progress, struct xb_err *err)
{
    struct xb_agent *agent;
    uint64_t deadline_ns = xb_now_ns() + push->connect_timeout_ns;
    if (xb_agents_connect(&agent, app, &name, 1, deadline_ns, stop_fd, err) < 0)
        return -1;
    int r = xb_agent_push(agent, push->src, push->dst, progress, err);
    xb_agent_free(agent);
    return r;
}

static void note_progress(void *arg, uint64_t done_bytes, uint64_t size_bytes)
{
    struct share *share = arg;
    share->size_bytes = size_bytes;
    share->done_bytes = done_bytes;
}

struct task {
    struct xb_app *app;
    const struct xb_push *push;
    const char *name;
    struct share *share;
};

static int push_in_child(void *arg)
{
    const struct task *task = arg;
    struct share *share = task->share;
    int stop_fd = xb_interrupt_open(&share->err);
    struct xb_progress progress = {.fn = note_progress, .arg = share};
    if (stop_fd >= 0)
        push_one(task->app, task->push, task->name, stop_fd, &progress, &share->err);
    return (int)share->err.class;
}

/* If the parent dies, the child gets SIGTERM, which ends a push in an orderly way. */
static int start_child(struct task *task, struct xb_child *child, struct xb_err *err)
{
    const struct xb_child_spec spec = {.main = push_in_child, .arg = task, .death_signal = SIGTERM};
    return xb_child_start(child, &spec, err) < 0 ? xb_fail_context(err, "guest %s", task->name) : 0;
}

static void draw(struct xb_copy_line *line, const struct share *shares, size_t count)
{
    uint64_t done = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        done += shares[i].done_bytes;
        size += shares[i].size_bytes;
    }
    if (size)
        xb_copy_line_draw(line, done, size);
}

static void reap(struct xb_child *child, struct share *share, const char *name)
{
    if (xb_child_reap(child, NULL) != 0 && share->err.class == XB_E_NONE)
        xb_fail(&share->err, XB_E_HOST, 0, "guest %s: the process that copied to it died", name);
}

/* Wait until all children have ended. A stop signal is passed on to them once, which ends them. */
static void follow(struct xb_child *children, struct share *shares, const char *const *names,
                   size_t count, int stop_fd)
{
    struct xb_copy_line line;
    struct pollfd fds[count + 1];
    bool stopped = false;
    xb_copy_line_begin(&line, "all guests");
    for (;;) {
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
            fds[i] = (struct pollfd){.fd = children[i].fd, .events = POLLIN};
            left += children[i].fd >= 0;
        }
        if (left == 0)
            break;
        fds[count] = (struct pollfd){.fd = stopped ? -1 : stop_fd, .events = POLLIN};
        poll(fds, count + 1, isatty(STDERR_FILENO) ? REDRAW_MS : -1);
        for (size_t i = 0; i < count; i++)
            if (children[i].fd >= 0 && fds[i].revents)
                reap(&children[i], &shares[i], names[i]);
        for (size_t i = 0; !stopped && fds[count].revents && i < count; i++)
            xb_child_kill(&children[i], SIGTERM);
        stopped = stopped || fds[count].revents;
        draw(&line, shares, count);
    }
    xb_copy_line_end(&line);
}

static int collect(const struct share *shares, size_t count, struct xb_err *err)
{
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        if (shares[i].err.class == XB_E_NONE)
            continue;
        if (err->class == XB_E_NONE)
            *err = shares[i].err;
        else
            fprintf(stderr, "xenbench: %s\n", shares[i].err.msg);
        status = -1;
    }
    return status;
}

static int push_many(struct xb_app *app, const struct xb_push *push, const char *const *names,
                     size_t count, int stop_fd, struct xb_err *err)
{
    size_t bytes = count * sizeof(struct share), started = 0;
    xb_auto_free struct xb_child *children = xb_calloc(count, sizeof(*children));
    struct share *shares =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shares == MAP_FAILED)
        return xb_fail(err, XB_E_HOST, errno, "cannot copy to %zu guests", count);
    for (; started < count; started++) {
        struct task task = {app, push, names[started], &shares[started]};
        if (start_child(&task, &children[started], err) < 0)
            break;
    }
    for (size_t i = 0; err->class && i < started; i++)
        xb_child_kill(&children[i], SIGTERM);
    follow(children, shares, names, started, stop_fd);
    int status = collect(shares, started, err);
    munmap(shares, bytes);
    return err->class ? -1 : status;
}

int xb_push_all(struct xb_app *app, const struct xb_push *push, const char *const *names,
                size_t count, int stop_fd, struct xb_err *err)
{
    if (count > 1)
        return push_many(app, push, names, count, stop_fd, err);
    struct xb_copy_line line;
    struct xb_progress progress = {.fn = xb_copy_line_draw, .arg = &line};
    xb_copy_line_begin(&line, names[0]);
    int status = push_one(app, push, names[0], stop_fd, &progress, err);
    xb_copy_line_end(&line);
    return status;
}
