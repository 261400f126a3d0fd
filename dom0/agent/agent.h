/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session with the agent of one guest: the controller's side of docs/protocol.md. Everything here
 * comes from a guest and may be a lie. Strings hold no control bytes, only requested messages pass,
 * and a guest that breaks a rule loses its session. Jobs and the session survive a reconnect.
 */
#ifndef XB_AGENT_H
#define XB_AGENT_H

#include "app.h"
#include "err.h"
#include "guest.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

/* A guest name with this prefix is the path of an agent's unix socket; no Xen is involved. */
#define XB_AGENT_UNIX "unix:"

struct xb_agent;
struct xb_talk_wait;

/*
 * Look up a running guest; nothing is sent. XB_E_BENCH if the domain does not exist or does not
 * run.
 */
int xb_agent_new(struct xb_agent **out, struct xb_app *app, const char *name, struct xb_err *err);
/* Close the connection; others may then measure the guest. Jobs go on. agent may be NULL. */
void xb_agent_free(struct xb_agent *agent);

/* The same for several, whose processes end at the same time. The entries, or agents, may be NULL. */
void xb_agents_free(struct xb_agent **agents, size_t count);

/*
 * Start looking for the agent, also after on_lost. xb_agents_wait does the work: it calls on_ready
 * after HELLO, or on_lost if there was no HELLO by deadline_ns (monotonic).
 */
void xb_agent_reconnect(struct xb_agent *agent, uint64_t deadline_ns);

/*
 * A readable stop_fd (-1: none) ends xb_agent_call and everything built on it with "interrupted".
 */
void xb_agent_set_stop_fd(struct xb_agent *agent, int stop_fd);

/* Drop the connection without calling on_lost. Allowed in callbacks of xb_agents_wait. */
void xb_agent_drop(struct xb_agent *agent);

/*
 * Register as talking to these guests until they are freed. Waits, with a note on stderr, while a
 * run measures one of them (guest_talk.h).
 */
int xb_agents_join(struct xb_agent **agents, size_t count, uint64_t deadline_ns, int stop_fd,
                   struct xb_err *err);

/*
 * After xb_agents_join: keep all other commands away from these guests until xb_agents_measured.
 * NULL entries are skipped.
 */
int xb_agents_measure(struct xb_agent **agents, size_t count, const struct xb_talk_wait *wait,
                      struct xb_err *err);
void xb_agents_measured(struct xb_agent **agents, size_t count);

/*
 * xb_agent_new, join, reconnect and the wait until ready, for several guests: all or none.
 */
int xb_agents_connect(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                      size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *err);
/* Connect to as many as possible: where agents[i] is NULL, errs[i] says why. */
void xb_agents_connect_each(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                            size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *errs);

const char *xb_agent_name(const struct xb_agent *agent);
const struct xb_guest *xb_agent_guest(const struct xb_agent *agent);
/* True between HELLO and loss. */
bool xb_agent_ready(const struct xb_agent *agent);
/*
 * After a loss: can the agent come back? True if the connection closed or the domain was suspended
 * (save, migration, restart of the agent); false if the domain crashed, ended or was destroyed, or
 * the agent broke the protocol.
 */
bool xb_agent_may_return(const struct xb_agent *agent);
/*
 * How many storms of events (storm.h) the guest has caused in this session, and how many are over.
 */
struct xb_agent_storms {
    uint64_t begun, over;
};
struct xb_agent_storms xb_agent_storms(const struct xb_agent *agent);
/*
 * The latest HELLO: version, boot id, generation, jobs left by earlier connections. Owned by agent.
 */
const Xb__Hello *xb_agent_hello(const struct xb_agent *agent);
/*
 * The next unused id, for jobs and transfers alike: neither this session nor an earlier one uses
 * it.
 */
uint32_t xb_agent_next_job(struct xb_agent *agent);

/*
 * One message from an agent. body has the type's struct (XB_OUTPUT: Xb__Output), valid in the call.
 */
struct xb_msg {
    uint16_t type;
    uint32_t job_id;
    const ProtobufCMessage *body;
};

/*
 * Wait for deadline_ns (UINT64_MAX: none), *stop (checked after each callback; may be NULL) or
 * stop_fd (-1: none) in one poll, without periodic wake-ups. NULL and lost agents are skipped. A
 * callback may send and reconnect but must free nothing; -1 with err filled ends the wait.
 */
enum xb_wait_end { XB_WAIT_STOPPED = 0, XB_WAIT_DEADLINE = 1, XB_WAIT_STOP_FD = 2 };

/* A descriptor of the caller's, polled together with the agents. */
struct xb_wait_input {
    int (*fd)(void *arg);                              /* asked before each poll; -1: none now */
    int (*on_readable)(void *arg, struct xb_err *err); /* as on_message */
};

