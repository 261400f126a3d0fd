/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vchan mode: making rings, publishing them in xenstore, and what happens to them at disconnects,
 * checkpoints and restores. proto/keys.h has the keys.
 */
#ifndef XA_RENDEZVOUS_H
#define XA_RENDEZVOUS_H

#include "err.h"

#include <stdint.h>

struct xa_agent;
struct xa_poll_set;
struct xa_session;

/* Make and publish the first generation of rings; does nothing in socket mode. */
int xa_rendezvous_open(struct xa_agent *agent, struct xb_err *err);
void xa_rendezvous_poll(struct xa_agent *agent, struct xa_poll_set *set);
/* After a turn's events: end the sessions that are over, and publish the next rings. */
void xa_rendezvous_work(struct xa_agent *agent, uint64_t now_ns);
/* A controller uses the published rings: hide them from others. */
void xa_rendezvous_taken(struct xa_agent *agent);
/*
 * When this session ends, close all rings and stay closed until a restore, or for resume_after_ns
 * (0: the default).
 */
void xa_rendezvous_quiesce(struct xa_session *session, uint64_t resume_after_ns);
/* Add the time of a freeze without a restore: a checkpoint after which the domain went on. */
void xa_rendezvous_note_freeze(struct xa_agent *agent);
/* The agent ends: close all rings and report "stopped" in xenstore. */
void xa_rendezvous_close(struct xa_agent *agent);

#endif
