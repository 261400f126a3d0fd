/* A job's result, from what the kernel and the agent know. */
#ifndef XB_RESULT_H
#define XB_RESULT_H

#include "job.h"

#include <sys/resource.h>

/* Note the counters whose differences the result will have. */
struct xb_job_start xb_result_start(struct xb_agent *agent);
/* Fill job->result. status and usage are from wait4. */
void xb_result_fill(struct xb_agent *agent, struct xb_job *job, int status,
                    const struct rusage *usage, uint64_t ended_ns);

#endif
