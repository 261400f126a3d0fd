/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A job's input from the controller, through a pipe or a terminal. A window limits the input that
 * the job has not read, and ACCEPT reports how much has arrived. What has arrived survives the
 * connection, so a returning controller continues after it.
 */
#ifndef XA_INPUT_H
#define XA_INPUT_H

#include "err.h"
#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct xa_session;

struct xa_input {
    int fd;          /* our end; -1: none, or closed */
    int job_fd;      /* becomes the job's descriptor 0; -1 afterwards */
    bool terminal;   /* fd is a terminal's master */
    uint8_t *window; /* a ring of XB_INPUT_WINDOW_BYTES; NULL: no such input */
    uint64_t received_bytes, written_bytes;
    uint64_t told_bytes; /* written_bytes at the last ACCEPT */
    bool eof;            /* no more input follows */
    bool closed;         /* nobody reads any more, or the end was written */
    bool due;            /* an ACCEPT must be sent ... */
    bool unasked;        /* ... but not before this connection's controller asks */
    uint8_t last;        /* byte written last, 0: none */
};

void xa_input_init(struct xa_input *in);
/* Use a pipe, or a terminal: takes ownership of master and slave, also on failure. */
int xa_input_open_pipe(struct xa_input *in, struct xb_err *err);
int xa_input_open_terminal(struct xa_input *in, int master, int slave, struct xb_err *err);
void xa_input_close(struct xa_input *in);

/* The job has its descriptor: close ours. */
void xa_input_handed_over(struct xa_input *in);
/* The job has ended: drop what it did not read. */
void xa_input_job_ended(struct xa_input *in);

/* An INPUT has come. */
int xa_input_take(struct xa_input *in, const Xb__Input *input, struct xb_err *err);
/* The controller is gone. */
void xa_input_disconnected(struct xa_input *in);
/* A controller asks how much input has arrived: an ACCEPT becomes due. */
void xa_input_ask(struct xa_input *in);

/* The events to poll fd for; false: do not poll. */
bool xa_input_wants(const struct xa_input *in, short *events);
/* Write as much as the pipe or terminal takes. revents is from poll, 0 if fd was not polled. */
void xa_input_write(struct xa_input *in, short revents);
/* Send ACCEPT if it is due. */
void xa_input_tell(struct xa_input *in, struct xa_session *session, uint32_t job_id);

#endif
