/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When guests answer: the moment when a boot or a restore ends for a user.
 */
#ifndef XB_LIFECYCLE_ANSWER_H
#define XB_LIFECYCLE_ANSWER_H

#include "lifecycle.h"

/* Times by the guest's boottime clock are the guest's word: they may be lies. */
struct xb_answer {
    uint64_t answered_ns; /* monotonic clock: a ping came back */
    bool has_status;
    uint64_t zero_ns;       /* Dom0's monotonic clock when the guest's boottime clock began */
    uint64_t zero_error_ns; /* +- */
    uint64_t userspace_ns, started_ns, published_ns; /* boottime clock */
    uint64_t frozen_ns;                              /* in all freezes known to its agent */
    bool settled;
};

/*
 * Connect to the agents of running guests, and wait until each answers a ping and a status request.
 * settle: then wait, at most a minute, until their boots have come to rest.
 */
int xb_answers_await(struct xb_app *app, const char *const *names, size_t count,
                     uint64_t deadline_ns, bool settle, struct xb_answer *out, struct xb_err *err);

/*
 * Add the shares of a boot from unpaused_ns to the answer: the time before the guest's clock began,
 * kernel, user space, agent, answer. If the guest's word cannot be true: one part, parts_refused.
 */
void xb_answer_parts(struct xb_life_sample *sample, const struct xb_answer *answer,
                     uint64_t unpaused_ns);

#endif
