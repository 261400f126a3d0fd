/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waits for the agents of several guests. */
#ifndef XB_DOMAIN_WAIT_H
#define XB_DOMAIN_WAIT_H

#include "domain.h"

/* xb_guest_wait_agents for guests just started, by their domids; fills each agent_ns. */
int xb_guest_wait_started(struct xb_app *app, const char *const *names, size_t count,
                          uint64_t deadline_ns, struct xb_guest_started *started,
                          struct xb_err *err);

#endif
