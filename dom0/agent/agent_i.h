/*
 * The inside of a session, shared by dom0/agent*.c alone.
 */
#ifndef XB_AGENT_I_H
#define XB_AGENT_I_H

#include "agent.h"
#include "agent_expect.h"
#include "agent_keys.h"
#include "guest_talk.h"

#include <xenstore.h>

enum xb_agent_state {
    XB_AGENT_LOST,     /* no connection, and none wanted until xb_agent_reconnect */
    XB_AGENT_OUTSIDE,  /* another controller connects: it has the door */
    XB_AGENT_SEEKING,  /* looking for the domain */
    XB_AGENT_AWAITING, /* the domain is there; its agent has not published rings that work */
    XB_AGENT_GREETING, /* connected, HELLO sent */
    XB_AGENT_READY,
};

/* A message that came while a call waited for another one. */
struct xb_kept {
    struct xb_kept *next;
    struct xb_msg msg; /* body is owned */
};

/* What is being waited for, see agent_call.c. */
struct xb_call {
    uint16_t request;
    uint16_t answer; /* 0: any message of this job */
    uint32_t job_id;
    size_t room;            /* not 0: wake as well when so many bytes can be queued */
    bool wake;              /* it has come, or there is room */
    uint16_t got;           /* type of what has come; 0: nothing yet */
    ProtobufCMessage *body; /* owned by whoever takes it */
};

struct xb_agent {
    struct xb_app *app;
    char *name;
    const char *socket_path; /* within name; NULL for a domain */
    struct xb_guest guest;
    int stop_fd;

    struct xb_guest_talk talk;
    bool has_door;
    struct xb_lock_wait door_wait;
    uint64_t tell_ns; /* when to tell of that wait; UINT64_MAX: told */

    enum xb_agent_state state;
    bool may_return;
    bool suspended;       /* the domain was seen suspended: what follows is a save or a migration */
    uint64_t deadline_ns; /* to be ready */
    uint64_t retry_ns;    /* when to seek again without being told; UINT64_MAX: only when told */
    uint64_t not_before_ns; /* the next attempt */
    struct xb_err hint;     /* why the last attempt failed, for the message at the deadline */

    struct xs_handle *xs;            /* of this session alone: its watches */
    char watched[XB_WATCH_PATH_MAX]; /* the generation key that is watched; empty: none */
    uint32_t generation;             /* of the rings tried last */
    uint64_t superseded_ns;          /* since then others have been published; 0: they have not */

    struct xb_link *link;
    Xb__Hello *hello;
    struct xb_expect expect;
    uint32_t last_job;

    struct xb_call *call;
    struct xb_kept *kept, **kept_end;
    size_t kept_count;
};

/* agent.c: drop the connection, watches and what was expected; the session stays. */
void xb_agent_disconnect(struct xb_agent *agent);
/* agent.c: free the kept messages. */
void xb_agent_forget_kept(struct xb_agent *agent);

/*
 * agent_seek.c: take the next step towards a connection. 0, also when there is nothing to do but
 * wait; -1 when waiting will not help.
 */
int xb_agent_seek(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: 1 where we have the door, 0 where it is waited for. */
int xb_agent_door(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: the wait has ended. */
int xb_agent_door_opened(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: the time has come to tell of the wait. */
void xb_agent_door_tell(struct xb_agent *agent);
/* agent_door.c: we have connected, or have given it up. */
void xb_agent_door_leave(struct xb_agent *agent);
/* agent_door.c: the guest's file of those who talk with it. */
int xb_agent_talk_open(struct xb_agent *agent, struct xb_err *err);

/* agent_seek.c: the connection ended before the agent's HELLO: try again later. */
void xb_agent_greeting_lost(struct xb_agent *agent, const struct xb_err *why);
/* agent_seek.c: the error of a deadline that passed before READY. */
int xb_agent_seek_expired(struct xb_agent *agent, struct xb_err *err);
/* agent_seek.c: take the agent's HELLO. */
int xb_agent_greeted(struct xb_agent *agent, const struct xb_frame *frame, struct xb_err *err);

/* agent_domain.c: open this session's xenstore handle and watch for domains that end. */
int xb_agent_watch_domains(struct xb_agent *agent, struct xb_err *err);
/* agent_domain.c: watch the generation key of the domain, once. */
int xb_agent_watch_generation(struct xb_agent *agent, struct xb_err *err);
void xb_agent_unwatch_generation(struct xb_agent *agent);
/*
 * agent_domain.c: xs_fileno was readable. Tells through *seek whether to take a step; -1 when the
 * domain that a connection stands on is gone.
 */
int xb_agent_domain_events(struct xb_agent *agent, bool *seek, struct xb_err *err);
/*
 * agent_domain.c: 1 and the guest's domid set when a domain with its UUID can run, 0 when there is
 * none, -1 on failure.
 */
int xb_agent_domain_find(struct xb_agent *agent, struct xb_err *err);
/* agent_domain.c: -1 when the connected domain cannot answer any more. */
int xb_agent_domain_check(struct xb_agent *agent, struct xb_err *err);

/*
 * agent_msg.c: unpack a frame that an agent may send; NULL when it is malformed or only a
 * controller sends it.
 */
ProtobufCMessage *xb_msg_unpack(const struct xb_frame *frame, struct xb_err *err);

/*
 * agent_parts.c: send a message that is longer than a frame. With may_wait it waits for room, so not
 * in a callback; without, what does not fit the link's queue fails.
 */
int xb_agent_send_parts(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                        const ProtobufCMessage *msg, bool may_wait, struct xb_err *err);
/* agent.c: xb_agent_send, which may wait for room. */
int xb_agent_send_waiting(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                          const ProtobufCMessage *msg, bool may_wait, struct xb_err *err);

/*
 * agent_call.c: wait for what call describes, of requests that were sent already. 0 with *out (as
 * for xb_agent_call) or, with call->room, with call->got 0 when there is room. -1 at the time-out,
 * on refusal, loss or interruption.
 */
int xb_agent_await(struct xb_agent *agent, struct xb_call *call, ProtobufCMessage **out,
                   uint64_t timeout_ns, struct xb_err *err);

#endif
