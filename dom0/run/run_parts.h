/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each guest does in each case, as the store keeps it.
 */
#ifndef XB_RUN_PARTS_H
#define XB_RUN_PARTS_H

#include "run_state.h"

/* A list by case and guest, to free. */
struct xb_part *xb_run_parts(const struct xb_run *run);
/*
 * The figure of the whole run: the one that all measured guests have in common, else the time,
 * which every guest has.
 */
struct xb_part xb_run_common_part(const struct xb_run *run, const struct xb_part *parts);
/* The names of all workloads, as far as they fit. */
void xb_run_name_workloads(const struct xb_run *run, char *out, size_t bytes);

#endif
