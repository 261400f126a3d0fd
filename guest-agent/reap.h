/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals: children that end, and requests to stop. */
#ifndef XA_REAP_H
#define XA_REAP_H

#include "base.h"
#include "err.h"

#include <stdint.h>
#include <sys/types.h>

struct xa_agent;
struct xa_poll_set;

/* Block the signals that the agent handles, and open agent->signal_fd for them. */
int xa_signals_open(struct xa_agent *agent, struct xb_err *err);
void xa_signals_poll(struct xa_agent *agent, struct xa_poll_set *set);

/* How long a killed process may take to end: one that waits for a lost disk never does. */
#define XA_DEATH_NS (3 * XB_NS_PER_S)
/* Wait until a killed child (-1: all of them) has ended, but not beyond until_ns. */
void xa_reap_killed(pid_t pid, uint64_t until_ns);

#endif
