/*
 * One file into several guests at the same time.
 */
#ifndef XB_PUSH_ALL_H
#define XB_PUSH_ALL_H

#include "app.h"

#include <stddef.h>
#include <stdint.h>

struct xb_push {
    const char *src;
    const char *dst;             /* the whole path in the guests */
    uint64_t connect_timeout_ns; /* how long to wait for an agent */
};

/*
 * Push to all, each at its own speed, with a line on the terminal that shows how far they are
 * together. One that fails does not keep the others from getting the file: where several fail, all
 * but the first are told on stderr, and the first in err.
 */
int xb_push_all(struct xb_app *app, const struct xb_push *push, const char *const *names,
                size_t count, int stop_fd, struct xb_err *err);

#endif
