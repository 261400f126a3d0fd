/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Solo baselines: each guest alone, under the settings of each case. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"

#include <string.h>

static int copy_settings(struct xb_experiment *exp, uint32_t from_no, struct xb_exp_case *to,
                         struct xb_err *err)
{
    const struct xb_exp_case *from = &exp->cases[from_no];
    if (xb_settings_over(xb_domain_settings, &to->dom0, &from->dom0, err) < 0)
        return -1;
    for (size_t g = 0; g < exp->guest_count; g++) {
        if (xb_settings_over(xb_domain_settings, &to->guests[g], &from->guests[g], err) < 0)
            return -1;
        to->parts[g] = from->parts[g];
        to->parts[g].solo_case = XB_EXP_NO_CASE;
    }
    memcpy(to->pools, from->pools, sizeof(to->pools));
    to->pool_count = from->pool_count;
    to->host = from->host;
    to->dom0_lines = from->dom0_lines;
    to->line = from->line;
    return 0;
}

static bool same(json_t *a, json_t *b)
{
    bool equal = json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return equal;
}

/* Would guest g, alone, run under the same settings of its own and of the host in both cases? */
static bool runs_alike(size_t g, const struct xb_exp_case *c, const struct xb_exp_case *d)
{
    const struct xb_exp_part *p = &c->parts[g], *q = &d->parts[g];
    return p->workload == q->workload && !xb_exp_build_key(&p->build, &q->build) &&
           same(xb_allocation_to_json(&c->guests[g]), xb_allocation_to_json(&d->guests[g])) &&
           same(xb_allocation_to_json(&c->dom0), xb_allocation_to_json(&d->dom0)) &&
           same(xb_exp_pools_to_json(c), xb_exp_pools_to_json(d)) &&
           same(xb_exp_host_to_json(&c->host), xb_exp_host_to_json(&d->host));
}

static size_t busy_in(const struct xb_experiment *exp, const struct xb_exp_case *c)
{
    size_t busy = 0;
    for (size_t g = 0; g < exp->guest_count; g++)
        busy += c->parts[g].role != XB_ROLE_IDLE;
    return busy;
}

static bool measures(const struct xb_experiment *exp, uint32_t case_no, size_t g)
{
    return exp->cases[case_no].parts[g].role == XB_ROLE_MEASURED;
}

/* An existing case in which g runs alone under case_no's settings; XB_EXP_NO_CASE: none. */
static uint32_t find_alone(const struct xb_experiment *exp, uint32_t case_no, size_t g)
{
    for (uint32_t c = 0; c < exp->case_count; c++)
        if (measures(exp, c, g) && busy_in(exp, &exp->cases[c]) == 1 &&
            runs_alike(g, &exp->cases[c], &exp->cases[case_no]))
            return c;
    return XB_EXP_NO_CASE;
}

static int add_solo(struct xb_experiment *exp, uint32_t case_no, size_t g, uint32_t *out,
                    struct xb_err *err)
{
    if (exp->case_count == XB_EXP_CASES_MAX)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: with the solo baselines there are more than "
                       "%d cases",
                       exp->path, exp->cases[case_no].line, XB_EXP_CASES_MAX);
    struct xb_exp_case *solo = xb_exp_add_case(exp);
    if (!solo || copy_settings(exp, case_no, solo, err) < 0)
        return -1;
    for (size_t o = 0; o < exp->guest_count; o++)
        if (o != g)
            solo->parts[o].role = XB_ROLE_IDLE;
    solo->solo_of = case_no;
    *out = (uint32_t)(exp->case_count - 1);
    solo->name = xb_asprintf("%s alone: %s", exp->guests[g].name, exp->cases[case_no].name);
    return 0;
}

int xb_exp_add_solos(struct xb_experiment *exp, struct xb_err *err)
{
    uint32_t asked = (uint32_t)exp->case_count;
    for (uint32_t c = 0; c < asked; c++) {
        for (size_t g = 0; g < exp->guest_count; g++) {
            if (!measures(exp, c, g))
                continue;
            uint32_t alone = find_alone(exp, c, g);
            if (alone == XB_EXP_NO_CASE && add_solo(exp, c, g, &alone, err) < 0)
                return -1;
            if (alone != c)
                exp->cases[c].parts[g].solo_case = alone;
        }
    }
    return 0;
}
