/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A link: frames over a channel, with bounded buffers both ways, for agent and controller. In a
 * poll loop: xb_link_poll_events before poll, xb_link_pump after it, then xb_link_next until it
 * returns 0. xb_link_send queues; xb_link_pump and xb_link_flush write.
 */
#ifndef XB_LINK_H
#define XB_LINK_H

#include "channel.h"
#include "frame.h"

#include <protobuf-c/protobuf-c.h>

struct xb_link;

/* Make a link on ch and take ownership of ch: a failure closes it. */
int xb_link_new(struct xb_link **out, struct xb_channel *ch, struct xb_err *err);
/* Close the channel and free everything. link may be NULL. */
void xb_link_free(struct xb_link *link);
/* The channel beneath, still owned by the link. */
struct xb_channel *xb_link_channel(struct xb_link *link);
/*
 * Free everything but the channel, which the caller then owns: for rings that must never be closed.
 */
struct xb_channel *xb_link_detach(struct xb_link *link);

/* False once the peer has closed; a unix socket notices that only when it reads or writes. */
bool xb_link_is_open(const struct xb_link *link);

int xb_link_fd(const struct xb_link *link);
short xb_link_poll_events(const struct xb_link *link);

/*
 * Move bytes both ways without blocking. revents is poll's result for xb_link_fd, 0 if not polled.
 * -1 if the peer is gone or broke the format; xb_link_next still returns frames that were complete
 * before.
 */
int xb_link_pump(struct xb_link *link, short revents, struct xb_err *err);

/*
 * Take the next complete frame: 1 and frame filled, 0 if there is none, -1 if the peer broke the
 * format. frame->body is valid until the next xb_link_next or xb_link_pump.
 */
int xb_link_next(struct xb_link *link, struct xb_frame *frame, struct xb_err *err);

/* May xb_link_next find a frame although poll reports nothing? */
bool xb_link_may_hold(const struct xb_link *link);

/*
 * Queue one message (msg NULL: an empty body) and try to write it. -1 if it is too large, exceeds
 * the queue's bound (xb_link_room), or the peer is gone.
 */
int xb_link_send(struct xb_link *link, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                 struct xb_err *err);
/* The same for a packed message. */
int xb_link_send_packed(struct xb_link *link, uint16_t type, uint32_t job_id, const uint8_t *packed,
                        size_t bytes, struct xb_err *err);
/*
 * The same without trying to write: to queue several messages before one xb_link_flush. Each write
 * costs a system call, and over rings may signal the peer.
 */
int xb_link_queue(struct xb_link *link, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                  struct xb_err *err);
/* Queue a frame, for the caller to fill in its body at the returned place. NULL on failure. */
uint8_t *xb_link_queue_body(struct xb_link *link, uint16_t type, uint32_t job_id, size_t body,
                            struct xb_err *err);
int xb_link_queue_packed(struct xb_link *link, uint16_t type, uint32_t job_id,
                         const uint8_t *packed, size_t bytes, struct xb_err *err);
/* Write as much of the queue as the channel takes. -1: the peer is gone. */
int xb_link_flush(struct xb_link *link, struct xb_err *err);
/* How many bytes, headers included, can be queued now. */
size_t xb_link_room(const struct xb_link *link);
/*
 * Are fewer than XB_LINK_BULK_BYTES queued? Senders of bulk data stop there: the rest is for
 * answers, and a long queue is moved about in memory. Then there is room for a whole frame.
 */
bool xb_link_has_bulk_room(const struct xb_link *link);
/* Has everything queued reached the channel? */
bool xb_link_flushed(const struct xb_link *link);
/* Bytes that the channel has moved so far, both ways together. */
uint64_t xb_link_moved(const struct xb_link *link);

#define XB_LINK_QUEUE_BYTES (512 * XB_KIB)
#define XB_LINK_BULK_BYTES (128 * XB_KIB)

#endif
