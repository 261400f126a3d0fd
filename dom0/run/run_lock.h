/*
 * One experiment at a time on a host: the lock that a run holds, with its name in it.
 */
#ifndef XB_RUN_LOCK_H
#define XB_RUN_LOCK_H

#include "app.h"

/*
 * Take the lock; its descriptor, to be closed. Where a run has it: -1 with XB_E_HOST, and the message
 * names the process, its command and the run. `what` is what cannot be done: "run another".
 */
int xb_run_lock_take(struct xb_app *app, const char *what, struct xb_err *err);

/* Write the run's id and the experiment's name into the lock, for whoever is refused. */
int xb_run_lock_name(int fd, const char *run, const char *name, struct xb_err *err);

#endif
