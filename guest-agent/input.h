/*
 * A job's input from the controller, through a pipe or a terminal. The window limits it, and ACCEPT
 * reports how much was taken. Taken input survives the connection, so a returning controller
 * continues from there.
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
    int job_fd;      /* becomes the job's descriptor 0; -1 afterwards */
    bool terminal;   /* fd is a terminal's master */
    uint8_t *window; /* a ring of XB_INPUT_WINDOW_BYTES; NULL: no such input */
    uint64_t received_bytes, written_bytes;
    uint64_t told_bytes; /* written_bytes at the last ACCEPT */
    bool eof;            /* no more input follows */
    bool closed;         /* nobody reads any more, or the end was written */
    bool due;            /* ACCEPT is to be sent ... */
    bool unasked;        /* ... but not before this connection's controller asks */
    uint8_t last;        /* byte written last, 0: none */
};

void xb_input_init(struct xb_input *in);
/* Use a pipe, or a terminal: takes ownership of master and slave, also on failure. */
int xb_input_open_pipe(struct xb_input *in, struct xb_err *err);
int xb_input_open_terminal(struct xb_input *in, int master, int slave, struct xb_err *err);
void xb_input_close(struct xb_input *in);

/* The job has its descriptor: close ours. */
void xb_input_handed_over(struct xb_input *in);
/* The job has ended: drop what it did not read. */
void xb_input_job_ended(struct xb_input *in);

/* An INPUT has come. */
int xb_input_take(struct xb_input *in, const Xb__Input *input, struct xb_err *err);
/* The controller is gone. */
void xb_input_disconnected(struct xb_input *in);
/* A controller asks how much input has arrived. */
void xb_input_ask(struct xb_input *in);

/* The events to poll fd for; false: do not poll. */
bool xb_input_wants(const struct xb_input *in, short *events);
/* Write what the job takes. revents is from poll, 0 if fd was not polled. */
void xb_input_write(struct xb_input *in, short revents);
/* Send ACCEPT if it is due. */
void xb_input_tell(struct xb_input *in, struct xb_session *session, uint32_t job_id);

#endif
