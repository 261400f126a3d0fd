/*
 * Xen's trace buffers themselves: one ring per CPU, written by Xen, read here.
 */
#ifndef XB_TRACE_TAP_H
#define XB_TRACE_TAP_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_tap;

/*
 * Switch tracing of runstate changes on and drop what the buffers held. pages: of each CPU's
 * buffer, where this boot of Xen has not made them yet.
 */
int xb_tap_open(struct xb_tap **out, uint32_t pages, struct xb_err *err);
/* Switch tracing off and let go. NULL is allowed. */
void xb_tap_close(struct xb_tap *tap);
/* Xen writes no more records. */
int xb_tap_disable(struct xb_tap *tap, struct xb_err *err);

/* Readable when a buffer has become half full; then xb_tap_heard. */
int xb_tap_fd(struct xb_tap *tap);
int xb_tap_heard(struct xb_tap *tap, struct xb_err *err);

/*
 * Append what the buffers hold to the file fd, at *size, which grows; never beyond max. 0; 1
 * where there was no room for all, and then part of it is missing; -1.
 */
int xb_tap_drain(struct xb_tap *tap, int fd, uint64_t *size, uint64_t max, struct xb_err *err);

/* Switch Xen's tracing off, whoever switched it on. */
int xb_tap_off(struct xb_err *err);

#endif
