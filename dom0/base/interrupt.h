/*
 * Ctrl-C and its kin as a descriptor, so that a wait can end in order. The second signal finds its
 * default action again.
 */
#ifndef XB_INTERRUPT_H
#define XB_INTERRUPT_H

#include "err.h"

/*
 * For main: writing to a closed pipe is an error (EPIPE) and does not kill, and the ends of children are kept for wait()
 * whatever we were started with.
 */
void xb_signals_prepare(void);

/*
 * Block those of SIGINT, SIGTERM, SIGHUP and SIGQUIT that were not ignored when we started; returns a descriptor that is readable
 * once one has come, close-on-exec.
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

/* For a child that its parent, or its parent's death, ends by SIGTERM: heed that even where it was ignored when we started. */
void xb_interrupt_heed_parent(void);

/*
 * A descriptor to poll that is readable once such a signal is pending for a caller that has blocked them; it takes no
 * signal away. Close it. -1 where it cannot be had, which poll passes over.
 */
int xb_stop_fd(void);

#endif
