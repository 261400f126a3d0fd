/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making, showing and carrying out the plan.
 */
#include "prepare.h"

#include "base.h"
#include "files.h"
#include "xen.h"

#include <string.h>

struct xb_step *xb_prepare_step(struct xb_prepare *prepare, enum xb_step_state state,
                                const char *what, xb_step_fn *apply)
{
    /* The options bound the number of steps; the last slot takes any excess. */
    size_t at = prepare->count < XB_STEPS_MAX ? prepare->count++ : XB_STEPS_MAX - 1;
    struct xb_step *step = &prepare->steps[at];
    *step = (struct xb_step){.state = state, .apply = apply};
    snprintf(step->what, sizeof(step->what), "%s", what);
    return step;
}

static int check_refusals(const struct xb_prepare *prepare, struct xb_err *err)
{
    for (size_t i = 0; i < prepare->count; i++)
        if (prepare->steps[i].state == XB_STEP_REFUSED)
            return xb_fail(err, XB_E_INPUT, 0, "%s: %s; so nothing is done", prepare->steps[i].what,
                           prepare->steps[i].will);
    return 0;
}

int xb_prepare_plan(struct xb_prepare *prepare, struct xb_err *err)
{
    if (!prepare->spec.root[0])
        prepare->xen = xb_xen_get(prepare->app, NULL);
    if (xb_prepare_record_load(prepare, err) < 0 || xb_prepare_modules(prepare, err) < 0 ||
        xb_prepare_services(prepare, err) < 0 || xb_prepare_xl_conf(prepare, err) < 0 ||
        xb_prepare_grub(prepare, err) < 0 || xb_prepare_dom0(prepare, err) < 0 ||
        xb_prepare_lvm(prepare, err) < 0)
        return -1;
    return check_refusals(prepare, err);
}

void xb_prepare_print(const struct xb_prepare *prepare)
{
    static const char *const words[] = {"ok", "to do", "cannot", "REFUSED"};
    for (size_t i = 0; i < prepare->count; i++) {
        const struct xb_step *step = &prepare->steps[i];
        printf("%-8s %-20s %s\n", words[step->state], step->what, step->is);
        if (step->state != XB_STEP_DONE)
            printf("%-8s %-20s -> %s\n", "", "", step->will);
    }
    fflush(stdout); /* show the plan before any error */
}

size_t xb_prepare_left(const struct xb_prepare *prepare)
{
    size_t left = 0;
    for (size_t i = 0; i < prepare->count; i++)
        left += prepare->steps[i].state == XB_STEP_TODO;
    return left;
}

/* Is a change undone by what undoes `done`? The menu of GRUB is built once for all calls. */
static bool is_undone(const json_t *change, const json_t *done)
{
    const json_t *a = json_object_get(change, "kind"), *b = json_object_get(done, "kind");
    return change == done || (json_equal(a, b) && json_is_string(a) &&
                              strcmp(json_string_value(a), XB_PREPARE_GRUB) == 0);
}

/* Remove a change from the record, because it is undone or no longer ours. */
static int forget(struct xb_prepare *prepare, const json_t *done, struct xb_err *err)
{
    json_t *changes = json_object_get(prepare->record, "changes");
    xb_auto_json json_t *held = json_incref((json_t *)done);
    for (size_t i = 0; i < json_array_size(changes); i++)
        if (is_undone(json_array_get(changes, i), held))
            json_array_remove(changes, i--);
    return xb_prepare_record_save(prepare, err);
}

/* A step that could not be undone: say so, and go on with the others. */
static void leave(const struct xb_step *step, struct xb_err *why, struct xb_err *first)
{
    printf("left     %-20s %s\n", step->what, why->msg);
    fflush(stdout);
    xb_fail_context(why, "%s is left, and stays recorded", step->what);
    xb_fail_also(first, why);
}

int xb_prepare_apply(struct xb_prepare *prepare, struct xb_err *err)
{
    struct xb_err stays = {0};
    size_t done = 0, left = xb_prepare_left(prepare);
    for (size_t i = 0; i < prepare->count; i++) {
        const struct xb_step *step = &prepare->steps[i];
        bool todo = step->state == XB_STEP_TODO;
        struct xb_err why = {0};
        if (todo && step->apply(prepare, step, &why) < 0) {
            if (step->may_stay) {
                leave(step, &why, &stays);
                continue;
            }
            *err = why;
            return xb_fail_context(err,
                                   "step `%s` failed after %zu of %zu were done (above); fix "
                                   "the cause and call again, or `xenbench host undo`",
                                   step->what, done, left);
        }
        if (step->change && !step->keep && forget(prepare, step->change, err) < 0)
            return -1;
        if (!todo)
            continue;
        printf("done     %-20s %s\n", step->what, step->will);
        fflush(stdout);
        done++;
    }
    if (stays.class)
        *err = stays;
    return stays.class ? -1 : 0;
}

void xb_prepare_free(struct xb_prepare *prepare)
{
    for (size_t i = 0; i < prepare->count; i++)
        free(prepare->steps[i].text);
    json_decref(prepare->record);
}
