/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SIGINT and its like as a descriptor, so that a wait can end in an orderly way. The second signal
 * has its default action.
 */
#ifndef XB_INTERRUPT_H
#define XB_INTERRUPT_H

#include "err.h"

/*
 * For main: make a closed pipe an error (EPIPE) instead of a signal, and make wait() work even if
 * SIGCHLD was ignored at our start.
 */
void xb_signals_prepare(void);

/*
 * Block SIGINT, SIGTERM, SIGHUP and SIGQUIT unless they were ignored at our start. Returns a
 * close-on-exec descriptor that becomes readable when one arrives.
 */
int xb_interrupt_open(struct xb_err *err);

/* Take the signal (0: none); the next one kills us. */
int xb_interrupt_take(int fd);

/* Take the signal (0: none); fd also reports those that follow. */
int xb_interrupt_next(int fd);

/* Let the next one kill us. */
void xb_interrupt_unblock(void);

/* Close the descriptor and unblock: a signal that was not taken acts now. fd may be -1. */
void xb_interrupt_close(int fd);

/*
 * For a child whose parent ends it with SIGTERM: restore the default action even if SIGTERM was
 * ignored at our start.
 */
void xb_interrupt_heed_parent(void);

/*
 * For a caller that has blocked these signals: a descriptor that polls readable while one is
 * pending, without taking it. The caller closes it. -1, which poll skips, on failure.
 */
int xb_stop_fd(void);

#endif
