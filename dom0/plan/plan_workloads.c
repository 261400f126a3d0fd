/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workloads of an experiment, for its plan. */
#include "alloc.h"
#include "base.h"
#include "plan_view.h"

#include <string.h>

static void add_step(struct xb_plan_view *view, const char *workload, const char *when,
                     const struct xb_texts *command)
{
    if (command->count == 0)
        return;
    xb_auto_free char *shown = xb_exp_show_command(command);
    *xb_append(&view->steps, &view->step_count) = xb_asprintf("%s, %s: %s", workload, when, shown);
}

static void look_at(struct xb_plan_view *view, struct xb_exp_workload *w,
                    const struct xb_workload *workload)
{
    w->bare = !w->own && workload->packages.count == 0 && workload->file_count == 0;
    add_step(view, w->name, "`prepare`, once", &workload->prepare);
    add_step(view, w->name, "`each`, before every repetition", &workload->each);
}

int xb_plan_workloads(struct xb_plan_view *view, struct xb_app *app, struct xb_err *err)
{
    for (size_t i = 0; i < view->exp->workload_count; i++) {
        struct xb_exp_workload *w = &view->exp->workloads[i];
        struct xb_workload *found = NULL;
        if (!w->own && xb_workload_find(app, w->name, &found, err) < 0)
            return xb_fail_context(err, "%s:%u", view->exp->path, w->line);
        look_at(view, w, w->own ? w->own : found);
        xb_workload_free(found);
    }
    return 0;
}
