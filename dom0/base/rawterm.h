/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw mode of the terminal at stdin: no line editing, no echo, no signals from keys.
 */
#ifndef XB_RAWTERM_H
#define XB_RAWTERM_H

#include <stdbool.h>
#include <termios.h>

struct xb_rawterm {
    bool raw; /* changed, and must be restored */
    struct termios before;
};

/* Make the terminal raw; a no-op if stdin is no terminal. */
void xb_rawterm_enter(struct xb_rawterm *term);
/* Make it raw again: while we were stopped, the shell restored it. */
void xb_rawterm_again(const struct xb_rawterm *term);
/* Restore the terminal, once. */
void xb_rawterm_leave(struct xb_rawterm *term);

#endif
