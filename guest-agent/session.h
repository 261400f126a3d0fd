/*
 * A controller's connection: the handshake, the dispatch of frames, and the answers.
 * docs/protocol.md describes it from outside.
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

/* Controllers served at once. */
#define XB_SESSIONS_MAX 4
/* One more, for the controller that connects next. */
#define XB_SESSION_SLOTS (XB_SESSIONS_MAX + 1)

struct xb_session {
    struct xb_agent *agent;
    struct xb_link *link;  /* NULL: the slot is free */
    bool greeted;          /* HELLO came and was answered */
    bool closing;          /* ignore further frames; over once everything is sent */
    bool lost;             /* over */
    bool more;             /* frames are waiting for the next turn */
    struct xb_parts parts; /* of an incomplete request */
    uint32_t generation;
    uint64_t controller;     /* the number that it gave itself; 0: none */
    uint32_t first_id;       /* of the controller's block of ids; 0: not assigned */
    struct xb_holder holder; /* of its rings, in vchan mode */
    uint64_t received_ns;    /* monotonic; when the latest frame was taken from the channel */
};

/* Begin with a new link of the agent's latest generation. A slot must be free. */
struct xb_session *xb_session_begin(struct xb_agent *agent, struct xb_link *link);
/* Sessions with a link; and those of them that have had HELLO. */
size_t xb_sessions_count(const struct xb_agent *agent, size_t *greeted);
/*
 * HELLO has come: the session may talk, and gets a block of ids. An earlier connection of the
 * same controller is over, whether its end has shown or not.
 */
void xb_session_greeted(struct xb_session *session, uint64_t controller);
/* End the session and return its link for the caller to close or abandon. Jobs stay. */
struct xb_link *xb_session_end(struct xb_session *session);

void xb_sessions_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Handle the frames left for this turn. */
void xb_sessions_work(struct xb_agent *agent);
/* Has the connection ended, by either side? */
bool xb_session_is_over(const struct xb_session *session);

/* In these four, session may be NULL: the controller may have left. */
/* The link if a controller has said HELLO, else NULL. */
struct xb_link *xb_session_ready_link(struct xb_session *session);
/* Send a message to the controller, if any. A failure ends the connection. */
void xb_session_send(struct xb_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg);
/* Send an ERROR for a request. */
void xb_session_refuse(struct xb_session *session, uint16_t request, uint32_t job_id,
                       const struct xb_err *err);
/* The connection failed: end it at the end of this turn. */
void xb_session_lost(struct xb_session *session, const struct xb_err *err);

/* Handle one frame. The fuzzer calls this too. */
void xb_session_dispatch(struct xb_session *session, const struct xb_frame *frame);

#endif
