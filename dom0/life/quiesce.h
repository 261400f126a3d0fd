/*
 * Quiet before a checkpoint: the agent closes its vchan, which its kernel could not survive being
 * closed after the restore (docs/protocol.md).
 */
#ifndef XB_QUIESCE_H
#define XB_QUIESCE_H

#include "app.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Ask the agent in this domain to close its rings, whoever is connected, and wait until it has.
 * *quiet tells whether it did: an agent that does not know the word, or does not answer in time, is
 * no error, for it copes with a checkpoint that it was not told of. It opens again after a restore,
 * by xb_agent_wake, or after for_s seconds of its own clock. -1 where the domain ended.
 */
int xb_agent_quiesce(struct xb_app *app, uint32_t domid, unsigned for_s, bool *quiet,
                     struct xb_err *err);

/* The domain goes on: let its agent open again. */
void xb_agent_wake(struct xb_app *app, uint32_t domid);

#endif
