/* SPDX-License-Identifier: GPL-3.0-or-later */
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
    double limit; /* a fraction: 0.03 is 3 % */
};

/* Read a condition; text must outlive gate. If it is not one, XB_E_INPUT shows how to write one. */
int xb_gate_read(struct xb_gate *gate, const char *text, struct xb_err *err);

/*
 * Refuse a condition that no row can meet: no figure has that name, the change is for the better,
 * or (once the comparison is judged) no row has a verdict.
 */
int xb_gate_check(const struct xb_gate *gate, const struct xb_comparison *c, bool judged,
                  struct xb_err *err);

/*
 * Is the row worse, significantly, and by more than the limit? A row whose change is not in percent
 * need only be worse.
 */
bool xb_gate_fails(const struct xb_gate *gate, const struct xb_compared *row);

#endif
