/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_formats.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>

const char *xb_report_number(double value, char out[XB_NUMBER_BYTES])
{
    out[0] = '\0';
    if (!isfinite(value))
        return out;
    /* Any decimal of 15 digits survives a double, and no double needs more than 17. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, XB_NUMBER_BYTES, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

char *xb_report_series(const struct xb_model *m, size_t case_no, size_t guest)
{
    return xb_asprintf("%s, %s", m->cases[case_no].name, m->guests[guest].name);
}
