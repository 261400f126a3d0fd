/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pseudo-terminal for a job. */
#ifndef XA_JOB_PTY_H
#define XA_JOB_PTY_H

#include "err.h"
#include "xenbench.pb-c.h"

struct xa_pty {
    int master, slave; /* close-on-exec */
};

/* Make a terminal of the message's size. */
int xa_pty_open(struct xa_pty *out, const Xb__Terminal *terminal, struct xb_err *err);
/* Change its size: the job gets SIGWINCH. */
int xa_pty_resize(int master, uint32_t rows, uint32_t columns, struct xb_err *err);

#endif
