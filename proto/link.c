/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "link.h"

#include "base.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* Room for several frames: what is left of the last one moves to the front now and then only. */
#define READ_BYTES (4 * (XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX))

struct xb_link {
    struct xb_channel *ch;
    uint8_t *in; /* READ_BYTES; frames lie in [in_start, in_end) */
    size_t in_start, in_end;
    bool drained; /* nothing more to read until poll reports it */
    uint8_t *out; /* XB_LINK_QUEUE_BYTES; unsent bytes lie in [out_start, out_end) */
    size_t out_start, out_end;
    uint64_t moved; /* bytes, both ways */
};

int xb_link_new(struct xb_link **out, struct xb_channel *ch, struct xb_err *err)
{
    struct xb_link *link = calloc(1, sizeof(*link));
    if (!link) {
        xb_channel_close(ch);
        return xb_fail(err, XB_E_HOST, errno, "no memory for a link");
    }
    link->ch = ch;
    link->in = malloc(READ_BYTES);
    link->out = malloc(XB_LINK_QUEUE_BYTES);
    if (!link->in || !link->out) {
        xb_link_free(link);
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for a link");
    }
    *out = link;
    return 0;
}

struct xb_channel *xb_link_detach(struct xb_link *link)
{
    struct xb_channel *ch = link->ch;
    free(link->in);
    free(link->out);
    free(link);
    return ch;
}

void xb_link_free(struct xb_link *link)
{
    if (link)
        xb_channel_close(xb_link_detach(link));
}

struct xb_channel *xb_link_channel(struct xb_link *link)
{
    return link->ch;
}

int xb_link_fd(const struct xb_link *link)
{
    return link->ch->fd;
}

bool xb_link_is_open(const struct xb_link *link)
{
    return link->ch->ops->is_open(link->ch);
}

size_t xb_link_room(const struct xb_link *link)
{
    return XB_LINK_QUEUE_BYTES - (link->out_end - link->out_start);
}

bool xb_link_has_bulk_room(const struct xb_link *link)
{
    return link->out_end - link->out_start < XB_LINK_BULK_BYTES;
}

bool xb_link_flushed(const struct xb_link *link)
{
    return link->out_start == link->out_end;
}

uint64_t xb_link_moved(const struct xb_link *link)
{
    return link->moved;
}

short xb_link_poll_events(const struct xb_link *link)
{
    return link->ch->ops->poll_events(link->ch, !xb_link_flushed(link));
}

bool xb_link_may_hold(const struct xb_link *link)
{
    return !link->drained || link->in_end > link->in_start;
}

static int peer_gone(struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, errno == EPIPE ? 0 : errno,
                   "the other side closed the connection");
}

static int write_queued(struct xb_link *link, struct xb_err *err)
{
    while (!xb_link_flushed(link)) {
        size_t queued = link->out_end - link->out_start;
        ssize_t n = link->ch->ops->write(link->ch, link->out + link->out_start, queued);
        if (n < 0)
            return peer_gone(err);
        link->out_start += (size_t)n;
        link->moved += (size_t)n;
        if (n == 0 || (link->ch->ops->level && (size_t)n < queued))
            return 0;
    }
    link->out_start = link->out_end = 0;
    return 0;
}

/* Move what is left to the front, unless half of the buffer is free behind it. */
static void make_room_to_read(struct xb_link *link)
{
    bool empty = link->in_start == link->in_end;
    if (link->in_start == 0 || (!empty && link->in_end <= READ_BYTES / 2))
        return;
    memmove(link->in, link->in + link->in_start, link->in_end - link->in_start);
    link->in_end -= link->in_start;
    link->in_start = 0;
}

static int read_available(struct xb_link *link, struct xb_err *err)
{
    if (link->drained)
        return 0;
    make_room_to_read(link);
    while (link->in_end < READ_BYTES && !link->drained) {
        size_t room = READ_BYTES - link->in_end;
        ssize_t n = link->ch->ops->read(link->ch, link->in + link->in_end, room);
        if (n < 0)
            return peer_gone(err);
        link->drained = link->ch->ops->level && (size_t)n < room;
        if (n == 0)
            return 0;
        link->in_end += (size_t)n;
        link->moved += (size_t)n;
    }
    return 0;
}

