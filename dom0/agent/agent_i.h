/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The internals of a session, shared by agent*.c alone. */
#ifndef XB_AGENT_I_H
#define XB_AGENT_I_H

#include "agent.h"
#include "agent_expect.h"
#include "agent_keys.h"
#include "child.h"
#include "guest_talk.h"
#include "record.h"

#include <xenstore.h>

enum xb_agent_state {
    XB_AGENT_LOST,     /* no connection; waits for xb_agent_reconnect */
    XB_AGENT_OUTSIDE,  /* another controller is connecting and holds the door */
    XB_AGENT_SEEKING,  /* looking for the domain */
    XB_AGENT_AWAITING, /* the domain exists, but its agent has not published working rings */
    XB_AGENT_GREETING, /* connected, HELLO sent */
    XB_AGENT_READY,
};

/* How long a guest may take for the next step of a transfer. */
#define XB_PROGRESS_TIMEOUT_NS (60 * XB_NS_PER_S)

/* How many series are remembered; an outlier among them is forgotten after as many again. */
#define XB_AGENT_SERIES_KEPT 8

/* A message that arrived while a call waited for another. */
struct xb_kept {
    struct xb_kept *next;
    struct xb_msg msg; /* body is owned */
};

/* A message just received. body NULL: it came from the session's process and has been handled. */
struct xb_incoming {
    uint16_t type;
    uint32_t job_id;
    ProtobufCMessage *body;
};

/* What a call waits for; see agent_ask.c. */
struct xb_call {
    struct xb_agent *agent;
    uint16_t request;
    uint16_t answer; /* 0: any message of this job */
    uint32_t job_id;
    size_t room;       /* not 0: wake as well once that many bytes can be queued */
    bool wake;         /* the answer has come, or there is room */
    bool *woken;       /* set along with wake: ends the wait */
    uint16_t got;      /* type of the answer; 0: none yet */
    uint64_t until_ns; /* the answer's deadline */
    /*
     * Not NULL: called for each answer, as soon as it arrives. True: it has been dealt with, and
     * the next is awaited, until until_ns, which may be set anew; false: it ends the call.
     */
    bool (*take)(struct xb_call *call);
    void *arg;              /* take's own */
    ProtobufCMessage *body; /* the caller's, once it has taken it */
    struct xb_err err;      /* why there is no answer; if set beforehand, nothing is awaited */
};

struct xb_agent {
    struct xb_app *app;
    char *name;
    const char *socket_path; /* points into name; NULL for a domain */
    struct xb_guest guest;
    int stop_fd;

    struct xb_guest_talk talk;
    bool has_door;
    struct xb_lock_wait door_wait;
    uint64_t tell_ns; /* when to report the wait for the door; UINT64_MAX: reported */

    enum xb_agent_state state;
    bool may_return;
    bool suspended;         /* the domain was seen suspended: a save or a migration */
    uint64_t deadline_ns;   /* by when it must be ready */
    uint64_t retry_ns;      /* when to seek again unprompted; UINT64_MAX: never */
    uint64_t not_before_ns; /* the earliest time of the next attempt */
    struct xb_err hint;     /* why the last attempt failed; used in the error at the deadline */
    struct xb_err loss;     /* why the last connection was lost; class XB_E_NONE: it was not */

    struct xb_agent_events *events; /* NULL: the guest is no domain */
    struct xs_handle *xs;           /* of events */
    struct xb_agent *next_with_events;
    uint32_t number;                 /* among these */
    bool domain_ended;               /* some domain ended: events that wait for this session */
    uint32_t events_of_key;          /* the same, of the watched key */
    char watched[XB_WATCH_PATH_MAX]; /* the watched generation key; "": none */
    uint32_t generation;             /* of the rings tried last */
    uint64_t ready_ns;               /* when HELLO came */
    uint32_t short_lives;            /* connections in a row that ended soon after HELLO */
    uint32_t failures;               /* the same, and attempts that ended before HELLO */
    uint32_t key_events;             /* events of the watched key */
    bool unwatched;                  /* too many key events: the key is polled instead */
    uint64_t superseded_ns;          /* since when newer rings have been published; 0: none have */

    struct xb_link *link;    /* to the session's process, or with --no-sandbox to the agent */
    struct xb_child process; /* pid 0: none */
    struct xb_agent_storms storms;
    struct xb_pinging *pinging; /* the series whose times are awaited; NULL: none */
    uint32_t pingings_due;      /* series ordered whose times have not arrived */
    /* The last series on this connection, in a ring; 0: none yet. */
    struct {
        uint64_t best_wire_ns, longest_rtt_ns;
    } series[XB_AGENT_SERIES_KEPT];
    uint32_t series_count; /* series so far */
    uint64_t controller;   /* our id in every HELLO, by which the agent recognizes us */
    Xb__Hello *hello;
    struct xb_expect expect;
    uint32_t last_job;

    struct xb_call *call;
    struct xb_kept *kept, **kept_end;
    size_t kept_count;
};

/* agent.c: drop the connection, its watch, the door and the kept messages, but not the session. */
void xb_agent_disconnect(struct xb_agent *agent);

/*
 * agent_seek.c: take the next step towards a connection. 0: taken, or there is nothing to do but
 * wait; -1: waiting will not help.
 */
