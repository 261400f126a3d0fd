/*
 * What an agent may say next. Every message we send opens the door for its answers, once each;
 * output and file data pass as far as credit was given. Anything else ends the session: a guest
 * cannot make Dom0 work or store for it.
 */
#ifndef XB_AGENT_EXPECT_H
#define XB_AGENT_EXPECT_H

#include "err.h"
#include "frame.h"
#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Jobs and transfers known at once; one more stands for what belongs to no job (job id 0). */
#define XB_EXPECT_MAX (XB_JOBS_MAX + 16)
#define XB_EXPECT_STREAMS 3 /* indexed by Xb__Stream */

/* A job's input, as far as it was sent and accepted. */
struct xb_expect_input {
    bool open;    /* the job has one */
    bool unknown; /* what an earlier connection sent: the first ACCEPT tells */
    bool closed;
    uint32_t asked; /* how many ACCEPTs may come whatever they grant */
    uint64_t sent_bytes, offset, until;
};

struct xb_expect_job {
    bool used;
    bool over; /* nothing but refusals can still come; its place may be taken */
    bool abandoned;
    uint32_t job_id;
    uint32_t answers[XB_TYPES];  /* how many of each type may come */
    uint32_t requests[XB_TYPES]; /* how many of each type may be refused */
    uint64_t credit_bytes;
    uint32_t ends[XB_EXPECT_STREAMS]; /* how often this stream's end may come */
    struct xb_expect_input input;
    bool pulling; /* file data may come */
};

struct xb_expect {
    struct xb_expect_job jobs[XB_EXPECT_MAX];
};

/* A message is about to be sent. Fails when too many jobs are open. */
int xb_expect_sent(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                   const ProtobufCMessage *msg, struct xb_err *err);

/* A message has come: -1 with err saying what was wrong with it. */
int xb_expect_received(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                       const ProtobufCMessage *msg, struct xb_err *err);

/*
 * A new connection: only the jobs that HELLO lists are left, and only their results are still to
 * come.
 */
void xb_expect_reconnected(struct xb_expect *expect, const Xb__Hello *hello);

/* We gave this transfer up: what still comes of it is checked and thrown away. */
void xb_expect_abandon(struct xb_expect *expect, uint32_t job_id);
bool xb_expect_abandoned(const struct xb_expect *expect, uint32_t job_id);

/* Is this job or transfer known? */
bool xb_expect_knows(const struct xb_expect *expect, uint32_t job_id);

#endif
