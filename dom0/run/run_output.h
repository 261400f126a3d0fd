/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A job's output, fetched from its guest after the job's end.
 */
#ifndef XB_RUN_OUTPUT_H
#define XB_RUN_OUTPUT_H

#include "agent.h"
#include "run_workload.h"

#define XB_JOB_FORGET_NS (20 * XB_NS_PER_S)
/* How long a guest may take to hand over the files that have its figures. */
#define XB_JOB_FILES_NS (60 * XB_NS_PER_S)

struct xb_job_output {
    char bytes[XB_JOB_OUTPUT_BYTES];
    size_t used;
    uint64_t lost; /* bytes of the stream before these */
};

/* One stream of one guest's job, which has written `written` bytes to it. */
struct xb_fetch {
    struct xb_agent *agent; /* NULL: nothing is fetched */
    uint32_t job_id;
    Xb__Stream stream;
    uint64_t written;
    struct xb_job_output *out;
    struct xb_err err; /* why the output is incomplete; XB_E_NONE: it is complete */
    bool over;
};
/*
 * Fetch the last bytes of each stream, without a gap, from all guests at once; each guest appears
 * at most once. A readable stop_fd ends it with "interrupted".
 */
void xb_jobs_fetch(struct xb_fetch *fetches, size_t count, int stop_fd);

/* The last line that is not empty, safe for a terminal; "" where there is none. */
void xb_job_last_line(const struct xb_job_output *from, char *out, size_t bytes);

#endif
