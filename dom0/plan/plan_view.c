/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_view.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

void xb_plan_view_clear(struct xb_plan_view *view)
{
    for (size_t i = 0; i < view->doubt_count; i++) {
        free(view->doubts[i].guest);
        free(view->doubts[i].message);
    }
    for (size_t i = 0; i < view->change_count; i++)
        free(view->changes[i]);
    free(view->doubts);
    for (size_t i = 0; i < view->step_count; i++)
        free(view->steps[i]);
    free(view->steps);
    free(view->changes);
    free(view->cells);
    free(view->shards);
    free(view->shard_of);
    xb_host_facts_clear(&view->facts);
    xb_experiment_free(view->exp);
}

struct teller {
    struct xb_plan_view *view;
    uint32_t case_no;
};

static int keep_doubt(void *arg, const char *guest, enum xb_warning warning, const char *message,
                      XB_UNUSED struct xb_err *err)
{
    struct teller *teller = arg;
    struct xb_plan_view *view = teller->view;
    *xb_append(&view->doubts, &view->doubt_count) =
        (struct xb_plan_doubt){.case_no = teller->case_no,
                               .guest = guest ? xb_strdup(guest) : NULL,
                               .warning = warning,
                               .message = xb_strdup(message)};
    return 0;
}

static void refuse(struct xb_plan_view *view, struct xb_err *why)
{
    xb_exp_locate(view->exp, why);
    snprintf(view->refusal, sizeof(view->refusal), "%s", why->msg);
}

static int tell_case(struct xb_plan_view *view, uint32_t case_no, struct xb_err *err)
{
    const struct xb_exp_case *c = &view->exp->cases[case_no];
    struct teller teller = {view, case_no};
    xb_auto_wanted struct xb_doubt_wanted wanted = {.count = 0};
    struct xb_err why = {0};
    if (xb_doubts_wanted(view->exp, case_no, &view->facts, &wanted, err) < 0)
        return -1;
    struct xb_doubt_case plain = {view->exp, case_no, &c->dom0, c->guests};
    struct xb_doubt_case over = {view->exp, case_no, &wanted.dom0, wanted.guests};
    if (xb_doubts_possible(&plain, &view->facts, &why) < 0 && !view->refusal[0])
        refuse(view, &why);
    if (view->refusal[0])
        return 0;
    return xb_doubts_tell(&over, &view->facts, keep_doubt, &teller, err);
}

uint32_t xb_plan_builds(const struct xb_experiment *exp, uint32_t before, uint32_t after)
{
    uint32_t builds = 0;
    for (size_t g = 0; g < exp->guest_count; g++)
        builds += xb_exp_build_differs(exp, before, after, g);
    return builds;
}

int xb_plan_view_make(struct xb_plan_view *view, struct xb_err *err)
{
    struct xb_err why = {0};
    xb_plan_cells(view->exp, view->seed, &view->cells, &view->cell_count);
    for (size_t i = 1; i < view->cell_count; i++)
        view->builds +=
            xb_plan_builds(view->exp, view->cells[i - 1].case_no, view->cells[i].case_no);
    if (view->has_host &&
        xb_exp_resolve_cpus(view->exp, view->facts.pcpus, view->facts.cpus, &why) < 0)
        refuse(view, &why);
    for (uint32_t c = 0; view->has_host && !view->refusal[0] && c < view->exp->case_count; c++)
        if (tell_case(view, c, err) < 0)
            return -1;
    xb_plan_changes(view);
    return 0;
}
