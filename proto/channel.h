/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A channel: a non-blocking stream of bytes between controller and agent, over libxenvchan or, for
 * tests without Xen, a unix socket.
 */
#ifndef XB_CHANNEL_H
#define XB_CHANNEL_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct xb_channel;

struct xb_channel_ops {
    const char *name;
    /*
     * Is fd level-triggered? Then poll reports again what a read left and room that a write did not
     * fill, so a call that moved less than it was given need not be repeated.
     */
    bool level;
    /*
     * Returns the bytes moved, 0 if none can be moved now, -1 if the peer is gone (errno set).
     * Unless fd is level-triggered, it reports what comes only after a read has returned 0.
     */
    ssize_t (*read)(struct xb_channel *ch, void *buf, size_t bytes);
    ssize_t (*write)(struct xb_channel *ch, const void *buf, size_t bytes);
    /* The events to poll fd for; want_write if the caller has unsent bytes. */
    short (*poll_events)(const struct xb_channel *ch, bool want_write);
    /*
     * Call once after poll reported fd, before read and write, to take the event. -1: the peer is
     * gone.
     */
    int (*poll_done)(struct xb_channel *ch, short revents);
    /*
     * False once the peer has closed properly. Does not notice a dead domain: watch xenstore for
     * that.
     */
    bool (*is_open)(const struct xb_channel *ch);
    void (*close)(struct xb_channel *ch);
};

struct xb_channel {
    const struct xb_channel_ops *ops;
    int fd; /* to poll */
};

/*
 * vchan. The agent, as server, offers rings below xs_path to Dom0 alone; read_bytes is the size of
 * the ring that Dom0 writes. Dom0 connects to domid's rings at xs_path (absolute, at most
 * XB_KEY_PATH_MAX bytes). A server's channel works at once; is_open once Dom0 has connected.
 */
int xb_channel_vchan_serve(struct xb_channel **out, const char *xs_path, size_t read_bytes,
                           size_t write_bytes, struct xb_err *err);
int xb_channel_vchan_connect(struct xb_channel **out, uint32_t domid, const char *xs_path,
                             struct xb_err *err);
/*
 * Keep a server's rings out of processes forked later. Serve has done so for the data pages; the
 * control page, which says whether the server lives, is inherited until this call, for a holder.
 */
void xb_channel_vchan_keep_from_forks(struct xb_channel *ch);
/*
 * Instead of close, for a server's channel from before a restore, whose close would hit a kernel
 * BUG: free the data pages; the control page and event channel stay until this process ends.
 */
void xb_channel_vchan_abandon(struct xb_channel *ch);

/* A channel on a connected unix stream socket. Owns fd, also on failure; makes it non-blocking. */
int xb_channel_unix_from_fd(struct xb_channel **out, int fd, struct xb_err *err);
/* Connect to the socket at path. */
int xb_channel_unix_connect(struct xb_channel **out, const char *path, struct xb_err *err);
/* Listen on a socket at path, replacing an existing one. out_fd is close-on-exec. */
int xb_channel_unix_listen(int *out_fd, const char *path, struct xb_err *err);

static inline void xb_channel_close(struct xb_channel *ch)
{
    if (ch)
        ch->ops->close(ch);
}

#endif
