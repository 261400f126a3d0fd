/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checkpoint_pump.h"

#include "alloc.h"
#include "base.h"
#include "fault.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#define PIPE_BYTES XB_MIB
#define BUFFER_BYTES (256 * XB_KIB)
/* The header of libxl's stream and of its first record; libxl starts its save helper after them. */
#define LIBXL_BEGINS_BYTES 32

/* Wait for a pipe; -1 if the leash is dropped. */
static int await_pipe(struct xb_pump *pump, int fd, short events)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = fd, .events = events},
                               {.fd = pump->leash_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return xb_fail(&pump->err, XB_E_HOST, errno, "cannot wait for libxl");
        if (fds[1].revents)
            return xb_fail(&pump->err, XB_E_BENCH, 0, "stopped");
        if (fds[0].revents)
            return 0;
    }
}

/* Before it suspends the domain, libxl writes only a few bytes, so look after every read. */
static void look_for_suspend(struct xb_pump *pump)
{
    struct xb_domain domain;
    if (xb_domain_look(pump->xen, pump->domid, &domain) == 0 && domain.shutdown) {
        pump->suspended_ns = xb_now_ns();
        pump->suspended_realtime_ns = xb_clock_ns(CLOCK_REALTIME);
        xb_fault("suspended");
    }
}

static int give(struct xb_pump *pump, int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        if (await_pipe(pump, fd, POLLOUT) < 0)
            return -1;
        ssize_t n = write(fd, bytes, count);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return xb_fail(&pump->err, XB_E_HOST, errno, "libxl does not read on");
        if (n > 0) {
            bytes += n;
            count -= (size_t)n;
        }
    }
    return 0;
}

static void tell(const struct xb_pump *pump, size_t bytes)
{
    if (pump->told)
        xb_helper_tell(pump->told, bytes);
}

static int take(struct xb_pump *pump, const char *bytes, size_t count)
{
    pump->bytes += count;
    tell(pump, count);
    return pump->writer ? xb_checkpoint_write(pump->writer, bytes, count, &pump->err)
                        : give(pump, pump->out_fd, bytes, count);
}

static int pack(struct xb_pump *pump)
{
    xb_auto_free char *buffer = xb_malloc(BUFFER_BYTES);
    for (;;) {
        if (await_pipe(pump, pump->pipe_fd, POLLIN) < 0)
            return -1;
        ssize_t n = read(pump->pipe_fd, buffer, BUFFER_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return xb_fail(&pump->err, XB_E_HOST, errno, "cannot read from libxl");
        if (!pump->suspended_ns)
            look_for_suspend(pump);
        if (n == 0)
            return 0;
        if (take(pump, buffer, (size_t)n) < 0)
            return -1;
    }
}

static int give_libxl(void *arg, uint64_t offset XB_UNUSED, const void *data, size_t bytes,
                      struct xb_err *err XB_UNUSED)
{
    struct xb_pump *pump = arg;
    tell(pump, bytes);
    return give(pump, pump->pipe_fd, data, bytes);
}

/* XB_QUIRK_STREAM_END: read until libxl has started its save helper, or to the stream's end. */
static void let_libxl_begin(struct xb_pump *pump)
{
    char bytes[LIBXL_BEGINS_BYTES];
    while (pump->bytes < LIBXL_BEGINS_BYTES) {
        ssize_t n = read(pump->pipe_fd, bytes, sizeof(bytes));
        if (n == 0 || (n < 0 && errno != EINTR))
            return;
        pump->bytes += n > 0 ? (uint64_t)n : 0;
    }
}

static void *run(void *arg)
{
    struct xb_pump *pump = arg;
    if (pump->reader)
        xb_checkpoint_read(pump->reader, give_libxl, pump, &pump->err);
    else
        pack(pump);
    if (pump->err.class && !pump->reader && xb_xen_has(pump->xen, XB_QUIRK_STREAM_END))
        let_libxl_begin(pump);
    close(pump->pipe_fd); /* after an error, this tells libxl */
    if (pump->out_fd >= 0)
        close(pump->out_fd);
    /* Abort the suspension: libxl would wait a minute for a guest that does not suspend. */
    if (pump->err.class && !pump->reader)
        libxl_ao_abort(pump->xen->ctx, NULL);
    return NULL;
}

int xb_pump_start(struct xb_pump *pump, int *libxl_fd, struct xb_err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot make a pipe for libxl");
    fcntl(ends[0], F_SETPIPE_SZ, (int)PIPE_BYTES);
    pump->pipe_fd = ends[pump->reader ? 1 : 0];
    *libxl_fd = ends[pump->reader ? 0 : 1];
    if (pump->reader || pump->out_fd >= 0) /* so that a dropped leash can interrupt it */
        fcntl(pump->reader ? pump->pipe_fd : pump->out_fd, F_SETFL, O_NONBLOCK);
    errno = pthread_create(&pump->thread, NULL, run, pump);
    if (errno == 0)
        return 0;
    close(ends[0]);
    close(ends[1]);
    *libxl_fd = -1;
    return xb_fail(err, XB_E_HOST, errno, "cannot start a thread");
}

int xb_pump_join(struct xb_pump *pump, struct xb_err *err)
{
    pthread_join(pump->thread, NULL);
    if (pump->err.class)
        return xb_fail(err, pump->err.class, 0, "%s", pump->err.msg);
    return 0;
}
