/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a wait for guests shows on a terminal: how many are done, for whom it still waits, and how
 * long at most. Nothing where app->waits is NULL.
 */
#ifndef XB_WAITS_H
#define XB_WAITS_H

#include "app.h"

#include <stddef.h>
#include <stdint.h>

struct xb_waits {
    struct xb_app *app;
    const char *done; /* what the guests are once they are done: "answer", "have shut down" */
    const char *const *names;
    size_t count;
    uint64_t deadline_ns; /* monotonic; UINT64_MAX: none */
    uint64_t told_ns;     /* when it was last shown, and with how many done; 0: not yet */
    size_t told;
};

#define XB_WAITS(the_app, is_done, the_names, n, until_ns)                                         \
    (struct xb_waits)                                                                              \
    {                                                                                              \
        .app = (the_app), .done = (is_done), .names = (the_names), .count = (n),                   \
        .deadline_ns = (until_ns)                                                                  \
    }

/* For a command: show all its waits, until the command ends. */
void xb_waits_show(struct xb_app *app);

/* Show the state after a look, where it is new. is_done(arg, i): is guest i done? */
void xb_waits_tell(struct xb_waits *waits, bool (*is_done)(const void *arg, size_t i),
                   const void *arg);
/* The wait is over: clear the line. */
void xb_waits_end(const struct xb_waits *waits);

#endif
