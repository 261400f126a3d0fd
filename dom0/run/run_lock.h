/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One experiment at a time on a host: a run holds this lock, and writes its name into the file.
 */
#ifndef XB_RUN_LOCK_H
#define XB_RUN_LOCK_H

#include "app.h"

#include <stdbool.h>

/*
 * Take the lock: returns its descriptor, to be closed. If it is held: -1 and XB_E_HOST, naming the
 * process, its command and the run. `what` completes "this command cannot": "delete runs".
 */
int xb_run_lock_take(struct xb_app *app, const char *what, struct xb_err *err);

/* Write the run's id and the experiment's name into the lock, for commands that are refused. */
int xb_run_lock_name(int fd, const char *run, const char *name, struct xb_err *err);

/* Does a process work on this run now? Also true while the lock's holder has not named its run. */
bool xb_run_lock_is_of(struct xb_app *app, const char *run);

#endif
