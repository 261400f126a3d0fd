/*
 * What a job reads from the controller, through a pipe or a terminal. It is taken as far as it fits
 * the window, and ACCEPT tells how far that is. What was taken outlives a connection, so that a
 * controller that comes back goes on from there.
 */
#ifndef XB_INPUT_H
#define XB_INPUT_H

#include "err.h"
#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_session;

struct xb_input {
    int fd;          /* our end; -1: none, or closed */
    int job_fd;      /* becomes the job's descriptor 0; -1 once it has it */
    bool terminal;   /* fd is a terminal's master */
    uint8_t *window; /* a ring of XB_INPUT_WINDOW_BYTES; NULL: the job has no such input */
    uint64_t received_bytes, written_bytes;
    uint64_t told_bytes; /* what ACCEPT said last of written_bytes */
    bool eof;            /* nothing follows what was received */
    bool closed;         /* nobody reads any more, or the end was written */
    bool due;            /* ACCEPT is to be sent ... */
    bool unasked;        /* ... but not before this connection's controller asks */
    uint8_t last;        /* byte written last, 0: none */
};

void xb_input_init(struct xb_input *in);
/* Read from a pipe, or from a terminal: master and slave are taken over, also on failure. */
int xb_input_open_pipe(struct xb_input *in, struct xb_err *err);
int xb_input_open_terminal(struct xb_input *in, int master, int slave, struct xb_err *err);
void xb_input_close(struct xb_input *in);

/* The job has its descriptor: close ours. */
void xb_input_handed_over(struct xb_input *in);
/* The job has ended: what it did not read is dropped. */
void xb_input_job_ended(struct xb_input *in);

/* An INPUT has come. */
int xb_input_take(struct xb_input *in, const Xb__Input *input, struct xb_err *err);
/* The controller is gone. */
void xb_input_disconnected(struct xb_input *in);
/* A controller asks how far the input has come. */
void xb_input_ask(struct xb_input *in);

/* What to poll fd for; false: not at all. */
bool xb_input_wants(const struct xb_input *in, short *events);
/* Write what the job takes. revents is what poll said, 0 where it was not asked. */
void xb_input_write(struct xb_input *in, short revents);
/* Send ACCEPT if it is due. */
void xb_input_tell(struct xb_input *in, struct xb_session *session, uint32_t job_id);

#endif
