/* Signals: children that end, and requests to stop. */
#ifndef XB_REAP_H
#define XB_REAP_H

#include "err.h"

struct xb_agent;
struct xb_poll_set;

/* Block the signals that the agent handles, and open agent->signal_fd for them. */
int xb_signals_open(struct xb_agent *agent, struct xb_err *err);
void xb_signals_poll(struct xb_agent *agent, struct xb_poll_set *set);

#endif
