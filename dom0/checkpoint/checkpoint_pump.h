/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread between libxl, which writes or reads a domain through a pipe in one long call, and a
 * checkpoint's file or another libxl: it packs, unpacks or passes on the data.
 */
#ifndef XB_CHECKPOINT_PUMP_H
#define XB_CHECKPOINT_PUMP_H

#include "checkpoint_file.h"
#include "helper.h"
#include "xen.h"

#include <pthread.h>

struct xb_pump {
    struct xb_xen *xen;
    int pipe_fd;                         /* our end; the thread closes it */
    int leash_fd;                        /* readable: give up */
    struct xb_checkpoint_reader *reader; /* unpack this for libxl; NULL: take libxl's output */
    struct xb_checkpoint_writer *writer; /* and pack it into this; NULL: */
    int out_fd;                          /* pass it on to here; the thread closes it */
    uint32_t domid;                      /* the domain that is being suspended */
    uint64_t suspended_ns;               /* monotonic clock: when it was seen suspended; 0: never */
    uint64_t suspended_realtime_ns;
    struct xb_helper_told *told; /* NULL: the parent does not hear of it */
    uint64_t bytes;              /* taken from libxl */
    struct xb_err err;           /* valid after xb_pump_join */
    pthread_t thread;
};

/* Start the thread of a pump whose fields are filled; *libxl_fd gets libxl's end of the pipe. */
int xb_pump_start(struct xb_pump *pump, int *libxl_fd, struct xb_err *err);
/*
 * Wait for the thread, which ends when libxl's end of the pipe is closed, after an error, or when
 * leash_fd is readable. Fails with the thread's error.
 */
int xb_pump_join(struct xb_pump *pump, struct xb_err *err);

#endif
