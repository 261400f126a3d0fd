/*
 * A session with the agent of one guest: the controller's side of the protocol (docs/protocol.md).
 *
 * What comes out of here was said by a guest. It is bounded, nothing comes that was not asked for,
 * and its strings hold no control bytes; what it claims may still be a lie. A guest that breaks a
 * rule loses its session, nothing else.
 *
 * A session outlives its connection: a restore or a migration gives the guest another domain id and
 * the agent other rings, and xb_agent_reconnect finds them. Jobs run on meanwhile, and keep their
 * results until FORGET.
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

/*
 * A guest name that starts so is a path: an agent behind a unix socket, without Xen.
 */
#define XB_AGENT_UNIX "unix:"

struct xb_agent;
struct xb_talk_wait;

/*
 * Find a running guest; nothing is sent yet. XB_E_BENCH where there is no such domain or it does
 * not run.
 */
int xb_agent_new(struct xb_agent **out, struct xb_app *app, const char *name, struct xb_err *err);
/* Close the connection and let others measure. NULL is allowed; jobs go on in the guest. */
void xb_agent_free(struct xb_agent *agent);

/*
 * Start looking for the agent: at first, or again after on_lost. xb_agents_wait does the work; it
 * calls on_ready when HELLO has been exchanged, on_lost when that has not happened by deadline_ns
 * (monotonic).
 */
void xb_agent_reconnect(struct xb_agent *agent, uint64_t deadline_ns);

/* A readable stop_fd (-1: none) ends xb_agent_call and what is built on it with "interrupted". */
void xb_agent_set_stop_fd(struct xb_agent *agent, int stop_fd);

/*
 * Give the connection up: the session is lost, and nobody is told. Also from a callback of
 * xb_agents_wait.
 */
void xb_agent_drop(struct xb_agent *agent);

/*
 * Take part in the conversations with these guests, until they are freed: waits while one of them
 * is measured (guest_talk.h), and tells so on stderr.
 */
int xb_agents_join(struct xb_agent **agents, size_t count, uint64_t deadline_ns, int stop_fd,
                   struct xb_err *err);

/*
 * Of those who take part: be alone with these guests (NULL ones are passed over) until
 * xb_agents_measured.
 */
int xb_agents_measure(struct xb_agent **agents, size_t count, const struct xb_talk_wait *wait,
                      struct xb_err *err);
void xb_agents_measured(struct xb_agent **agents, size_t count);

/*
 * All of this for several guests at once, and for one: new, join, reconnect, wait until ready. All
 * or none.
 */
int xb_agents_connect(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                      size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *err);
int xb_agent_connect(struct xb_agent **out, struct xb_app *app, const char *name,
                     uint64_t deadline_ns, struct xb_err *err);

const char *xb_agent_name(const struct xb_agent *agent);
const struct xb_guest *xb_agent_guest(const struct xb_agent *agent);
/* True between HELLO and loss. */
bool xb_agent_ready(const struct xb_agent *agent);
/*
 * After a loss: is the agent worth waiting for? True where the connection was closed or the domain
 * suspended (a save, a migration, a restart of the agent); false where the domain crashed, ended or
 * was destroyed, or broke the protocol.
 */
bool xb_agent_may_return(const struct xb_agent *agent);
/*
 * The latest HELLO: version, boot id, generation, jobs left by earlier connections. Owned by agent.
 */
const Xb__Hello *xb_agent_hello(const struct xb_agent *agent);
/*
 * The next job id that neither this session nor an earlier one uses. For jobs and for transfers
 * alike.
 */
uint32_t xb_agent_next_job(struct xb_agent *agent);

/*
 * One message from an agent; body is the message of that type (XB_OUTPUT: Xb__Output), valid during
 * the call.
 */
struct xb_msg {
    uint16_t type;
    uint32_t job_id;
    const ProtobufCMessage *body;
};

