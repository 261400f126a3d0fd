/* The workloads of an experiment, for its plan. */
#include "base.h"
#include "plan_view.h"

#include <errno.h>
#include <string.h>

/* A command as it was written, its first line: what the shell is given, or its words. To free. */
static char *show_command(const struct xb_texts *command)
{
    bool line = command->count == 3 && strcmp(command->v[0], "/bin/sh") == 0 &&
                strcmp(command->v[1], "-c") == 0;
    size_t bytes = sizeof(" ..."), used = 0;
    for (size_t i = 0; i < command->count; i++)
        bytes += strlen(command->v[i]) + 1;
    char *out = calloc(1, bytes);
    for (size_t i = line ? 2 : 0; out && i < command->count; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", used ? " " : "", command->v[i]);
    char *newline = out ? strchr(out, '\n') : NULL;
    if (newline)
        strcpy(newline, newline[1] ? " ..." : "");
    return out;
}

static int add_step(struct xb_plan_view *view, const char *workload, const char *when,
                    const struct xb_texts *command, struct xb_err *err)
{
    if (command->count == 0)
        return 0;
    char **grown = reallocarray(view->steps, view->step_count + 1, sizeof(*grown));
    if (!grown)
        return xb_fail(err, XB_E_HOST, ENOMEM, "a plan");
    view->steps = grown;
    xb_auto_free char *shown = show_command(command);
    if (!shown || asprintf(&grown[view->step_count], "%s, %s: %s", workload, when, shown) < 0)
        return xb_fail(err, XB_E_HOST, ENOMEM, "a plan");
    view->step_count++;
    return 0;
}

static int look_at(struct xb_plan_view *view, struct xb_exp_workload *w,
                   const struct xb_workload *workload, struct xb_err *err)
{
    w->bare = !w->own && workload->packages.count == 0 && workload->file_count == 0;
    return add_step(view, w->name, "`prepare`, once", &workload->prepare, err) < 0
               ? -1
               : add_step(view, w->name, "`each`, before every repetition", &workload->each, err);
}

int xb_plan_workloads(struct xb_plan_view *view, struct xb_app *app, struct xb_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < view->exp->workload_count; i++) {
        struct xb_exp_workload *w = &view->exp->workloads[i];
        struct xb_workload *found = NULL;
        if (!w->own && xb_workload_find(app, w->name, &found, err) < 0)
            return xb_fail_context(err, "%s:%u", view->exp->path, w->line);
        rc = look_at(view, w, w->own ? w->own : found, err);
        xb_workload_free(found);
    }
    return rc;
}
