/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A controller's connection: the handshake, the dispatch of frames, and the answers.
 * docs/protocol.md describes it from outside.
 */
#ifndef XA_SESSION_H
#define XA_SESSION_H

#include "err.h"
#include "holder.h"
#include "link.h"
#include "parts.h"

#include <stdbool.h>
#include <stdint.h>

struct xa_agent;
struct xa_poll_set;

/* Controllers served at once. */
#define XA_SESSIONS_MAX 4
/* One more, for the controller that connects next. */
#define XA_SESSION_SLOTS (XA_SESSIONS_MAX + 1)

struct xa_session {
    struct xa_agent *agent;
    struct xb_link *link;  /* NULL: the slot is free */
    bool greeted;          /* HELLO came and was answered */
    bool closing;          /* ignore further frames; end once everything is sent */
    bool lost;             /* end it at the end of this turn */
    bool more;             /* frames may wait, for the next turn or for room in the queue */
    struct xa_parts parts; /* of an incomplete request */
    uint32_t generation;
    uint64_t controller;     /* the controller's own random number; 0: none */
    uint32_t first_id;       /* of the controller's block of ids; 0: not assigned */
    struct xa_holder holder; /* of the session's rings, in vchan mode */
    uint64_t received_ns;    /* monotonic; when the latest frame was taken from the channel */
};

/* Begin a session on a new link, in the agent's latest generation. A slot must be free. */
struct xa_session *xa_session_begin(struct xa_agent *agent, struct xb_link *link);
/* Count the sessions with a link and, in *greeted, those among them that have had HELLO. */
size_t xa_sessions_count(const struct xa_agent *agent, size_t *greeted);
/*
 * HELLO has come: the session may talk, and gets a block of ids. An earlier connection of the
 * same controller ends, even if the agent has not yet noticed that it is dead.
 */
void xa_session_greeted(struct xa_session *session, uint64_t controller);
/* End the session. Returns its link, for the caller to close or abandon. Its jobs stay. */
struct xb_link *xa_session_end(struct xa_session *session);

void xa_sessions_poll(struct xa_agent *agent, struct xa_poll_set *set);
/* Handle frames that the last turn left in the buffers. */
void xa_sessions_work(struct xa_agent *agent);
/* Has the connection ended, by either side? */
bool xa_session_is_over(const struct xa_session *session);

/* In these six, session may be NULL: the controller may have left. */
/* The link if a controller has said HELLO, else NULL. */
struct xb_link *xa_session_ready_link(struct xa_session *session);
/* Send a message to the controller, if any. A failure ends the connection. */
void xa_session_send(struct xa_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg);
/* Queue a message, to be written by xa_session_flush or along with the next one that is sent. */
void xa_session_queue(struct xa_session *session, uint16_t type, uint32_t job_id,
                      const ProtobufCMessage *msg);
void xa_session_flush(struct xa_session *session);
/* Send an ERROR for a request. */
void xa_session_refuse(struct xa_session *session, uint16_t request, uint32_t job_id,
                       const struct xb_err *err);
/* The connection failed: end it at the end of this turn. */
void xa_session_lost(struct xa_session *session, const struct xb_err *err);

/* Handle one frame. The fuzzer calls this too. */
void xa_session_dispatch(struct xa_session *session, const struct xb_frame *frame);

#endif
