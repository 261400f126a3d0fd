/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals: children that end, and requests to stop. */
#ifndef XA_REAP_H
#define XA_REAP_H

#include "err.h"

struct xa_agent;
struct xa_poll_set;

/* Block the signals that the agent handles, and open agent->signal_fd for them. */
int xa_signals_open(struct xa_agent *agent, struct xb_err *err);
void xa_signals_poll(struct xa_agent *agent, struct xa_poll_set *set);

#endif
