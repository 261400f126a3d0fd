/*
 * A link: frames over a channel, with bounded buffers both ways. Used by the agent and the controller alike.
 *
 * The use, in a poll loop: xb_link_poll_events before poll, xb_link_pump after it, then xb_link_next until it
 * returns 0. xb_link_send queues; xb_link_pump and xb_link_flush write.
 */
#ifndef XB_LINK_H
#define XB_LINK_H

#include "channel.h"
#include "frame.h"

#include <protobuf-c/protobuf-c.h>

struct xb_link;

/* A link on ch, which it owns from now on (also when it fails). */
int xb_link_new(struct xb_link **out, struct xb_channel *ch, struct xb_err *err);
/* Close the channel and free all. NULL is allowed. */
void xb_link_free(struct xb_link *link);
/* The channel beneath, still owned by the link. */
struct xb_channel *xb_link_channel(struct xb_link *link);
/* Free all but the channel, which is returned and owned by the caller: for rings that must never be closed. */
struct xb_channel *xb_link_detach(struct xb_link *link);

/* False once the peer has closed, or a write has met that it has. */
bool xb_link_is_open(const struct xb_link *link);

int xb_link_fd(const struct xb_link *link);
short xb_link_poll_events(const struct xb_link *link);

/*
 * Move bytes both ways as far as they go without blocking. revents is what poll said for xb_link_fd, 0 when
 * it was not polled. Returns 0, or -1 when the peer is gone or broke the format; frames that arrived whole before
 * that can still be taken with xb_link_next.
 */
int xb_link_pump(struct xb_link *link, short revents, struct xb_err *err);

/*
 * Take the next whole frame: 1 and frame filled, 0 when there is none, -1 when the peer broke the format.
 * frame->body stays valid until the next xb_link_next or xb_link_pump.
 */
int xb_link_next(struct xb_link *link, struct xb_frame *frame, struct xb_err *err);

/*
 * Queue one message (msg NULL: an empty body) and try to write it at once. -1 when it is too large, when the queue's
 * bound would be passed (see xb_link_room), or when the peer is gone.
 */
int xb_link_send(struct xb_link *link, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                 struct xb_err *err);
/* The same for a message that is packed already. */
int xb_link_send_packed(struct xb_link *link, uint16_t type, uint32_t job_id, const uint8_t *packed,
                        size_t bytes, struct xb_err *err);
/* Bytes that can be queued now. Senders of bulk data ask first and stop below XB_FRAME_BODY_MAX. */
size_t xb_link_room(const struct xb_link *link);
/* True when all that was queued has reached the channel. */
bool xb_link_flushed(const struct xb_link *link);

#define XB_LINK_QUEUE_BYTES (512 * 1024)

#endif
