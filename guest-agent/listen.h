/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket mode: controllers connect through a unix socket. For tests without Xen.
 */
#ifndef XA_LISTEN_H
#define XA_LISTEN_H

#include "err.h"

struct xa_agent;
struct xa_poll_set;

/* Listen on agent->options.socket_path, if it is set. */
int xa_listen_open(struct xa_agent *agent, struct xb_err *err);
void xa_listen_poll(struct xa_agent *agent, struct xa_poll_set *set);
/* Close ended connections. */
void xa_listen_work(struct xa_agent *agent);
void xa_listen_close(struct xa_agent *agent);

#endif
