/*
 * Conditions on which a comparison fails: "time > 3%", "fps < -3%", "worse > 3%".
 */
#ifndef XB_COMPARE_GATE_H
#define XB_COMPARE_GATE_H

#include "compare_model.h"

#define XB_GATE_NAME_BYTES 128

struct xb_gate {
    const char *text; /* as the user wrote it */
    char name[XB_GATE_NAME_BYTES];
    bool above;   /* true: >, false: < */
    double limit; /* a part: 0.03 is 3 % */
};

/* Read a condition; XB_E_INPUT with the grammar where it is none. */
int xb_gate_read(struct xb_gate *gate, const char *text, struct xb_err *err);

/*
 * Refuse a condition that no row can meet: a name that no figure has, a change for the better, or
 * nothing but rows without a verdict. judged is false: the comparison has no verdicts yet.
 */
int xb_gate_check(const struct xb_gate *gate, const struct xb_comparison *c, bool judged,
                  struct xb_err *err);

/* Is the row worse, significantly, and by more than the limit? */
bool xb_gate_fails(const struct xb_gate *gate, const struct xb_compared *row);

#endif
