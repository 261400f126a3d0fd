/*
 * vchan mode: rings, their publication in xenstore, and what becomes of them over disconnects,
 * checkpoints and restores. proto/keys.h has the keys.
 */
#ifndef XB_RENDEZVOUS_H
#define XB_RENDEZVOUS_H

#include "err.h"

#include <stdint.h>

struct xb_agent;
struct xb_poll_set;
struct xb_session;

/* Serve and publish the first generation; nothing in socket mode. */
int xb_rendezvous_open(struct xb_agent *agent, struct xb_err *err);
void xb_rendezvous_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* After the events of a turn: end what is over, publish what is to be served next. */
void xb_rendezvous_work(struct xb_agent *agent, uint64_t now_ns);
/* A controller has the published rings: nobody else may find them. */
void xb_rendezvous_taken(struct xb_agent *agent);
/*
 * When this session is over, close all rings and stay so until a restore, or for resume_after_ns
 * (0: the default).
 */
void xb_rendezvous_quiesce(struct xb_session *session, uint64_t resume_after_ns);
/* Count a freeze that left the domain what it was (a checkpoint after which it went on). */
void xb_rendezvous_note_freeze(struct xb_agent *agent);
/* The agent ends. */
void xb_rendezvous_close(struct xb_agent *agent);

#endif
