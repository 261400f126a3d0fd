/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A job's output. Kept output goes to a file in memory while the agent sleeps; streamed output goes
 * through pipes that are read only with credit. The agent holds bytes [base, end) of each stream,
 * and `sent` moves through them, so that a returning controller continues where its copy ends.
 */
#ifndef XA_OUTPUT_H
#define XA_OUTPUT_H

#include "err.h"
#include "link.h"

#include <stdbool.h>
#include <stdint.h>

enum { XA_STDOUT = 0, XA_STDERR = 1, XA_STREAMS = 2 };

/* Streamed bytes kept after sending, per stream, for a new connection to fetch again. */
#define XA_STREAM_WINDOW_BYTES (128 * XB_KIB)

struct xa_stream {
    int fd;                 /* the file, or the pipe's read end; -1 when done */
    uint8_t *window;        /* streamed: a ring of the last XA_STREAM_WINDOW_BYTES */
    uint64_t base;          /* offset of the first byte still here */
    uint64_t end;           /* offset after the last byte here */
    uint64_t sent;          /* offset of the next byte to send */
    uint64_t written_bytes; /* by the job, known after its end */
    uint64_t last_bytes;    /* streamed, after the job's end: the offset at which reading ends */
    bool whole;             /* end is final */
    bool sending;
};

struct xa_output {
    bool streamed;
    bool terminal; /* streamed, and both streams are one */
    bool job_ended;
    uint64_t keep_bytes;
    uint64_t bound_bytes; /* limit of the kept output of both streams; 0: could not be set */
    uint64_t credit_bytes;
    int job_fds[XA_STREAMS]; /* become the job's descriptors 1 and 2; -1 afterwards */
    struct xa_stream streams[XA_STREAMS];
};

/*
 * Open files (kept) or pipes (streamed); keep_bytes is per stream. If the kernel can, kept output
 * has its own tmpfs of bound_bytes for both streams, and a job that exceeds it gets ENOSPC. On
 * failure nothing stays open.
 */
int xa_output_open_kept(struct xa_output *out, uint64_t keep_bytes, uint64_t bound_bytes,
                        struct xb_err *err);
int xa_output_open_streamed(struct xa_output *out, uint64_t credit_bytes, struct xb_err *err);
/* Stream through a terminal. The caller keeps master and slave, which are duplicated here. */
int xa_output_open_terminal(struct xa_output *out, int master, int slave, uint64_t credit_bytes,
                            struct xb_err *err);
/* Free everything. Allowed on an output from xa_output_init. */
void xa_output_close(struct xa_output *out);
void xa_output_init(struct xa_output *out);

/* The job has its descriptors: close ours. */
void xa_output_handed_over(struct xa_output *out);
/* The job has ended: count its output, and free kept output except the last keep_bytes. */
void xa_output_job_ended(struct xa_output *out);
/* How many bytes of a stream can still be fetched. */
uint64_t xa_output_kept_bytes(const struct xa_output *out, int stream);
/* Did kept output fill its bound? Call before xa_output_job_ended. */
bool xa_output_is_full(const struct xa_output *out);

/* Should a stream's pipe be polled: there is credit and room, and everything read has been sent? */
bool xa_output_wants(const struct xa_output *out, int stream, const struct xb_link *link);
/* Read from the pipe into the window. */
void xa_output_read(struct xa_output *out, int stream);
/* Send as much as credit and the link's room allow. -1 if the link failed. */
int xa_output_send(struct xa_output *out, struct xb_link *link, uint32_t job_id,
                   struct xb_err *err);

void xa_output_credit(struct xa_output *out, uint64_t bytes);
/* Send a stream again from offset (or from the first byte still here) and add credit. */
int xa_output_fetch(struct xa_output *out, int stream, uint64_t offset, uint64_t credit_bytes,
                    struct xb_err *err);
/* The controller is gone: drop its credit and stop sending until the next FETCH. */
void xa_output_disconnected(struct xa_output *out);

#endif
