/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies one file into several guests at the same time.
 */
#ifndef XB_PUSH_ALL_H
#define XB_PUSH_ALL_H

#include "app.h"

#include <stddef.h>
#include <stdint.h>

struct xb_push {
    const char *src;
    const char *dst;             /* the complete path in the guests */
    uint64_t connect_timeout_ns; /* how long to wait for an agent */
};

/*
 * Push to all guests, each at its own speed, with one line of progress on the terminal. A guest
 * that fails does not affect the others. err gets the first failure, stderr all others.
 */
int xb_push_all(struct xb_app *app, const struct xb_push *push, const char *const *names,
                size_t count, int stop_fd, struct xb_err *err);

#endif
