/*
 * A channel: a stream of bytes between controller and agent that never blocks. Two kinds: libxenvchan, and
 * a unix socket for tests without Xen. The same code runs over both.
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
    /* Bytes moved, 0 when nothing can be moved now, -1 when the peer is gone (errno set). */
    ssize_t (*read)(struct xb_channel *ch, void *buf, size_t bytes);
    ssize_t (*write)(struct xb_channel *ch, const void *buf, size_t bytes);
    /* What to poll fd for; want_write when the caller has bytes waiting that did not fit. */
    short (*poll_events)(const struct xb_channel *ch, bool want_write);
    /* Call once after poll reported fd, before read and write: it takes the event. -1: peer gone. */
    int (*poll_done)(struct xb_channel *ch, short revents);
    /* False once the peer has closed in order. A dead domain does not show here: watch xenstore for that. */
    bool (*is_open)(const struct xb_channel *ch);
    void (*close)(struct xb_channel *ch);
};

struct xb_channel {
    const struct xb_channel_ops *ops;
    int fd; /* to poll */
};

/*
 * vchan. The server (the agent) offers rings below xs_path and lets only Dom0 map them; read_bytes is the
 * size of the ring that Dom0 writes. The client (Dom0) connects to domid's rings at xs_path, an absolute path of at
 * most XB_KEY_PATH_MAX bytes. A server's channel is usable at once but is_open only when Dom0 has connected.
 */
int xb_channel_vchan_serve(struct xb_channel **out, const char *xs_path, size_t read_bytes,
                           size_t write_bytes, struct xb_err *err);
int xb_channel_vchan_connect(struct xb_channel **out, uint32_t domid, const char *xs_path,
                             struct xb_err *err);
/* True when a client has been connected since serve began (it may be gone again: see is_open). */
bool xb_channel_vchan_seen_client(const struct xb_channel *ch);
/*
 * Keep a server's rings out of processes that are forked from now on. Serve does that for the data pages by itself; the
 * control page, which says whether the server lives, is inherited until this is called: a holder process has it.
 */
void xb_channel_vchan_keep_from_forks(struct xb_channel *ch);
/*
 * For a server's channel that was opened before the domain was restored, which must never be closed (a kernel BUG):
 * gives back the data pages and keeps the control page and the event channel for the life of this process.
 */
void xb_channel_vchan_abandon(struct xb_channel *ch);

/* A connected unix stream socket; takes ownership of fd and makes it non-blocking. */
int xb_channel_unix_from_fd(struct xb_channel **out, int fd, struct xb_err *err);
/* Connect to the socket at path. */
int xb_channel_unix_connect(struct xb_channel **out, const char *path, struct xb_err *err);
/* A listening socket at path, which is replaced when it exists. Returns it through out_fd, close-on-exec. */
int xb_channel_unix_listen(int *out_fd, const char *path, struct xb_err *err);

static inline void xb_channel_close(struct xb_channel *ch)
{
    if (ch)
        ch->ops->close(ch);
}

#endif
