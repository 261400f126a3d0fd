/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quiescing before a checkpoint: the agent closes its vchan, because its kernel could not survive
 * closing it after the restore (docs/protocol.md).
 */
#ifndef XB_QUIESCE_H
#define XB_QUIESCE_H

#include "app.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Ask the domain's agent to close its rings, and wait until it has (*quiet). An agent that does not
 * know the request or answers too late is no error. It reopens them after a restore, on
 * xb_agent_wake, or after for_s seconds of its clock. -1 if the domain ended or xenstore failed.
 */
int xb_agent_quiesce(struct xb_app *app, uint32_t domid, unsigned for_s, bool *quiet,
                     struct xb_err *err);

/* The domain runs on: let its agent open its rings again. */
void xb_agent_wake(struct xb_app *app, uint32_t domid);

#endif
