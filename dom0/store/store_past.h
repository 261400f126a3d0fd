/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long cells took in earlier runs. The store is only read, whatever its version; if it cannot
 * be read, all times are unknown.
 */
#ifndef XB_STORE_PAST_H
#define XB_STORE_PAST_H

#include "app.h"

#include <stdint.h>

struct xb_past;

/* path NULL: the host's store. NULL where there is none. */
struct xb_past *xb_past_open(const struct xb_app *app, const char *path);
void xb_past_close(struct xb_past *past); /* NULL is allowed */

/* The mean time of a cell, 0 where not known: of this case of experiments with this name ... */
uint64_t xb_past_case_ns(const struct xb_past *past, const char *experiment, const char *case_name);
/* ... and of any case in which a guest was measured with this workload. */
uint64_t xb_past_workload_ns(const struct xb_past *past, const char *workload);

#endif
