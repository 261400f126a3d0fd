/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts, stops and removes guests, several in parallel. */
#ifndef XB_DOMAIN_H
#define XB_DOMAIN_H

#include "guest_create.h"
#include "guest_list.h"

/* The outcome for one guest of several. */
struct xb_guest_started {
    uint32_t domid;      /* 0: it failed; err says why */
    uint64_t created_ns; /* monotonic clock: the toolstack was done and the guest began to run */
    uint64_t agent_ns;   /* monotonic clock: its agent published its rings; 0: not waited for */
    struct xb_err err;
};

/*
 * Start guests, each in a process that stays as its monitor; takes memory from Dom0 as xl would.
 * wait_agent_ns (0: none) also waits for the agents. results (may be NULL) has count entries.
 * Running guests are skipped; started ones stay if others fail (-1, the first failure in err).
 */
int xb_guest_start_all(struct xb_app *app, const char *const *names, size_t count,
                       uint64_t wait_agent_ns, struct xb_guest_started *results,
                       struct xb_err *err);

/*
 * Ask guests (also xl's) to shut down, and wait until their domains are gone; guests that do not
 * run are skipped. XB_E_BENCH after timeout_ns names those that still run, and leaves them running.
 */
int xb_guest_stop_all(struct xb_app *app, const char *const *names, size_t count,
                      uint64_t timeout_ns, struct xb_err *err);

/* When a guest stopped, on the monotonic clock; 0: not yet. */
struct xb_guest_stopped {
    uint64_t down_ns; /* its kernel had shut down */
    uint64_t gone_ns; /* its domain was gone */
};

/* The same, with each guest's time. */
int xb_guest_stop_timed(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_guest_stopped *stopped, struct xb_err *err);

/* Destroy a guest's domain at once. 0 if it does not run. */
int xb_guest_destroy(struct xb_app *app, const char *name, struct xb_err *err);

/* Remove a stopped guest's definition and disk (XB_E_INPUT if it runs or is being started). */
int xb_guest_remove(struct xb_app *app, const char *name, struct xb_err *err);

/* Remove several, snapshots before their origins, as far as possible; err has the first failure. */
int xb_guest_remove_all(struct xb_app *app, const char *const *names, size_t count,
                        struct xb_err *err);

/*
 * Wait until all agents have published their rings. XB_E_BENCH at deadline_ns (monotonic) names a
 * guest whose agent has not.
 */
int xb_guest_wait_agents(struct xb_app *app, const char *const *names, size_t count,
                         uint64_t deadline_ns, struct xb_err *err);

#endif
