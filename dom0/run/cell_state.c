/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell_state.h"

#include "fault.h"

static const char *const reasons[XB_CELL_OUTCOMES] = {
    [XB_CELL_REPEAT_HOOK] = "a hook failed",
    [XB_CELL_REPEAT_LOST] = "a guest was lost",
    [XB_CELL_REPEAT_RELEASE] = "release error",
    [XB_CELL_REPEAT_LOAD] = "background load does not run",
};

/* The points at which a test can inject a fault. */
static const char *const reached[XB_CELL_CLOSED + 1] = {
    [XB_CELL_SET_UP] = "cell-set-up",     [XB_CELL_ARMED] = "cell-armed",
    [XB_CELL_LOADED] = "cell-loaded",     [XB_CELL_RUNNING] = "cell-running",
    [XB_CELL_ALL_IN] = "cell-all-in",     [XB_CELL_SHUT] = "cell-shut",
    [XB_CELL_MEASURED] = "cell-measured", [XB_CELL_PUT_BACK] = "cell-put-back",
    [XB_CELL_CLOSED] = "cell-closed",
};

const char *xb_cell_outcome_why(enum xb_cell_outcome outcome)
{
    return reasons[outcome];
}

enum xb_cell_outcome xb_cell_outcome_of(enum xb_cell_outcome a, enum xb_cell_outcome b)
{
    return a > b ? a : b;
}

bool xb_cell_owes_after(enum xb_cell_state state)
{
    return state >= XB_CELL_SET_UP && state < XB_CELL_PUT_BACK;
}

int xb_cell_advance(struct xb_cell *cell, enum xb_cell_state *state,
                    const enum xb_cell_outcome *outcome, const xb_cell_step steps[XB_CELL_CLOSED],
                    struct xb_err *err)
{
    while (*state < XB_CELL_CLOSED) {
        enum xb_cell_state from = *state;
        if (*outcome == XB_CELL_REPEAT_LOAD && from < XB_CELL_RUNNING)
            return 0;
        if (steps[from](cell, err) < 0)
            return -1;
        if (*state == from)
            *state = (enum xb_cell_state)(from + 1);
        xb_fault(reached[*state]);
    }
    return 0;
}
