/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workloads of an experiment, for its plan. */
#include "alloc.h"
#include "base.h"
#include "plan_view.h"

#include <string.h>

/* The first line of a command: its script for the shell, or its words. To free. */
static char *show_command(const struct xb_texts *command)
{
    bool line = command->count == 3 && strcmp(command->v[0], "/bin/sh") == 0 &&
                strcmp(command->v[1], "-c") == 0;
    size_t bytes = sizeof(" ..."), used = 0;
    for (size_t i = 0; i < command->count; i++)
        bytes += strlen(command->v[i]) + 1;
    char *out = xb_calloc(1, bytes);
    for (size_t i = line ? 2 : 0; i < command->count; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", used ? " " : "", command->v[i]);
    char *newline = strchr(out, '\n');
    if (newline)
        strcpy(newline, newline[1] ? " ..." : "");
    return out;
}

static void add_step(struct xb_plan_view *view, const char *workload, const char *when,
                     const struct xb_texts *command)
{
    if (command->count == 0)
        return;
    xb_auto_free char *shown = show_command(command);
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
