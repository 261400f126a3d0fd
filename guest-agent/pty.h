/* A terminal of the guest for a job. */
#ifndef XB_PTY_H
#define XB_PTY_H

#include "err.h"
#include "xenbench.pb-c.h"

struct xb_pty {
    int master, slave; /* close-on-exec */
};

/* Make a terminal of this size. */
int xb_pty_open(struct xb_pty *out, const Xb__Terminal *terminal, struct xb_err *err);
/* Change its size: the job gets SIGWINCH. */
int xb_pty_resize(int master, uint32_t rows, uint32_t columns, struct xb_err *err);

#endif
