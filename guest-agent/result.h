/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job's result, from what the kernel and the agent know. */
#ifndef XA_RESULT_H
#define XA_RESULT_H

#include "job.h"

#include <sys/resource.h>

/* Read the counters now; the result reports the differences between release and end. */
struct xa_job_start xa_result_start(struct xa_agent *agent);
/* Fill job->result. status and usage are from wait4. */
void xa_result_fill(struct xa_agent *agent, struct xa_job *job, int status,
                    const struct rusage *usage, uint64_t ended_ns);

#endif
