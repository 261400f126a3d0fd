/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_gate.h"

#include "base.h"
#include "report_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ANY "worse" /* every figure, in its own direction */
#define BLANK " \t"

static int no_condition(const char *text, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0,
                   "--fail-if '%s': write the name of a metric or time, > or <, and a change in "
                   "percent: 'time > 3%%', 'fps < -3%%'; 'worse > 3%%' is for every figure",
                   text);
}

/* "3%", "-2.5 %". */
static bool read_percent(const char *text, double *out)
{
    char *end;
    double percent = strtod(text, &end);
    if (end == text || !isfinite(percent))
        return false;
    end += strspn(end, BLANK);
    if (*end != '%' || end[1 + strspn(end + 1, BLANK)] != '\0')
        return false;
    *out = percent / 100;
    return true;
}

int xb_gate_read(struct xb_gate *gate, const char *text, struct xb_err *err)
{
    const char *from = text + strspn(text, BLANK);
    const char *above = strrchr(from, '>'), *sign = above ? above : strrchr(from, '<');
    *gate = (struct xb_gate){.text = text, .above = above != NULL};
    if (!sign || !read_percent(sign + 1, &gate->limit))
        return no_condition(text, err);
    size_t length = (size_t)(sign - from);
    while (length > 0 && strchr(BLANK, from[length - 1]))
        length--;
    if (length == 0 || length >= sizeof(gate->name))
        return no_condition(text, err);
    memcpy(gate->name, from, length);
    if (gate->above ? gate->limit < 0 : gate->limit > 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--fail-if '%s': write a limit of 0 %% or more after > ('time > 3%%'), and "
                       "of 0 %% or less after < ('fps < -3%%')",
                       text);
    if (strcmp(gate->name, ANY) == 0 && !gate->above)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--fail-if '%s': for every figure, in its own direction, write 'worse > "
                       "3%%'",
                       text);
    return 0;
}

static bool is_any(const struct xb_gate *gate)
{
    return strcmp(gate->name, ANY) == 0;
}

static bool is_about(const struct xb_gate *gate, const struct xb_compared *row)
{
    return is_any(gate) || strcmp(gate->name, xb_report_metric(row->a)) == 0;
}

static bool has_verdict(const struct xb_compared *row)
{
    return row->verdict <= XB_VERDICT_WORSE;
}

bool xb_gate_fails(const struct xb_gate *gate, const struct xb_compared *row)
{
    if (!is_about(gate, row) || row->verdict != XB_VERDICT_WORSE)
        return false;
    if (!row->ratio) /* no limit in percent can excuse it */
        return true;
    if (is_any(gate))
        return fabs(row->change) > gate->limit;
    return gate->above ? row->change > gate->limit : row->change < gate->limit;
}

static int fail_name(const struct xb_gate *gate, const struct xb_comparison *c, struct xb_err *err)
{
    char names[256] = "";
    for (size_t i = 0; i < c->row_count; i++) {
        const char *name = xb_report_metric(c->rows[i].a);
        bool again = false;
        for (size_t before = 0; before < i; before++)
            again = again || strcmp(xb_report_metric(c->rows[before].a), name) == 0;
        size_t used = strlen(names);
        if (!again)
            snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", name);
    }
    return xb_fail(err, XB_E_INPUT, 0, "--fail-if '%s': no figure is called %s; there are: %s",
                   gate->text, gate->name, names);
}

static int fail_direction(const struct xb_gate *gate, const struct xb_compared *row,
                          struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0,
                   "--fail-if '%s' would fail on a change for the better, because for %s %s is "
                   "better: write '%s %c %s%g%%'",
                   gate->text, xb_report_metric(row->a), xb_report_better(row->a), gate->name,
                   gate->above ? '<' : '>', gate->above ? "-" : "", 100 * fabs(gate->limit));
}

/* The first reason why there is no verdict. */
static int fail_unjudged(const struct xb_gate *gate, const struct xb_comparison *c,
                         struct xb_err *err)
{
    const char *why = "there is no verdict";
    for (size_t i = c->row_count; i-- > 0;)
        if (is_about(gate, &c->rows[i]) && c->rows[i].why)
            why = c->rows[i].why;
    return xb_fail(err, XB_E_INPUT, 0, "--fail-if '%s' cannot be judged: %s", gate->text, why);
}

int xb_gate_check(const struct xb_gate *gate, const struct xb_comparison *c, bool judged,
                  struct xb_err *err)
{
    size_t about = 0, verdicts = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        const struct xb_compared *row = &c->rows[i];
        if (!is_about(gate, row))
            continue;
        if (!is_any(gate) && gate->above == xb_report_more_is_better(row->a))
            return fail_direction(gate, row, err);
        about++;
        verdicts += has_verdict(row);
    }
    if (about == 0)
        return fail_name(gate, c, err);
    return judged && verdicts == 0 ? fail_unjudged(gate, c, err) : 0;
}