int xb_agent_seek(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: 1 if we hold the door, 0 while waiting for it. */
int xb_agent_door(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: the wait for the door has ended. */
int xb_agent_door_opened(struct xb_agent *agent, struct xb_err *err);
/* agent_door.c: report the wait for the door. */
void xb_agent_door_tell(struct xb_agent *agent);
/* agent_door.c: release the door, connected or not. */
void xb_agent_door_leave(struct xb_agent *agent);
/* agent_door.c: open the lock file that commands which talk to this guest share (guest_talk.h). */
int xb_agent_talk_open(struct xb_agent *agent, struct xb_err *err);

/* agent_seek.c: the connection ended before HELLO; try again later. */
void xb_agent_greeting_lost(struct xb_agent *agent, const struct xb_err *why);
/* agent_seek.c: fail because the deadline passed before READY. */
int xb_agent_seek_expired(struct xb_agent *agent, struct xb_err *err);
/* agent_seek.c: take the agent's HELLO. Anything else is freed and fails. */
int xb_agent_greeted(struct xb_agent *agent, const struct xb_incoming *msg, struct xb_err *err);

/*
 * agent_session.c: begin to connect to the domain's rings, or to the socket. A failure that only
 * the session's process meets is reported later, as a loss.
 */
int xb_agent_connect_rings(struct xb_agent *agent, const char *xs_path, struct xb_err *err);
int xb_agent_connect_socket(struct xb_agent *agent, struct xb_err *err);
/*
 * agent_session.c: make the next PING the first of a series that the session's process sends; its
 * times are stored in `pinging` before the last PONG arrives. The caller then resets
 * agent->pinging.
 */
void xb_agent_order_pings(struct xb_agent *agent, struct xb_pinging *pinging);
/*
 * agent_session.c: tell the connection's process that we leave, so that those of several end at the
 * same time. Nothing can be sent afterwards.
 */
void xb_agent_say_farewell(const struct xb_agent *agent);
/* agent_session.c: end the connection and its process, and reap the process. */
void xb_agent_hang_up(struct xb_agent *agent);
/*
 * agent_session.c: the next message from the guest, 1, or 0 if there is none. -1 with why: the
 * connection has ended (*gone), or its other side broke a rule. The caller frees the body.
 */
int xb_agent_take(struct xb_agent *agent, struct xb_incoming *out, bool *gone, struct xb_err *why);

/* agent_events.c: get xenstore's events about domains that end, and, once watched, about the key. */
int xb_agent_events_join(struct xb_agent *agent, struct xb_err *err);
void xb_agent_events_leave(struct xb_agent *agent);
/* agent_events.c: watch the generation key of the domain, once. */
int xb_agent_watch_generation(struct xb_agent *agent, struct xb_err *err);
void xb_agent_unwatch_generation(struct xb_agent *agent);
/* agent_events.c: have events for this session been read, in another's turn? */
bool xb_agent_has_events(const struct xb_agent *agent);
/* agent_events.c: read what there is, and take what is for this session. */
int xb_agent_events_take(struct xb_agent *agent, bool *ended, uint32_t *of_key, struct xb_err *err);
/*
 * agent_domain.c: handle xenstore's events. *seek: take a step (xb_agent_seek). -1: the
 * connected domain is gone, or xenstore failed.
 */
int xb_agent_domain_events(struct xb_agent *agent, bool *seek, struct xb_err *err);
/*
 * agent_domain.c: find a domain with the guest's UUID that can run: 1 (guest.domid is set), 0 if
 * there is none, -1 on failure.
 */
int xb_agent_domain_find(struct xb_agent *agent, struct xb_err *err);
/* agent_domain.c: -1 if the connected domain can no longer answer. */
int xb_agent_domain_check(struct xb_agent *agent, struct xb_err *err);

/*
 * agent_parts.c: send a message longer than a frame. may_wait: wait for room (not in callbacks);
 * otherwise fail if the link's queue is full.
 */
int xb_agent_send_parts(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                        const ProtobufCMessage *msg, bool may_wait, struct xb_err *err);
/*
 * agent.c: turn the result of a link's send into ours. On a connection that has ended it is 0: the
 * next wait meets the end, and knows whether the agent may come back.
 */
int xb_agent_sent(const struct xb_agent *agent, int r);
/* agent.c: xb_agent_send; may_wait: it may wait for room (not in callbacks). */
int xb_agent_send_waiting(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                          const ProtobufCMessage *msg, bool may_wait, struct xb_err *err);

/* agent.c: xb_agent_send without trying to write, for a message that fits a frame; and the write. */
int xb_agent_queue(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                   const ProtobufCMessage *msg, struct xb_err *err);
void xb_agent_flush(struct xb_agent *agent);
/* agent.c: does the connection's queue have room for more bulk data (link.h)? */
bool xb_agent_has_bulk_room(const struct xb_agent *agent);

/* agent_clock.c: xb_agents_clock with all guests at once, however few CPUs Dom0 has. */
void xb_agents_clock_at_once(struct xb_clock_ask *asks, size_t count, uint32_t pings);
/*
 * agent_ask.c: wait for the answer to a request already sent, at most one per agent. 0 with *out as
 * in xb_agent_call, or with call->room and call->got 0 once there is room. -1 with err on time-out,
 * refusal, loss or interruption.
 */
int xb_agent_await(struct xb_agent *agent, struct xb_call *call, ProtobufCMessage **out,
                   uint64_t timeout_ns, struct xb_err *err);
/*
 * agent_ask.c: -1 if stop_fd is readable. For loops whose waits may never sleep, because the guest
 * is fast: a message that is there already goes before stop_fd.
 */
int xb_agent_go_on(const struct xb_agent *agent, struct xb_err *err);

#endif