struct xb_agents_wait {
    struct xb_agent **agents;
    size_t count;
    uint64_t deadline_ns;
    int stop_fd;
    const bool *stop;
    int (*on_message)(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err);
    int (*on_ready)(void *arg, struct xb_agent *agent, struct xb_err *err); /* NULL: not called */
    /* why names the guest and the cause. Without on_lost, a loss ends the wait with that error. */
    int (*on_lost)(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);
    /* incremented each time this process sleeps and is woken; NULL: not counted */
    uint64_t *wakeups;
    const struct xb_wait_input *inputs; /* NULL: none */
    size_t input_count;
    void *arg;
};
int xb_agents_wait(const struct xb_agents_wait *wait, struct xb_err *err);

/*
 * Send one message; see xb_link_send. Fails, naming the guest, unless the session is ready. On a
 * connection that has just ended it succeeds, and the next wait reports the loss.
 */
int xb_agent_send(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, struct xb_err *err);
/* Bytes that xb_agent_send still accepts before the agent must read. */
size_t xb_agent_room(const struct xb_agent *agent);

/*
 * Send a request and wait for the answer with the same job id. An ERROR, a loss (without on_lost)
 * and the timeout fail. Free *out (out may be NULL) with protobuf_c_message_free_unpacked. Other
 * messages are kept for the next xb_agents_wait. Not allowed in callbacks.
 */
int xb_agent_call(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, uint16_t answer, ProtobufCMessage **out,
                  uint64_t timeout_ns, struct xb_err *err);

/* One request, when several guests are asked at once; each guest appears once. */
struct xb_ask {
    struct xb_agent *agent; /* NULL: nobody is asked */
    uint32_t job_id;
    uint16_t type, answer; /* as in xb_agent_call */
    const ProtobufCMessage *msg;
    ProtobufCMessage *body; /* the answer; xb_asks_clear frees it */
    struct xb_err err;      /* why there is no answer; XB_E_NONE: there is one */
    /*
     * If not NULL, called with each answer. True: send msg, which it may have changed, and wait for
     * the answer to that too. No guest waits for another guest's answer.
     */
    bool (*again)(struct xb_ask *ask);
    void *arg;
};
/*
 * Send every request, then wait until each guest has answered or failed. timeout_ns is per answer.
 */
void xb_agents_ask(struct xb_ask *asks, size_t count, uint64_t timeout_ns);
/* 0 if every guest answered; otherwise the first error. */
int xb_asks_judge(const struct xb_ask *asks, size_t count, struct xb_err *err);
void xb_asks_clear(struct xb_ask *asks, size_t count);

/* The offset of the guest's monotonic clock: guest = dom0 + offset, to within +-error_ns. */
struct xb_clock_fit {
    int64_t offset_ns;
    uint64_t at_ns;       /* Dom0's clock at the fit; 0: unknown */
    uint64_t error_ns;    /* half of the shortest round trip, less the time in the agent */
    uint64_t best_rtt_ns; /* the shortest of all pings */
    uint64_t median_rtt_ns;
    uint64_t longest_rtt_ns; /* of this and recent fits, and the time to reach the ring */
    uint32_t pings;
};
/*
 * Ping each agent at most `pings` times (1 to XB_PINGS_MAX; fewer once a round trip is as short as
 * the recent ones) and keep the shortest round trip (NTP's clock filter, RFC 5905 section 10). As
 * many at a time as Dom0 has pairs of CPUs, but at least one.
 */
struct xb_clock_ask {
    struct xb_agent *agent; /* NULL: nobody is asked */
    struct xb_clock_fit fit;
    struct xb_err err; /* why there is no fit; XB_E_NONE: there is one */
};
void xb_agents_clock(struct xb_clock_ask *asks, size_t count, uint32_t pings);

/*
 * How far ahead an instant must lie for all these guests to learn of it in time: 20 ms plus twice
 * the longest round trip of each. At most most_ns.
 */
uint64_t xb_clocks_lead_ns(const struct xb_clock_fit *const *fits, size_t count, uint64_t most_ns);

/* How long an agent may take for its STATUS. */
#define XB_STATUS_TIMEOUT_NS (10 * XB_NS_PER_S)
/* *out is freed with xb__status__free_unpacked. */
int xb_agent_status(struct xb_agent *agent, Xb__Status **out, struct xb_err *err);

/* Reports the progress of a copy. NULL: no reports. */
typedef void xb_progress_fn(void *arg, uint64_t done_bytes, uint64_t size_bytes);
struct xb_progress {
    xb_progress_fn *fn;
    void *arg;
};

struct xb_pull_limit {
    uint64_t bytes;
    const char *way_out;  /* what to do about a larger file, for the error */
    uint64_t deadline_ns; /* monotonic: the file must be complete by then; 0: it need not */
};

/*
 * Copy a file into the guest or out of it, with a CRC-32 check; the target is renamed into place
 * once complete. Push keeps the source's mode; pull drops setuid and the like, and takes no more
 * than limit allows and the disk can spare. No progress for a minute is an error, however late
 * limit's deadline is.
 */
int xb_agent_push(struct xb_agent *agent, const char *src, const char *guest_path,
                  const struct xb_progress *progress, struct xb_err *err);
int xb_agent_pull(struct xb_agent *agent, const char *guest_path, const char *dst,
                  struct xb_pull_limit limit, const struct xb_progress *progress,
                  struct xb_err *err);

#endif
