/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an agent may send next. Each message that we send allows its answers once; output and file
 * data must stay within the granted credit. Anything else ends the session, so that a guest cannot
 * make Dom0 work or store data for it.
 */
#ifndef XB_AGENT_EXPECT_H
#define XB_AGENT_EXPECT_H

#include "err.h"
#include "frame.h"
#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Jobs and transfers known at once, and one slot for job id 0. */
#define XB_EXPECT_MAX (XB_JOBS_MAX + 16)
#define XB_EXPECT_STREAMS 3 /* indexed by Xb__Stream */

/* How much of a job's input we have sent and the agent has accepted. */
struct xb_expect_input {
    bool open;    /* the job has one */
    bool unknown; /* an earlier connection sent input; the first ACCEPT says how much */
    bool closed;
    uint32_t asked; /* ACCEPTs that are allowed whatever they grant */
    uint64_t sent_bytes, offset, until;
};

struct xb_expect_job {
    bool used;
    bool over; /* only refusals, and what was sent before a CANCEL, can still come */
    bool abandoned;
    uint32_t job_id;
    uint32_t answers[XB_TYPES];  /* how many answers of each type may come */
    uint32_t requests[XB_TYPES]; /* how many requests of each type may be refused */
    uint64_t credit_bytes;
    uint32_t ends[XB_EXPECT_STREAMS]; /* how often each stream may end */
    struct xb_expect_input input;
    bool pulling; /* file data may come */
};

struct xb_expect {
    struct xb_expect_job jobs[XB_EXPECT_MAX];
    size_t next; /* where the search for a free slot begins */
};

/* Note a message that is about to be sent. Fails if too many jobs are open. */
int xb_expect_sent(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                   const ProtobufCMessage *msg, struct xb_err *err);

/* Check a message that arrived: -1 with err saying what is wrong. */
int xb_expect_received(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                       const ProtobufCMessage *msg, struct xb_err *err);

/*
 * After a reconnect only the jobs in HELLO remain, and only their results and stream ends may come.
 */
void xb_expect_reconnected(struct xb_expect *expect, const Xb__Hello *hello);

/* Abandon a transfer: what still arrives for it is checked and dropped. */
void xb_expect_abandon(struct xb_expect *expect, uint32_t job_id);
bool xb_expect_abandoned(const struct xb_expect *expect, uint32_t job_id);

/* Is this id that of a known job or transfer? */
bool xb_expect_knows(const struct xb_expect *expect, uint32_t job_id);

#endif
