/*
 * Checkpoints in xenbench's own folder of guests that are no more: nothing can restore them.
 */
#ifndef XB_CHECKPOINT_SWEEP_H
#define XB_CHECKPOINT_SWEEP_H

#include "guest_def.h"

#include <stdbool.h>

/*
 * Remove the checkpoints of a guest, known by the UUID in their heads, in checkpoints/ and
 * checkpoints/at-shutdown/; those that the user keeps elsewhere are the user's. With dry_run only
 * tell. told (NULL: nobody is told) gets a line for each.
 */
int xb_checkpoint_forget(struct xb_app *app, const struct xb_guest_def *def, bool dry_run,
                         void (*told)(void *arg, const char *what), void *arg, struct xb_err *err);

/* The same of all guests that are not there. What is damaged, or no checkpoint, is left alone. */
int xb_checkpoint_sweep(struct xb_app *app, bool dry_run,
                        void (*told)(void *arg, const char *what), void *arg, struct xb_err *err);

#endif
