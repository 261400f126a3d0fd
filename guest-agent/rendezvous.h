/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vchan mode: rings, their publication in xenstore, and their fate over disconnects, checkpoints
 * and restores. proto/keys.h has the keys.
 */
#ifndef XA_RENDEZVOUS_H
#define XA_RENDEZVOUS_H

#include "err.h"

#include <stdint.h>

struct xa_agent;
struct xa_poll_set;
struct xa_session;

/* Serve and publish the first generation; does nothing in socket mode. */
int xa_rendezvous_open(struct xa_agent *agent, struct xb_err *err);
void xa_rendezvous_poll(struct xa_agent *agent, struct xa_poll_set *set);
/* After a turn's events: end what is over, and publish the next rings. */
void xa_rendezvous_work(struct xa_agent *agent, uint64_t now_ns);
/* A controller has the published rings: hide them from others. */
void xa_rendezvous_taken(struct xa_agent *agent);
/*
 * When this session ends, close all rings and stay closed until a restore, or for resume_after_ns
 * (0: the default).
 */
void xa_rendezvous_quiesce(struct xa_session *session, uint64_t resume_after_ns);
/* Count a freeze that left the domain the same (a checkpoint after which it went on). */
void xa_rendezvous_note_freeze(struct xa_agent *agent);
/* The agent ends. */
void xa_rendezvous_close(struct xa_agent *agent);

#endif
