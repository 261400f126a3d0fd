/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings that will be in force in a case, as far as the host's facts show them. */
#include "alloc.h"
#include "base.h"
#include "doubts.h"

void xb_doubt_wanted_free(struct xb_doubt_wanted *wanted)
{
    for (size_t g = 0; g < wanted->count; g++)
        xb_allocation_free(&wanted->guests[g]);
    xb_allocation_free(&wanted->dom0);
    free(wanted->guests);
    *wanted = (struct xb_doubt_wanted){.dom0 = XB_ALLOCATION_KEEP};
}

int xb_doubts_wanted(const struct xb_experiment *exp, uint32_t case_no,
                     const struct xb_host_facts *host, struct xb_doubt_wanted *out,
                     struct xb_err *err)
{
    const struct xb_exp_case *c = &exp->cases[case_no];
    static const struct xb_allocation nothing = {.weight = -1, .cap = -1};
    *out = (struct xb_doubt_wanted){.dom0 = XB_ALLOCATION_KEEP};
    out->guests = xb_calloc(exp->guest_count + 1, sizeof(*out->guests));
    for (; out->count < exp->guest_count; out->count++) {
        const struct xb_host_guest *found = xb_host_present(host, exp->guests[out->count].name);
        out->guests[out->count] = XB_ALLOCATION_KEEP;
        if (xb_exp_wanted(c, host->pools, host->pool_count, found ? &found->now : &nothing,
                          &c->guests[out->count], &out->guests[out->count], err) < 0)
            return -1;
    }
    return xb_exp_wanted(c, host->pools, host->pool_count, &host->dom0, &c->dom0, &out->dom0, err);
}