int xb_link_pump(struct xb_link *link, short revents, struct xb_err *err)
{
    if (revents && link->ch->ops->poll_done(link->ch, revents) < 0)
        return peer_gone(err);
    if (revents != POLLOUT)
        link->drained = false;
    /* Read before writing, so that a departed peer's last frames still arrive. */
    if (read_available(link, err) < 0)
        return -1;
    return write_queued(link, err);
}

int xb_link_next(struct xb_link *link, struct xb_frame *frame, struct xb_err *err)
{
    for (;;) {
        long n =
            xb_frame_decode(link->in + link->in_start, link->in_end - link->in_start, frame, err);
        if (n < 0)
            return -1;
        if (n > 0) {
            link->in_start += (size_t)n;
            return 1;
        }
        /*
         * The channel does not signal again for data that did not fit into the full buffer, so read
         * once more. Report the peer's end only after its last frames.
         */
        size_t before = link->in_end - link->in_start;
        struct xb_err why = {0};
        int r = read_available(link, &why);
        if (link->in_end - link->in_start > before)
            continue;
        if (r < 0 && err)
            *err = why;
        return r;
    }
}

static void make_room_at_end(struct xb_link *link, size_t bytes)
{
    if (XB_LINK_QUEUE_BYTES - link->out_end >= bytes)
        return;
    memmove(link->out, link->out + link->out_start, link->out_end - link->out_start);
    link->out_end -= link->out_start;
    link->out_start = 0;
}

uint8_t *xb_link_queue_body(struct xb_link *link, uint16_t type, uint32_t job_id, size_t body,
                            struct xb_err *err)
{
    size_t whole = XB_FRAME_HEADER_BYTES + body;
    if (body > XB_FRAME_BODY_MAX) {
        xb_fail(err, XB_E_INPUT, 0, "%s of %zu bytes does not fit a frame (limit %zu)",
                xb_type_name(type), body, XB_FRAME_BODY_MAX);
        return NULL;
    }
    if (whole > xb_link_room(link)) {
        xb_fail(err, XB_E_BENCH, ENOBUFS, "cannot queue %s: the other side does not read",
                xb_type_name(type));
        return NULL;
    }
    make_room_at_end(link, whole);
    uint8_t *at = link->out + link->out_end;
    xb_frame_encode_header(at, type, job_id, (uint32_t)body);
    link->out_end += whole;
    return at + XB_FRAME_HEADER_BYTES;
}

int xb_link_queue(struct xb_link *link, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                  struct xb_err *err)
{
    size_t bytes = msg ? protobuf_c_message_get_packed_size(msg) : 0;
    uint8_t *body = xb_link_queue_body(link, type, job_id, bytes, err);
    if (!body)
        return -1;
    if (msg)
        protobuf_c_message_pack(msg, body);
    return 0;
}

int xb_link_send(struct xb_link *link, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                 struct xb_err *err)
{
    return xb_link_queue(link, type, job_id, msg, err) < 0 ? -1 : write_queued(link, err);
}

int xb_link_queue_packed(struct xb_link *link, uint16_t type, uint32_t job_id,
                         const uint8_t *packed, size_t bytes, struct xb_err *err)
{
    uint8_t *body = xb_link_queue_body(link, type, job_id, bytes, err);
    if (!body)
        return -1;
    if (bytes > 0)
        memcpy(body, packed, bytes);
    return 0;
}

int xb_link_flush(struct xb_link *link, struct xb_err *err)
{
    return write_queued(link, err);
}

int xb_link_send_packed(struct xb_link *link, uint16_t type, uint32_t job_id, const uint8_t *packed,
                        size_t bytes, struct xb_err *err)
{
    return xb_link_queue_packed(link, type, job_id, packed, bytes, err) < 0
               ? -1
               : write_queued(link, err);
}
