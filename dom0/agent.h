/*
 * A session with the agent of one guest: the controller's side of the protocol (docs/protocol.md).
 * Everything that comes out of here was said by a guest; it is bounded, but it is not trusted.
 */
#ifndef XB_AGENT_H
#define XB_AGENT_H

#include "err.h"
#include "guest.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_agent;

/*
 * Connect to the agent of a guest and shake hands, waiting for it to publish itself until deadline_ns (monotonic).
 * A guest found as "unix:PATH" is an agent behind a unix socket (tests without Xen). The hold on the guest is taken too.
 * XB_E_BENCH when no agent answers in time, when its protocol's major version is another, or the domain is gone.
 */
int xb_agent_connect(struct xb_agent **out, struct xb_app *app, const char *name, uint64_t deadline_ns,
                     struct xb_err *err);
void xb_agent_free(struct xb_agent *agent); /* NULL is allowed; running jobs go on in the guest */

const char *xb_agent_name(const struct xb_agent *agent);
const struct xb_guest *xb_agent_guest(const struct xb_agent *agent);
/* The agent's HELLO: version, boot id, generation, jobs left by earlier connections. Owned by agent. */
const Xb__Hello *xb_agent_hello(const struct xb_agent *agent);

/* A frame from the agent, given to the callback of xb_agents_wait. body is valid during the call only. */
typedef int xb_agent_frame_fn(void *arg, struct xb_agent *agent, const struct xb_frame *frame,
                              struct xb_err *err);

/*
 * Wait for frames from any of agents (NULL entries are skipped) until deadline_ns, or until *stop is true
 * (checked after each callback), or until stop_fd (-1: none) is readable. One poll, no periodic wake-up. on_frame
 * gets each frame; on_lost is told of an agent whose connection or domain is gone (err says why) and the entry is
 * skipped from then on. on_lost may reconnect. Returns 0 at *stop, 1 at the deadline, 2 at stop_fd, -1 when a callback failed.
 */
struct xb_agents_wait {
    struct xb_agent **agents;
    size_t count;
    uint64_t deadline_ns; /* UINT64_MAX: none */
    int stop_fd;
    const bool *stop;
    xb_agent_frame_fn *on_frame;
    int (*on_lost)(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);
    void *arg;
};
int xb_agents_wait(const struct xb_agents_wait *wait, struct xb_err *err);

/* Send one message; see xb_link_send. */
int xb_agent_send(struct xb_agent *agent, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                  struct xb_err *err);

/*
 * One request, one answer: send, then wait for a frame of type answer (or ERROR, which fails with the agent's message)
 * with the same job id. *out_msg is unpacked with the descriptor; free it with protobuf_c_message_free_unpacked.
 * Other frames that arrive meanwhile are kept and delivered by the next xb_agents_wait.
 */
int xb_agent_call(struct xb_agent *agent, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg,
                  uint16_t answer, const ProtobufCMessageDescriptor *descriptor,
                  ProtobufCMessage **out_msg, uint64_t timeout_ns, struct xb_err *err);

/* How the guest's monotonic clock stands to Dom0's: guest = dom0 + offset, known to within +-error_ns. */
struct xb_clock_fit {
    int64_t offset_ns;
    uint64_t error_ns;    /* half of the smallest round trip less the agent's own share */
    uint64_t best_rtt_ns; /* of all pings */
    uint64_t median_rtt_ns;
    uint32_t pings;
};
/* Ping the agent `pings` times and keep the smallest round trip (as NTP's clock filter, RFC 5905 section 10). */
int xb_agent_clock(struct xb_agent *agent, uint32_t pings, struct xb_clock_fit *out, struct xb_err *err);

int xb_agent_status(struct xb_agent *agent, Xb__Status **out, struct xb_err *err);

/* Copy a file in (mode from the source) or out (written beside dst, renamed into place when it is whole). */
int xb_agent_push(struct xb_agent *agent, const char *src, const char *guest_path, struct xb_err *err);
int xb_agent_pull(struct xb_agent *agent, const char *guest_path, const char *dst, uint64_t max_bytes,
                  struct xb_err *err);

#endif
