/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run's doubts about its own host and guests.
 */
#ifndef XB_DOUBTS_RUN_H
#define XB_DOUBTS_RUN_H

#include "err.h"

struct xb_run;

/* Refuse what the host cannot do, before anything is touched. */
int xb_doubts_refuse(struct xb_run *run, struct xb_err *err);
/* With the guests running: write the doubts about each case to the store, and once to stderr. */
int xb_doubts_write(struct xb_run *run, struct xb_err *err);

#endif