/*
 * Wait until deadline_ns (UINT64_MAX: no end), until *stop is true (NULL: none; looked at after
 * each callback), or until stop_fd (-1: none) is readable. One poll, no periodic wake-up. NULL
 * agents and lost ones are skipped. A callback returns 0, or -1 with err filled to end the wait; it
 * may call xb_agent_send, and on_lost may call xb_agent_reconnect, but nothing may be freed in it.
 * Returns how it ended, or -1 when a callback failed.
 */
enum xb_wait_end { XB_WAIT_STOPPED = 0, XB_WAIT_DEADLINE = 1, XB_WAIT_STOP_FD = 2 };

/* A descriptor of the caller's in the same poll. */
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
    int (*on_ready)(void *arg, struct xb_agent *agent, struct xb_err *err); /* NULL: not told */
    /*
     * why names the guest and the cause, and is for people. NULL: a loss ends the wait with it as
     * the error.
     */
    int (*on_lost)(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);
    /* grows by one each time this process slept and was woken; NULL: not counted */
    uint64_t *wakeups;
    const struct xb_wait_input *inputs; /* NULL: none */
    size_t input_count;
    void *arg;
};
int xb_agents_wait(const struct xb_agents_wait *wait, struct xb_err *err);

/* Send one message; see xb_link_send. Fails, naming the guest, when the session is not ready. */
int xb_agent_send(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, struct xb_err *err);
/* Bytes that xb_agent_send takes before the agent must read. */
size_t xb_agent_room(const struct xb_agent *agent);

/*
 * One request, one answer: send, then wait for a message of type answer with the same job id; ERROR
 * fails with the agent's words. *out (NULL: not wanted) is freed with
 * protobuf_c_message_free_unpacked. Other messages that arrive meanwhile are kept for the next
 * xb_agents_wait. Where the session is lost meanwhile this fails, and on_lost is not told. Not for
 * use inside a callback.
 */
int xb_agent_call(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, uint16_t answer, ProtobufCMessage **out,
                  uint64_t timeout_ns, struct xb_err *err);

/*
 * How the guest's monotonic clock stands to Dom0's: guest = dom0 + offset, known to within
 * +-error_ns.
 */
struct xb_clock_fit {
    int64_t offset_ns;
    uint64_t at_ns;       /* Dom0's clock when it was so; 0: not known */
    uint64_t error_ns;    /* half of the smallest round trip less the agent's own share */
    uint64_t best_rtt_ns; /* of all pings */
    uint64_t median_rtt_ns;
    uint32_t pings;
};
/*
 * Ping the agent `pings` times (1 to 1000) and keep the smallest round trip (NTP's clock filter,
 * RFC 5905 section 10).
 */
int xb_agent_clock(struct xb_agent *agent, uint32_t pings, struct xb_clock_fit *out,
                   struct xb_err *err);

/* 0 where the agent answers in time. */
int xb_agent_ping(struct xb_agent *agent, uint64_t timeout_ns, struct xb_err *err);

/* *out is freed with xb__status__free_unpacked. */
int xb_agent_status(struct xb_agent *agent, Xb__Status **out, struct xb_err *err);

/* Told of a copy's progress; NULL where nobody wants to know. */
typedef void xb_progress_fn(void *arg, uint64_t done_bytes, uint64_t size_bytes);
struct xb_progress {
    xb_progress_fn *fn;
    void *arg;
};

/*
 * Copy a file in (mode from the source; the guest renames it into place when it is whole) or out
 * (written beside dst, renamed when it is whole; mode from the guest without setuid and the like;
 * at most max_bytes, and never more than the disk can spare). Content is checked by crc32. A guest
 * that makes no progress for a minute fails.
 */
int xb_agent_push(struct xb_agent *agent, const char *src, const char *guest_path,
                  const struct xb_progress *progress, struct xb_err *err);
int xb_agent_pull(struct xb_agent *agent, const char *guest_path, const char *dst,
                  uint64_t max_bytes, const struct xb_progress *progress, struct xb_err *err);
/* Push the content of an open regular file, from its start; src_name is for messages. */
int xb_agent_push_fd(struct xb_agent *agent, int fd, const char *src_name, uint32_t mode,
                     const char *guest_path, const struct xb_progress *progress,
                     struct xb_err *err);

#endif
