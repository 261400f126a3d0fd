/*
 * Socket mode: controllers connect through a unix socket. For tests without Xen.
 */
#ifndef XB_LISTEN_H
#define XB_LISTEN_H

#include "err.h"

struct xb_agent;
struct xb_poll_set;

/* Listen on agent->options.socket_path, if it is set. */
int xb_listen_open(struct xb_agent *agent, struct xb_err *err);
void xb_listen_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Close ended connections. */
void xb_listen_work(struct xb_agent *agent);
void xb_listen_close(struct xb_agent *agent);

#endif
