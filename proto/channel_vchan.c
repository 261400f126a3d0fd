/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libxenvchan as a channel. The rings are the guest's memory: libxenvchan bounds every index that
 * it reads from them, and frame.c bounds and checks the bytes.
 */
#include "base.h"
#include "channel.h"
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <libxenvchan.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <xentoollog.h>
#include <sys/mman.h>

#define CONTROL_PAGE_SHIFT 12
#define CONTROL_PAGE_BYTES (1 << CONTROL_PAGE_SHIFT)
/* Less than either ring, so that a read can be filled: only one that cannot asks for a signal. */
#define READ_ONCE_BYTES (32 * XB_KIB)

struct vchan_channel {
    struct xb_channel base;
    struct libxenvchan *vchan;
};

/*
 * Silence the libraries, which print what errno says too. A client may well try the rings of an
 * agent that has just ended, and our caller reports the failure.
 */
static void say_nothing(struct xentoollog_logger *logger XB_UNUSED,
                        xentoollog_level level XB_UNUSED, int errnoval XB_UNUSED,
                        const char *context XB_UNUSED, const char *format XB_UNUSED,
                        va_list al XB_UNUSED)
{
}

static void show_nothing(struct xentoollog_logger *logger XB_UNUSED, const char *context XB_UNUSED,
                         const char *what XB_UNUSED, int percent XB_UNUSED,
                         unsigned long done XB_UNUSED, unsigned long total XB_UNUSED)
{
}

static void destroy_nothing(struct xentoollog_logger *logger XB_UNUSED)
{
}

/* Not const, because the libraries' prototypes are not. */
static struct xentoollog_logger silence = {
    .vmessage = say_nothing,
    .progress = show_nothing,
    .destroy = destroy_nothing,
};

static struct libxenvchan *vchan_of(const struct xb_channel *ch)
{
    return ((const struct vchan_channel *)ch)->vchan;
}

static bool vchan_is_open(const struct xb_channel *ch)
{
    /* 0: closed, 1: open, 2: a server that waits for a client */
    return libxenvchan_is_open(vchan_of(ch)) == 1;
}

/* In a server, a missing client is no error: there is nothing to move. */
static ssize_t nothing_or_gone(const struct xb_channel *ch)
{
    if (libxenvchan_is_open(vchan_of(ch)) == 0) {
        errno = EPIPE;
        return -1;
    }
    return 0;
}

/*
 * The state comes first: a peer that was closed then has written all that it will. One that writes
 * its last bytes and closes afterwards signals that, and the next read finds both.
 *
 * libxenvchan_read asks the peer for a signal if less is there than asked for, and then looks
 * again: what comes later is signalled. After a full read nothing is asked, so our callers read on
 * until 0 (link.h), and a peer that writes meanwhile is spared a hypercall for each write.
 * (libxenvchan_data_ready would ask each time.)
 */
static ssize_t vchan_read(struct xb_channel *ch, void *buf, size_t bytes)
{
    bool over = !vchan_is_open(ch) && nothing_or_gone(ch) < 0;
    int n = libxenvchan_read(vchan_of(ch), buf, bytes < READ_ONCE_BYTES ? bytes : READ_ONCE_BYTES);
    if (n <= 0 && over)
        errno = EPIPE;
    return n > 0 ? n : over ? -1 : 0;
}

static ssize_t vchan_write(struct xb_channel *ch, const void *buf, size_t bytes)
{
    if (!vchan_is_open(ch))
        return nothing_or_gone(ch);
    int n = libxenvchan_write(vchan_of(ch), buf, bytes);
    return n > 0 ? n : nothing_or_gone(ch);
}

static short vchan_poll_events(const struct xb_channel *ch XB_UNUSED, bool want_write XB_UNUSED)
{
    return POLLIN; /* the event channel signals data, room and closing */
}

static int vchan_poll_done(struct xb_channel *ch, short revents)
{
    if ((revents & POLLIN) && libxenvchan_wait(vchan_of(ch)) < 0)
        return -1;
    return 0;
}

static void vchan_close(struct xb_channel *ch)
{
    libxenvchan_close(vchan_of(ch));
    free(ch);
}

static const struct xb_channel_ops vchan_ops = {
    .name = "vchan",
    .read = vchan_read,
    .write = vchan_write,
    .poll_events = vchan_poll_events,
    .poll_done = vchan_poll_done,
    .is_open = vchan_is_open,
    .close = vchan_close,
};

static int wrap(struct xb_channel **out, struct libxenvchan *vchan, struct xb_err *err)
{
    struct vchan_channel *vc = calloc(1, sizeof(*vc));
    if (!vc) {
        libxenvchan_close(vchan);
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for a channel");
    }
    vchan->blocking = 0;
    vc->vchan = vchan;
    vc->base = (struct xb_channel){.ops = &vchan_ops, .fd = libxenvchan_fd_for_select(vchan)};
    /* A job must not inherit the event channel, because it would delay the last close. */
    fcntl(vc->base.fd, F_SETFD, FD_CLOEXEC);
    *out = &vc->base;
    return 0;
}

/* The size of a ring's own data pages; a small ring lies in the control page and has none. */
static size_t data_page_bytes(const struct libxenvchan_ring *ring)
{
    return ring->order >= CONTROL_PAGE_SHIFT ? (size_t)1 << ring->order : 0;
}

static void keep_data_from_forks(struct libxenvchan *vchan)
{
    const struct libxenvchan_ring *rings[] = {&vchan->read, &vchan->write};
    for (size_t i = 0; i < XB_ARRAY_LEN(rings); i++) {
        if (data_page_bytes(rings[i]) > 0)
            madvise(rings[i]->buffer, data_page_bytes(rings[i]), MADV_DONTFORK);
    }
}

int xb_channel_vchan_serve(struct xb_channel **out, const char *xs_path, size_t read_bytes,
                           size_t write_bytes, struct xb_err *err)
{
    struct libxenvchan *vchan = libxenvchan_server_init(NULL, 0, xs_path, read_bytes, write_bytes);
    if (!vchan)
        return xb_fail(err, XB_E_HOST, errno, "cannot serve vchan at %s", xs_path);
    keep_data_from_forks(vchan);
    return wrap(out, vchan, err);
}

int xb_channel_vchan_connect(struct xb_channel **out, uint32_t domid, const char *xs_path,
                             struct xb_err *err)
{
    if (strlen(xs_path) > XB_KEY_PATH_MAX)
        return xb_fail(err, XB_E_HOST, ENAMETOOLONG, "the vchan path %s", xs_path);
    struct libxenvchan *vchan = libxenvchan_client_init(&silence, (int)domid, xs_path);
    if (!vchan)
        return xb_fail(err, XB_E_BENCH, errno, "cannot connect to vchan at %s", xs_path);
    return wrap(out, vchan, err);
}

void xb_channel_vchan_keep_from_forks(struct xb_channel *ch)
{
    madvise(vchan_of(ch)->ring, CONTROL_PAGE_BYTES, MADV_DONTFORK);
}

void xb_channel_vchan_abandon(struct xb_channel *ch)
{
    struct libxenvchan *vchan = vchan_of(ch);
    struct libxenvchan_ring *rings[] = {&vchan->read, &vchan->write};
    for (size_t i = 0; i < XB_ARRAY_LEN(rings); i++) {
        if (data_page_bytes(rings[i]) > 0)
            munmap(rings[i]->buffer, data_page_bytes(rings[i]));
    }
    /* Keep vchan itself, because its descriptors and control page must stay. */
    free(ch);
}
