/*
 * Ctrl-C and its kin as a descriptor, so that a wait can end in order. The second signal finds its
 * default action again.
 */
#ifndef XB_INTERRUPT_H
#define XB_INTERRUPT_H

#include "err.h"

/*
 * Block SIGINT, SIGTERM, SIGHUP and SIGQUIT; returns a descriptor that is readable once one has come, close-
 * on-exec.
 */
int xb_interrupt_open(struct xb_err *err);

/* Take the signal (0: none has come) and let the next one kill us. */
int xb_interrupt_take(int fd);

/* Take the signal (0: none has come); those that follow are still told by fd. */
int xb_interrupt_next(int fd);

/* Let the next one kill us. */
void xb_interrupt_unblock(void);

/* Close the descriptor and unblock: what has come and was not taken acts now. -1 is allowed. */
void xb_interrupt_close(int fd);

#endif
