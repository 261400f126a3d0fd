/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and figures of a row. */
#include "compare_out.h"

#include "base.h"
#include "report_words.h"

#include <math.h>
#include <stdio.h>

const char *xb_compared_word(const struct xb_compared *row)
{
    switch (row->verdict) {
    case XB_VERDICT_ALIKE:
        return "no difference";
    case XB_VERDICT_BETTER:
        return row->a->metric ? "better" : "faster";
    case XB_VERDICT_WORSE:
        return row->a->metric ? "worse" : "slower";
    case XB_VERDICT_TOO_FEW:
        return "too few";
    case XB_VERDICT_SPOILED:
        return "not judged";
    case XB_VERDICT_REFUSED:
        break;
    }
    return "not compared";
}

static int percent_digits(double percent)
{
    double size = fabs(percent);
    return size >= 100 ? 0 : size >= 1 ? 1 : 2;
}

void xb_say_change(const struct xb_group *group, bool ratio, double value, bool sign, char *out,
                   size_t bytes)
{
    int digits = ratio ? percent_digits(100 * value) : xb_report_digits(group->value.median);
    const char *unit = ratio ? "%" : xb_report_unit(group);
    value *= ratio ? 100 : 1;
    if (fabs(value) * pow(10, digits) < 0.5)
        value = 0; /* never "-0.00" */
    snprintf(out, bytes, sign ? "%+.*f%s%s" : "%.*f%s%s", digits, value, *unit ? " " : "", unit);
}

void xb_compared_change(const struct xb_compared *row, double change, char *out, size_t bytes)
{
    xb_say_change(row->a, row->ratio, change, true, out, bytes);
}

void xb_compared_size(const struct xb_compared *row, double size, char *out, size_t bytes)
{
    xb_say_change(row->a, row->ratio, size, false, out, bytes);
}

void xb_compared_p(double p, char *out, size_t bytes)
{
    if (p < 0.0001)
        snprintf(out, bytes, "< 0.0001");
    else
        snprintf(out, bytes, "%.*f", p < 0.0995 ? 4 : 2, p);
}
