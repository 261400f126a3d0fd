/*
 * A controller's connection: the handshake, the dispatch of its frames, and the way back.
 * docs/protocol.md tells the same from outside.
 */
#ifndef XB_SESSION_H
#define XB_SESSION_H

#include "err.h"
#include "holder.h"
#include "link.h"
#include "parts.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_agent;
struct xb_poll_set;

/* Controllers that are served at once. */
#define XB_SESSIONS_MAX 4
/* One more for who connects next. */
#define XB_SESSION_SLOTS (XB_SESSIONS_MAX + 1)

struct xb_session {
    struct xb_agent *agent;
    struct xb_link *link;  /* NULL: the slot is free */
    bool greeted;          /* HELLO came and was answered */
    bool closing;          /* hear nothing more; over when all is sent */
    bool lost;             /* over */
    bool more;             /* frames wait that were left for the next turn */
    struct xb_parts parts; /* of a request that has not come whole */
    uint32_t generation;
    uint64_t controller;     /* the number that it gave itself; 0: none */
    uint32_t first_id;       /* of the block that the controller takes its ids from; 0: not told */
    struct xb_holder holder; /* of its rings, in vchan mode */
    uint64_t received_ns;    /* monotonic, when the latest frame was taken from the channel */
};

/* Begin with a new link of the agent's latest generation. There is a free slot. */
struct xb_session *xb_session_begin(struct xb_agent *agent, struct xb_link *link);
/* Sessions that have a link, and how many of them a controller has greeted. */
size_t xb_sessions_count(const struct xb_agent *agent, size_t *greeted);
/*
 * HELLO has come on this one: it may talk, and has a block of ids. An earlier connection of the
 * same controller is over, whether its end has shown or not.
 */
void xb_session_greeted(struct xb_session *session, uint64_t controller);
/* Forget the connection and return its link, which the caller closes or abandons. Jobs stay. */
struct xb_link *xb_session_end(struct xb_session *session);

void xb_sessions_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Handle the frames that were left for this turn. */
void xb_sessions_work(struct xb_agent *agent);
/* True when the connection has ended, by either side. */
bool xb_session_is_over(const struct xb_session *session);

/*
 * For what belongs to a session whose controller may have left: session may be NULL in these four.
 */
/* The link when a controller has said HELLO and can be told things, else NULL. */
struct xb_link *xb_session_ready_link(struct xb_session *session);
/* Send a message to the controller if there is one. A failure ends the connection. */
void xb_session_send(struct xb_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg);
/* Send an ERROR for a request. */
void xb_session_refuse(struct xb_session *session, uint16_t request, uint32_t job_id,
                       const struct xb_err *err);
/* The connection failed: it will be ended at the end of this turn. */
void xb_session_lost(struct xb_session *session, const struct xb_err *err);

/* Handle one frame. The fuzzer calls it too. */
void xb_session_dispatch(struct xb_session *session, const struct xb_frame *frame);

#endif
