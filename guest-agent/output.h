/*
 * What a job writes. Kept output goes into a file of the guest's memory, and the agent sleeps
 * meanwhile; streamed output goes through pipes that are read only while the controller grants
 * credit. Either way bytes [base, end) of each stream are here and `sent` walks through them, so a
 * controller that comes back continues where its own copy ends.
 */
#ifndef XB_OUTPUT_H
#define XB_OUTPUT_H

#include "err.h"
#include "link.h"

#include <stdbool.h>
#include <stdint.h>

enum { XB_STDOUT = 0, XB_STDERR = 1, XB_STREAMS = 2 };

/*
 * Streamed bytes that stay here after they were sent, per stream: what a new connection can ask for
 * again.
 */
#define XB_STREAM_WINDOW_BYTES (128 * 1024)

/* Bulk data leaves this much of the link's queue to answers and results. */
#define XB_LINK_RESERVE_BYTES (XB_LINK_QUEUE_BYTES / 2)

struct xb_stream {
    int fd;                 /* the file, or the pipe's read end; -1 when it is done */
    uint8_t *window;        /* streamed: a ring of the last XB_STREAM_WINDOW_BYTES */
    uint64_t base;          /* offset of the first byte that is here */
    uint64_t end;           /* offset after the last one */
    uint64_t sent;          /* offset of the next byte to send */
    uint64_t written_bytes; /* by the job, once it has ended */
    uint64_t last_bytes;    /* streamed: no more is read after the job's end */
    bool whole;             /* end does not move any more */
    bool sending;
};

struct xb_output {
    bool streamed;
    bool terminal; /* streamed, and both streams are one */
    bool job_ended;
    uint64_t keep_bytes;
    uint64_t bound_bytes; /* limit of the kept output of both streams; 0: could not be set */
    uint64_t credit_bytes;
    int job_fds[XB_STREAMS]; /* what becomes the job's descriptors 1 and 2; -1 once it has them */
    struct xb_stream streams[XB_STREAMS];
};

/*
 * Open files (kept) or pipes (streamed). keep_bytes is per stream. Kept output lives in a tmpfs of
 * its own with a size of bound_bytes for both streams, where the kernel can do that: the job that
 * passes it sees ENOSPC. On failure nothing is left open.
 */
int xb_output_open_kept(struct xb_output *out, uint64_t keep_bytes, uint64_t bound_bytes,
                        struct xb_err *err);
int xb_output_open_streamed(struct xb_output *out, uint64_t credit_bytes, struct xb_err *err);
/* Streamed through a terminal, whose descriptors stay the caller's. */
int xb_output_open_terminal(struct xb_output *out, int master, int slave, uint64_t credit_bytes,
                            struct xb_err *err);
/* Free all. An output of zeros with descriptors -1 (xb_output_init) is allowed. */
void xb_output_close(struct xb_output *out);
void xb_output_init(struct xb_output *out);

/* The job has its descriptors: close ours. */
void xb_output_handed_over(struct xb_output *out);
/* The job has ended: count what it wrote; of kept output free all but the last keep_bytes. */
void xb_output_job_ended(struct xb_output *out);
/* Bytes of a stream that can still be fetched. */
uint64_t xb_output_kept_bytes(const struct xb_output *out, int stream);
/* True when kept output filled its bound. Asked before xb_output_job_ended. */
bool xb_output_is_full(const struct xb_output *out);

/*
 * True when the pipe of a stream should be polled: there is credit and room, and all that was read
 * is sent.
 */
bool xb_output_wants(const struct xb_output *out, int stream, const struct xb_link *link);
/* Read from the pipe into the window. */
void xb_output_read(struct xb_output *out, int stream);
/* Send what credit and the link's room allow. -1 when the link failed. */
int xb_output_send(struct xb_output *out, struct xb_link *link, uint32_t job_id,
                   struct xb_err *err);

void xb_output_credit(struct xb_output *out, uint64_t bytes);
/* Send a stream again from offset on (or from the first byte that is still here) and add credit. */
int xb_output_fetch(struct xb_output *out, int stream, uint64_t offset, uint64_t credit_bytes,
                    struct xb_err *err);
/* The controller is gone: its credit with it. */
void xb_output_disconnected(struct xb_output *out);

#endif
