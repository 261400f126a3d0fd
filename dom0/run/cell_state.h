/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far a cell has come, and its outcome.
 */
#ifndef XB_CELL_STATE_H
#define XB_CELL_STATE_H

#include "err.h"

#include <stdbool.h>

struct xb_cell;

/*
 * In this order. A cell that fails or is interrupted is backed out from the state it has reached.
 */
enum xb_cell_state {
    XB_CELL_PLANNED = 0,
    XB_CELL_SET_UP,   /* guests and settings are the case's; `before` and `each` are due */
    XB_CELL_ARMED,    /* each busy guest has its job */
    XB_CELL_LOADED,   /* background load runs */
    XB_CELL_RUNNING,  /* measured jobs are released */
    XB_CELL_ALL_IN,   /* each measured guest has its result, or is lost */
    XB_CELL_SHUT,     /* the window's end has been read; background load is ended next */
    XB_CELL_MEASURED, /* the store has every outcome; the guests still hold the jobs */
    XB_CELL_PUT_BACK, /* the jobs are out of the guests; `after` has been run */
    XB_CELL_CLOSED,   /* the store has the cell's end: done, or discarded */
};

/* If several apply, the greatest is reported. */
enum xb_cell_outcome {
    XB_CELL_STANDS = 0,
    XB_CELL_REPEAT_HOOK,
    XB_CELL_REPEAT_LOST,
    XB_CELL_REPEAT_RELEASE,
    XB_CELL_REPEAT_LOAD, /* known before the release: nothing was measured */
    XB_CELL_OUTCOMES,
};

/* Why a cell is discarded, for the store and the user. NULL: it is not. */
const char *xb_cell_outcome_why(enum xb_cell_outcome outcome);
/* The outcome of a cell to which both apply. */
enum xb_cell_outcome xb_cell_outcome_of(enum xb_cell_outcome a, enum xb_cell_outcome b);

/* Can the hook `before` have begun, while `after` has not? */
bool xb_cell_owes_after(enum xb_cell_state state);

/* Takes a cell from one state to the next. */
typedef int (*xb_cell_step)(struct xb_cell *cell, struct xb_err *err);

/*
 * Take a cell from *state to CLOSED by steps[*state]; a step may itself set a later state. Returns
 * 0 before the release if *outcome says that background load is missing, -1 if the step of *state
 * failed.
 */
int xb_cell_advance(struct xb_cell *cell, enum xb_cell_state *state,
                    const enum xb_cell_outcome *outcome, const xb_cell_step steps[XB_CELL_CLOSED],
                    struct xb_err *err);

#endif
