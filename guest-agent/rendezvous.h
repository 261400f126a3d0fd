/*
 * vchan mode: rings, their publication in xenstore, and their fate over disconnects, checkpoints
 * and restores. proto/keys.h has the keys.
 */
#ifndef XB_RENDEZVOUS_H
#define XB_RENDEZVOUS_H

#include "err.h"

#include <stdint.h>

struct xb_agent;
struct xb_poll_set;
struct xb_session;

/* Serve and publish the first generation; does nothing in socket mode. */
int xb_rendezvous_open(struct xb_agent *agent, struct xb_err *err);
void xb_rendezvous_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* After a turn's events: end what is over, and publish the next rings. */
void xb_rendezvous_work(struct xb_agent *agent, uint64_t now_ns);
/* A controller has the published rings: hide them from others. */
void xb_rendezvous_taken(struct xb_agent *agent);
/*
 * When this session ends, close all rings and stay closed until a restore, or for resume_after_ns
 * (0: the default).
 */
void xb_rendezvous_quiesce(struct xb_session *session, uint64_t resume_after_ns);
/* Count a freeze that left the domain the same (a checkpoint after which it went on). */
void xb_rendezvous_note_freeze(struct xb_agent *agent);
/* The agent ends. */
void xb_rendezvous_close(struct xb_agent *agent);

#endif
