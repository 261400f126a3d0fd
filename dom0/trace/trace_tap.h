/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Xen's trace buffers: one ring per CPU, written by Xen and read here.
 */
#ifndef XB_TRACE_TAP_H
#define XB_TRACE_TAP_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_tap;

/*
 * Switch runstate tracing on and drop old records. pages is each CPU's buffer size, if this boot of
 * Xen has made no buffers yet.
 */
int xb_tap_open(struct xb_tap **out, uint32_t pages, struct xb_err *err);
/* Switch tracing off and release. tap may be NULL. */
void xb_tap_close(struct xb_tap *tap);
/* Make Xen write no more records. */
int xb_tap_disable(struct xb_tap *tap, struct xb_err *err);

/* Readable once a buffer is half full; then call xb_tap_heard. */
int xb_tap_fd(struct xb_tap *tap);
int xb_tap_heard(struct xb_tap *tap, struct xb_err *err);

/*
 * Append the buffers' records to the file fd at offset *size, which grows, up to max. Returns 0, 1
 * if there was no room for all, or -1.
 */
int xb_tap_drain(struct xb_tap *tap, int fd, uint64_t *size, uint64_t max, struct xb_err *err);

/* Switch Xen's tracing off, whoever switched it on. */
int xb_tap_off(struct xb_err *err);

#endif
