/*
 * Between libxl, which writes and reads a domain through a pipe in one long call, and a
 * checkpoint's file: a thread that packs or unpacks meanwhile.
 */
#ifndef XB_CHECKPOINT_PUMP_H
#define XB_CHECKPOINT_PUMP_H

#include "checkpoint_file.h"
#include "xen.h"

#include <pthread.h>

struct xb_pump {
    struct xb_xen *xen;
    int pipe_fd;  /* our end; the thread closes it */
    int leash_fd; /* readable: give up */
    struct xb_checkpoint_writer *writer; /* one of the two */
    struct xb_checkpoint_reader *reader;
    uint32_t domid;        /* writing: what is being suspended */
    uint64_t suspended_ns; /* writing, monotonic clock: when it was seen to be; 0: never */
    uint64_t suspended_realtime_ns;
    struct xb_err err; /* valid after xb_pump_join */
    pthread_t thread;
};

/*
 * Start the thread of a pump whose fields are filled; *libxl_fd gets the other end of the pipe.
 */
int xb_pump_start(struct xb_pump *pump, int *libxl_fd, struct xb_err *err);
/* Wait for its end: it ends when the other end of the pipe is closed, at an error, or by the leash. */
int xb_pump_join(struct xb_pump *pump, struct xb_err *err);

#endif
