/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The phases as xenbench performs them.
 */
#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "domain_state.h"
#include "lifecycle_answer.h"
#include "lifecycle_i.h"

#include <string.h>

static struct xb_life_sample *add(const struct xb_life_group *group, size_t i, enum xb_phase phase)
{
    return xb_life_add(group->life, xb_life_guest_no(group, i), group->repetition, phase,
                       XB_BY_XENBENCH);
}

static uint64_t since(uint64_t later_ns, uint64_t earlier_ns)
{
    return later_ns > earlier_ns ? later_ns - earlier_ns : 0;
}

static int await(const struct xb_life_group *group, bool settle, struct xb_answer *answers,
                 struct xb_err *err)
{
    return xb_answers_await(group->life->app, group->names, group->count,
                            xb_now_ns() + group->life->options->timeout_ns, settle, answers, err);
}

static int boot(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                struct xb_err *err)
{
    xb_auto_free struct xb_guest_started *started = xb_calloc(group->count, sizeof(*started));
    uint64_t begun_ns = xb_now_ns();
    if (xb_guest_start_all(group->life->app, group->names, group->count, 0, started, err) < 0 ||
        await(group, true, answers, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        struct xb_life_sample *sample = add(group, i, XB_PHASE_BOOT);
        sample->total_ns = since(answers[i].answered_ns, begun_ns);
        xb_life_part(sample, "toolstack", since(started[i].created_ns, begun_ns), false);
        xb_answer_parts(sample, &answers[i], started[i].created_ns);
    }
    return 0;
}

static int shut_down(struct xb_life_group *group, bool measured,
                     struct xb_answer *answers XB_UNUSED, struct xb_err *err)
{
    xb_auto_free struct xb_guest_stopped *stopped = xb_calloc(group->count, sizeof(*stopped));
    uint64_t begun_ns = xb_now_ns();
    if (xb_guest_stop_timed(group->life->app, group->names, group->count,
                            group->life->options->timeout_ns, stopped, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        struct xb_life_sample *sample = add(group, i, XB_PHASE_SHUTDOWN);
        sample->total_ns = since(stopped[i].gone_ns, begun_ns);
        xb_life_part(sample, "guest", since(stopped[i].down_ns, begun_ns), false);
        xb_life_part(sample, "toolstack", since(stopped[i].gone_ns, stopped[i].down_ns), false);
    }
    return 0;
}

static int reboot(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                  struct xb_err *err)
{
    xb_auto_free struct xb_reboot_result *results = xb_calloc(group->count, sizeof(*results));
    uint64_t begun_ns = xb_now_ns();
    if (xb_guest_reboot_all(group->life->app, group->names, group->count,
                            group->life->options->timeout_ns, results, err) < 0 ||
        await(group, true, answers, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        struct xb_life_sample *sample = add(group, i, XB_PHASE_REBOOT);
        sample->total_ns = since(answers[i].answered_ns, begun_ns);
        xb_life_part(sample, "shutdown", since(results[i].down_ns, begun_ns), false);
        xb_life_part(sample, "toolstack", since(results[i].up_ns, results[i].down_ns), false);
        xb_answer_parts(sample, &answers[i], results[i].up_ns);
    }
    return 0;
}

static int pause_all(struct xb_life_group *group, bool measured,
                     struct xb_answer *answers XB_UNUSED, struct xb_err *err)
{
    for (size_t i = 0; i < group->count; i++) {
        uint64_t begun_ns = xb_now_ns();
        if (xb_guest_pause(group->life->app, group->names[i], err) < 0)
            return -1;
        struct xb_life_sample *sample = measured ? add(group, i, XB_PHASE_PAUSE) : NULL;
        if (sample)
            sample->total_ns = since(xb_now_ns(), begun_ns);
    }
    return 0;
}

static int unpause_all(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                       struct xb_err *err)
{
    xb_auto_free uint64_t *begun_ns = xb_calloc(2 * group->count, sizeof(*begun_ns));
    uint64_t *runs_ns = begun_ns + group->count;
    for (size_t i = 0; i < group->count; i++) {
        begun_ns[i] = xb_now_ns();
        if (xb_guest_unpause(group->life->app, group->names[i], err) < 0)
            return -1;
        runs_ns[i] = xb_now_ns();
    }
    if (await(group, false, answers, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        struct xb_life_sample *sample = add(group, i, XB_PHASE_UNPAUSE);
        sample->total_ns = since(answers[i].answered_ns, begun_ns[i]);
        xb_life_part(sample, "toolstack", since(runs_ns[i], begun_ns[i]), false);
        xb_life_part(sample, "answer", since(answers[i].answered_ns, runs_ns[i]), false);
    }
    return 0;
}

/* The frozen time that the agent had counted before the phase, to be subtracted. */
static uint64_t frozen_before(const struct xb_answer *answer)
{
    return answer->has_status ? answer->frozen_ns : 0;
}

static int migrate(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                   struct xb_err *err)
{
    xb_auto_free struct xb_migrate_result *results = xb_calloc(group->count, sizeof(*results));
    xb_auto_free uint64_t *before_ns = xb_calloc(group->count, sizeof(*before_ns));
    for (size_t i = 0; i < group->count; i++)
        before_ns[i] = frozen_before(&answers[i]);
    uint64_t begun_ns = xb_now_ns();
    if (xb_guest_migrate_all(group->life->app, group->names, group->count, results, err) < 0 ||
        await(group, false, answers, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        const struct xb_migrate_result *r = &results[i];
        struct xb_life_sample *sample = add(group, i, XB_PHASE_MIGRATE);
        sample->total_ns = since(answers[i].answered_ns, begun_ns);
        sample->frozen_ns = r->frozen_ns;
        sample->guest_frozen_ns = since(answers[i].frozen_ns, before_ns[i]);
        sample->raw_bytes = sample->stored_bytes = r->bytes;
        xb_life_part(sample, "process", since(r->begun_ns - r->frozen_ns - r->live_ns, begun_ns),
                     false);
        xb_life_part(sample, "live copy", r->live_ns, false);
        xb_life_part(sample, "still", r->frozen_ns, false);
        xb_life_part(sample, "answer", since(answers[i].answered_ns, r->begun_ns), false);
    }
    return 0;
}

static int checkpoint(struct xb_life_group *group, bool measured,
                      struct xb_answer *answers XB_UNUSED, struct xb_err *err)
{
    xb_auto_free struct xb_checkpoint_result *results = xb_calloc(group->count, sizeof(*results));
    if (xb_checkpoint_all(group->life->app, group->names, group->path, group->count,
                          &group->life->options->save, results, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        const struct xb_checkpoint_result *r = &results[i];
        struct xb_life_sample *sample = add(group, i, XB_PHASE_CHECKPOINT);
        sample->total_ns = r->process_ns + r->total_ns;
        sample->raw_bytes = r->raw_bytes;
        sample->stored_bytes = r->stored_bytes;
        xb_life_part(sample, "process", r->process_ns, false);
        xb_life_part(sample, "quiet", r->quiesce_ns, false);
        xb_life_part(sample, "suspend", r->suspend_ns, false);
        xb_life_part(sample, "write", r->stream_ns, false);
        xb_life_part(sample, "read back", r->verify_ns, false);
        xb_life_part(sample, "destroy", r->end_ns, false);
    }
    return 0;
}

static int restore(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                   struct xb_err *err)
{
    xb_auto_free struct xb_restore_result *results = xb_calloc(group->count, sizeof(*results));
    xb_auto_free uint64_t *before_ns = xb_calloc(group->count, sizeof(*before_ns));
    for (size_t i = 0; i < group->count; i++)
        before_ns[i] = frozen_before(&answers[i]);
    uint64_t begun_ns = xb_now_ns();
    if (xb_restore_all(group->life->app, group->path, group->count, false, 0, 0, NULL, results,
                       err) < 0 ||
        await(group, false, answers, err) < 0)
        return -1;
    for (size_t i = 0; i < group->count && measured; i++) {
        const struct xb_restore_result *r = &results[i];
        struct xb_life_sample *sample = add(group, i, XB_PHASE_RESTORE);
        sample->total_ns = since(answers[i].answered_ns, begun_ns);
        sample->frozen_ns = r->frozen_ns;
        sample->guest_frozen_ns = since(answers[i].frozen_ns, before_ns[i]);
        xb_life_part(sample, "process", since(r->begun_ns - r->total_ns, begun_ns), false);
        xb_life_part(sample, "check", r->check_ns, false);
        xb_life_part(sample, "build", r->build_ns, false);
        xb_life_part(sample, "answer", since(answers[i].answered_ns, r->begun_ns), false);
    }
    return 0;
}

typedef int phase_fn(struct xb_life_group *group, bool measured, struct xb_answer *answers,
                     struct xb_err *err);

static phase_fn *const phases[XB_PHASES] = {
    [XB_PHASE_BOOT] = boot,           [XB_PHASE_PAUSE] = pause_all,
    [XB_PHASE_UNPAUSE] = unpause_all, [XB_PHASE_REBOOT] = reboot,
    [XB_PHASE_MIGRATE] = migrate,     [XB_PHASE_CHECKPOINT] = checkpoint,
    [XB_PHASE_RESTORE] = restore,     [XB_PHASE_SHUTDOWN] = shut_down,
};

int xb_life_phase(struct xb_life_group *group, enum xb_phase phase, bool measured,
                  struct xb_err *err)
{
    return phases[phase](group, measured, group->answers, err);
}
