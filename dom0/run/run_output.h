/*
 * What a job wrote, fetched from its guest after it has ended.
 */
#ifndef XB_RUN_OUTPUT_H
#define XB_RUN_OUTPUT_H

#include "agent.h"
#include "run_workload.h"

#define XB_JOB_FORGET_NS (20 * XB_NS_PER_S)

struct xb_job_output {
    char bytes[XB_JOB_OUTPUT_BYTES];
    size_t used;
    uint64_t lost; /* bytes of the stream before these */
};

/* The last bytes of one stream, of which the job has written `written`, without a gap. */
int xb_job_fetch(struct xb_agent *agent, uint32_t job_id, Xb__Stream stream, uint64_t written,
                 struct xb_job_output *out, struct xb_err *err);

/* The last line that is not empty, made fit for a terminal; "" where there is none. */
void xb_job_last_line(const struct xb_job_output *from, char *out, size_t bytes);

#endif
