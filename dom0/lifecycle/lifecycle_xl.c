/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same phases by xl: how long its command takes, as `time` would report, and how long it is
 * until the end that xenbench measures. Each guest has a helper process, so that xl works in
 * parallel if xenbench does.
 */
#include "base.h"
#include "domain_build.h"
#include "domain_state.h"
#include "files.h"
#include "helper.h"
#include "lifecycle_answer.h"
#include "lifecycle_i.h"
#include "xswait.h"
#include "xen_domains.h"

#include <inttypes.h>
#include <string.h>

struct step {
    struct xb_app *app;
    struct xb_guest_def def;
    uint32_t old_domid;
    uint64_t deadline_ns;
};

static int look_for_end(void *arg, struct xb_err *err XB_UNUSED)
{
    struct step *step = arg;
    return xb_domain_alive(step->app->xen, step->old_domid) ? XB_XS_SOON : 1;
}

static int look_for_next(void *arg, struct xb_err *err XB_UNUSED)
{
    struct step *step = arg;
    struct xb_domain domain;
    uint32_t domid = xb_guest_def_domid(step->app, &step->def);
    bool runs = domid && domid != step->old_domid &&
                xb_domain_look(step->app->xen, domid, &domain) == 0 && !domain.paused;
    return runs ? 1 : XB_XS_SOON;
}

/* Wait until the old domain ends or the new one runs; xenstore does not report that reliably. */
static int wait_for(struct step *step, xb_xs_look_fn *look, struct xb_err *err)
{
    static const char *const paths[] = {XB_XS_DOMAIN_GONE};
    int found = xb_xs_wait(paths, 1, step->deadline_ns, look, step, err);
    if (found == 0)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: xl did not finish it in time",
                       step->def.name);
    return found < 0 ? -1 : 0;
}

static int wait_for_answer(struct step *step, bool settle, uint64_t *answered_ns,
                           struct xb_err *err)
{
    struct xb_answer answer;
    const char *name = step->def.name;
    if (xb_answers_await(step->app, &name, 1, step->deadline_ns, settle, &answer, err) < 0)
        return -1;
    *answered_ns = answer.answered_ns;
    return 0;
}

/* Wait for the same end that xenbench's own phase has. */
static int wait_for_end(struct step *step, enum xb_phase phase, uint64_t *end_ns,
                        struct xb_err *err)
{
    switch (phase) {
    case XB_PHASE_SHUTDOWN:
        if (wait_for(step, look_for_end, err) < 0)
            return -1;
        *end_ns = xb_now_ns();
        return 0;
    case XB_PHASE_REBOOT:
        if (wait_for(step, look_for_next, err) < 0)
            return -1;
        return wait_for_answer(step, true, end_ns, err);
    case XB_PHASE_PAUSE:
    case XB_PHASE_CHECKPOINT:
        *end_ns = xb_now_ns();
        return 0;
    default:
        return wait_for_answer(step, phase == XB_PHASE_BOOT, end_ns, err);
    }
}

int xb_life_xl_step(struct xb_app *app, const char *name, const char *phase_name, const char *path,
                    uint64_t timeout_ns, json_t **answer, struct xb_err *err)
{
    char cfg[PATH_MAX];
    unsigned phases = 0;
    struct step step = {.app = app};
    if (!xb_xen_get(app, err) || xb_guest_def_load(app, name, &step.def, err) < 0 ||
        xb_phases_parse(phase_name, &phases, err) < 0 ||
        xb_path(cfg, sizeof(cfg), err, "%s/%s.cfg", step.def.dir, name) < 0)
        return -1;
    enum xb_phase phase = (enum xb_phase)__builtin_ctz(phases);
    const char *const commands[XB_PHASES][8] = {
        [XB_PHASE_BOOT] = {"create", "-q", cfg},
        [XB_PHASE_PAUSE] = {"pause", name},
        [XB_PHASE_UNPAUSE] = {"unpause", name},
        [XB_PHASE_REBOOT] = {"reboot", name},
        /* An empty ssh command makes xl run the receiver here, without network. */
        [XB_PHASE_MIGRATE] = {"migrate", "-s", "", name, "exec xl migrate-receive"},
        [XB_PHASE_CHECKPOINT] = {"save", name, path},
        [XB_PHASE_RESTORE] = {"restore", path},
        [XB_PHASE_SHUTDOWN] = {"shutdown", "-w", name},
    };
    step.old_domid = xb_guest_def_domid(app, &step.def);
    uint64_t begun_ns = xb_now_ns(), end_ns = 0;
    step.deadline_ns = begun_ns + timeout_ns;
    if (xb_run_xl(commands[phase], step.deadline_ns, err) < 0)
        return xb_fail_context(err, "guest %s", name);
    uint64_t command_ns = xb_now_ns() - begun_ns;
    if (wait_for_end(&step, phase, &end_ns, err) < 0)
        return -1;
    *answer = json_pack("{s:I, s:I}", "command_ns", (json_int_t)command_ns, "total_ns",
                        (json_int_t)(end_ns > begun_ns ? end_ns - begun_ns : 0));
    return 0;
}

static int take(struct xb_life_group *group, size_t i, enum xb_phase phase, bool measured,
                const struct xb_helper *helper, struct xb_err *err)
{
    json_int_t command_ns = 0, total_ns = 0;
    if (!helper->answer)
        return xb_fail(err, helper->err.class ? helper->err.class : XB_E_HOST, 0, "%s",
                       helper->err.msg);
    json_unpack(helper->answer, "{s:I, s:I}", "command_ns", &command_ns, "total_ns", &total_ns);
    if (!measured)
        return 0;
    struct xb_life_sample *sample =
        xb_life_add(group->life, xb_life_guest_no(group, i), group->repetition, phase, XB_BY_XL);
    sample->command_ns = (uint64_t)command_ns;
    sample->total_ns = (uint64_t)total_ns;
    return 0;
}

int xb_life_phase_xl(struct xb_life_group *group, enum xb_phase phase, bool measured,
                     struct xb_err *err)
{
    char timeout[24];
    xb_auto_free struct xb_helper *helpers = xb_helpers_new(group->count);
    snprintf(timeout, sizeof(timeout), "%" PRIu64, group->life->options->timeout_ns);
    for (size_t i = 0; i < group->count; i++) {
        const char *args[] = {"xl",           group->names[i], xb_phase_name(phase),
                              group->path[i], timeout,         NULL};
        xb_helper_start(group->life->app, &helpers[i], group->names[i], args, &helpers[i].err);
    }
    int status = xb_helpers_wait(helpers, group->count, 0, err);
    for (size_t i = 0; i < group->count; i++) {
        if (status == 0)
            status = take(group, i, phase, measured, &helpers[i], err);
        xb_helper_clear(&helpers[i]);
    }
    return status;
}
