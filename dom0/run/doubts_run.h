/*
 * The doubts of a run, about its own host and guests.
 */
#ifndef XB_DOUBTS_RUN_H
#define XB_DOUBTS_RUN_H

#include "err.h"

struct xb_run;

/* Refuse what the host cannot give, before anything is touched. */
int xb_doubts_refuse(struct xb_run *run, struct xb_err *err);
/* The guests are there: the doubts about each case into the store, and onto stderr once. */
int xb_doubts_write(struct xb_run *run, struct xb_err *err);

#endif
