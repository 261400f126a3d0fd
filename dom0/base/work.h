/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Long work on data: shows progress and can be stopped.
 */
#ifndef XB_WORK_H
#define XB_WORK_H

#include "base.h"
#include "err.h"
#include "progress.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_work {
    struct xb_progress_line line;
    char what[96]; /* "the disk of web1" */
    int interrupt; /* from xb_interrupt_open; -1: cannot be stopped */
    uint64_t done_bytes;
    uint64_t total_bytes; /* 0: not known */
};

/*
 * Begin: until xb_work_end, stop signals (interrupt.h) end the work in order. quiet: no progress
 * line.
 */
int xb_work_begin(struct xb_work *work, bool quiet, struct xb_err *err);
void xb_work_end(struct xb_work *work);

/* Start the next step, of this many bytes. */
void xb_work_on(struct xb_work *work, const char *what, uint64_t total_bytes);

/*
 * `bytes` more are done; cheap enough to call often. XB_E_BENCH: stop the work. work may be NULL.
 */
int xb_work_did(struct xb_work *work, uint64_t bytes, struct xb_err *err);

#define xb_auto_work XB_AUTO(xb_work_end)
#define XB_WORK_NONE                                                                               \
    {                                                                                              \
        .line = {.off = true}, .interrupt = -1                                                     \
    }

#endif
