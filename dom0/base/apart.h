/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Works on foreign bytes in a separate, locked-down process (sandbox.h), which answers in records
 * of sizes that the caller knows. The answers are as untrusted as the bytes: check their ranges.
 */
#ifndef XB_APART_H
#define XB_APART_H

#include "child.h"
#include "err.h"

#include <stddef.h>

struct xb_apart {
    struct xb_child child;
    int fd; /* to the process */
};
#define XB_APART_NONE                                                                              \
    (struct xb_apart)                                                                              \
    {                                                                                              \
        .child = {.fd = -1}, .fd = -1                                                              \
    }

/*
 * The work, in the process: it reads inherited descriptors and answers with xb_apart_tell on fd. -1
 * with err if it fails: err becomes the caller's error.
 */
typedef int xb_apart_fn(void *arg, int fd, struct xb_err *err);

/* Start the work. keep: the descriptors it uses. XB_E_HOST if the process cannot be locked down. */
int xb_apart_start(struct xb_apart *out, xb_apart_fn *work, void *arg, const int *keep,
                   size_t keep_count, struct xb_err *err);

/* In the process: send one record. */
int xb_apart_tell(int fd, const void *record, size_t bytes, struct xb_err *err);

/*
 * Receive the next record, of exactly `bytes` bytes: 1; 0 if the work is done. -1 with the work's
 * own error, or if the process died or sent anything else.
 */
int xb_apart_hear(struct xb_apart *apart, void *record, size_t bytes, struct xb_err *err);

/* End the process, whatever it does. */
void xb_apart_end(struct xb_apart *apart);

/* Do work that answers with one record: 1 and the record, 0 if it sent none, or -1 with err. */
int xb_apart_ask(xb_apart_fn *work, void *arg, const int *keep, size_t keep_count, void *record,
                 size_t bytes, struct xb_err *err);

#define xb_auto_apart XB_AUTO(xb_apart_end)

#endif
