/*
 * Socket mode: controllers come through a unix socket. For tests where there is no Xen.
 */
#ifndef XB_LISTEN_H
#define XB_LISTEN_H

#include "err.h"

struct xb_agent;
struct xb_poll_set;

/* Open agent->options.socket_path for listening; nothing when there is none. */
int xb_listen_open(struct xb_agent *agent, struct xb_err *err);
void xb_listen_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Close the connections that are over. */
void xb_listen_work(struct xb_agent *agent);
void xb_listen_close(struct xb_agent *agent);

#endif
