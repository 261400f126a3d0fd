/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sequence of a lifecycle: repetitions, guests, phases, and the restoring of the initial state.
 */
#include "lifecycle.h"

#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "domain_state.h"
#include "files.h"
#include "interrupt.h"
#include "lifecycle_i.h"
#include "lifecycle_record.h"
#include "xen.h"

#include <string.h>

#define STOP_NS (30 * XB_NS_PER_S)

static const char *const phase_names[XB_PHASES] = {
    "boot", "pause", "unpause", "reboot", "migrate", "checkpoint", "restore", "shutdown",
};

const char *xb_phase_name(enum xb_phase phase)
{
    return phase_names[phase];
}

int xb_phases_parse(const char *text, unsigned *out, struct xb_err *err)
{
    unsigned phases = 0;
    while (*text) {
        size_t n = strcspn(text, ","), i = 0;
        while (i < XB_PHASES &&
               (strlen(phase_names[i]) != n || strncmp(phase_names[i], text, n) != 0))
            i++;
        if (i == XB_PHASES)
            return xb_fail(err, XB_E_INPUT, 0,
                           "there is no phase `%.*s`: boot, pause, unpause, reboot, migrate, "
                           "checkpoint, restore, shutdown",
                           (int)(n < 32 ? n : 32), text);
        phases |= 1u << i;
        text += n + (text[n] == ',');
    }
    if (!phases)
        return xb_fail(err, XB_E_INPUT, 0, "no phase is named");
    *out = phases;
    return 0;
}

struct xb_life_sample *xb_life_add(struct xb_life *life, size_t guest, unsigned repetition,
                                   enum xb_phase phase, enum xb_life_by by)
{
    struct xb_life_sample *sample = xb_append(&life->samples, &life->sample_count);
    *sample =
        (struct xb_life_sample){.guest = guest, .repetition = repetition, .phase = phase, .by = by};
    return sample;
}

void xb_life_part(struct xb_life_sample *sample, const char *name, uint64_t ns, bool guest)
{
    if (sample->part_count < XB_LIFE_PARTS)
        sample->parts[sample->part_count++] =
            (struct xb_life_part){.name = name, .ns = ns, .guest = guest};
}

/*
 * The phases to run for the phases asked for: boot and shutdown always, and a checkpoint before a
 * restore.
 */
static unsigned needed(unsigned asked)
{
    unsigned phases = asked | 1u << XB_PHASE_BOOT | 1u << XB_PHASE_SHUTDOWN;
    if (asked & (1u << XB_PHASE_RESTORE | 1u << XB_PHASE_CHECKPOINT))
        phases |= 1u << XB_PHASE_RESTORE | 1u << XB_PHASE_CHECKPOINT;
    if (asked & (1u << XB_PHASE_PAUSE | 1u << XB_PHASE_UNPAUSE))
        phases |= 1u << XB_PHASE_PAUSE | 1u << XB_PHASE_UNPAUSE;
    return phases;
}

static void remove_checkpoints(const struct xb_life_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        unlink(group->path[i]);
}

static int go_through_phase(struct xb_life_group *group, enum xb_phase phase, enum xb_life_by by,
                            struct xb_err *err)
{
    const struct xb_life_options *options = group->life->options;
    bool measured = options->phases & 1u << phase;
    char left[XB_TIME_WORDS_BYTES];
    xb_progress_now(group->progress, "repetition %u of %u, by %s: %s of %s%s%s", group->repetition,
                    options->repeat, by == XB_BY_XL ? "xl" : "xenbench", xb_phase_name(phase),
                    group->names[0], group->count > 1 ? ", ..." : "",
                    xb_time_left(xb_now_ns() - group->begun_ns, group->part, left));
    return by == XB_BY_XL ? xb_life_phase_xl(group, phase, measured, err)
                          : xb_life_phase(group, phase, measured, err);
}

static int migrate(struct xb_life_group *group, enum xb_life_by by, struct xb_err *err)
{
    xb_auto_life_movers struct xb_life_movers movers = {0};
    xb_life_movers_pick(group, &movers);
    if (movers.group.count == 0)
        return 0;
    int status = go_through_phase(&movers.group, XB_PHASE_MIGRATE, by, err);
    xb_life_movers_put_back(&movers, group);
    return status;
}

static int go_through(struct xb_life_group *group, enum xb_life_by by, struct xb_err *err)
{
    unsigned phases = needed(group->life->options->phases);
    for (enum xb_phase phase = 0; phase < XB_PHASES; phase++) {
        if (!(phases & 1u << phase))
            continue;
        int status = phase == XB_PHASE_MIGRATE ? migrate(group, by, err)
                                               : go_through_phase(group, phase, by, err);
        if (status < 0)
            return xb_fail_context(err, "%s%s", by == XB_BY_XL ? "xl, " : "", xb_phase_name(phase));
    }
    remove_checkpoints(group);
    return 0;
}

static int repeat(struct xb_life_group *group, struct xb_err *err)
{
    if (go_through(group, XB_BY_XENBENCH, err) < 0)
        return -1;
    return group->life->options->xl ? go_through(group, XB_BY_XL, err) : 0;
}

void xb_life_take_signals(void)
{
    xb_auto_close int stop_fd = xb_stop_fd();
    while (xb_interrupt_next(stop_fd) != 0)
        continue;
}

int xb_life_end_guests(struct xb_app *app, const char *const *names, size_t count,
                       struct xb_err *err)
{
    int r = 0;
    for (size_t i = 0; i < count; i++)
        xb_guest_unpause(app, names[i], NULL);
    /* Destroy by UUID, because an interrupted xl may leave a domain without a name. */
    xb_guest_stop_all(app, names, count, STOP_NS, NULL);
    for (size_t i = 0; i < count; i++)
        r = xb_guest_destroy(app, names[i], r == 0 ? err : NULL) < 0 ? -1 : r;
    return r;
}

/* Clean up after a failure or Ctrl-C. */
static void put_back(struct xb_life_group *group)
{
    xb_progress_now(group->progress, "stopping the guests");
    xb_life_take_signals();
    xb_life_end_guests(group->life->app, group->names, group->count, NULL);
    remove_checkpoints(group);
}

static int name_checkpoints(struct xb_life *life, char (*paths)[PATH_MAX], const char **path,
                            struct xb_err *err)
{
    char dir[PATH_MAX];
    const char *given = life->options->dir;
    if (xb_path(dir, sizeof(dir), err, "%s%s", given ? given : life->app->state_dir,
                given ? "" : "/checkpoints") < 0 ||
        xb_make_dirs(dir, err) < 0)
        return -1;
    for (size_t i = 0; i < life->count; i++) {
        path[i] = paths[i];
        if (xb_path(paths[i], PATH_MAX, err, "%s/.lifecycle-%s.%d", dir, life->names[i],
                    (int)getpid()) < 0)
            return -1;
    }
    return 0;
}

/* A lifecycle starts and stops its guests, so refuse running guests. */
static int look_up(struct xb_life *life, struct xb_err *err)
{
    if (!xb_xen_get(life->app, err))
        return -1;
    for (size_t i = 0; i < life->count; i++) {
        const char *name = life->names[i];
        if (xb_guest_def_load(life->app, name, &life->guests[i], err) < 0)
            return -1;
        if (xb_guest_def_domid(life->app, &life->guests[i]))
            return xb_fail(err, XB_E_INPUT, 0,
                           "guest %s runs, but a lifecycle starts and stops it (`xenbench "
                           "guest stop %s` first)",
                           name, name);
        if (life->options->phases == 1u << XB_PHASE_MIGRATE &&
            strcmp(life->guests[i].type, "pv") == 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "guest %s is a PV guest, which cannot migrate live (see `xenbench "
                           "guest migrate --help`)",
                           name);
    }
    return 0;
}

static int repeat_all(struct xb_life *life, char (*paths)[PATH_MAX], const char **path,
                      struct xb_answer *answers, struct xb_err *err)
{
    size_t size = life->options->parallel ? life->count : 1;
    struct xb_progress_line progress;
    xb_progress_begin(&progress, life->options->quiet);
    xb_life_tell_unmoved(life, &progress);
    int status = 0;
    uint64_t begun_ns = xb_now_ns();
    for (unsigned r = 1; r <= life->options->repeat && status == 0; r++) {
        for (size_t first = 0; first < life->count && status == 0; first += size) {
            struct xb_life_group group = {.life = life,
                                          .first = first,
                                          .count = size,
                                          .repetition = r,
                                          .names = life->names + first,
                                          .paths = paths + first,
                                          .path = path + first,
                                          .answers = answers + first,
                                          .progress = &progress,
                                          .begun_ns = begun_ns,
                                          .part = ((r - 1) * (double)life->count + (double)first) /
                                                  (life->options->repeat * (double)life->count)};
            status = repeat(&group, err);
            if (status < 0)
                put_back(&group);
        }
    }
    xb_progress_end(&progress);
    return status;
}

int xb_life_run(struct xb_life *life, struct xb_err *err)
{
    struct xb_life_record record;
    xb_auto_free char(*paths)[PATH_MAX] = xb_calloc(life->count + 1, sizeof(*paths));
    xb_auto_free const char **path = xb_calloc(life->count + 1, sizeof(*path));
    xb_auto_free struct xb_answer *answers = xb_calloc(life->count + 1, sizeof(*answers));
    life->guests = xb_calloc(life->count + 1, sizeof(*life->guests));
    if (look_up(life, err) < 0 || name_checkpoints(life, paths, path, err) < 0 ||
        xb_life_record_begin(&record, life->app, life->guests, life->count, path, life->count,
                             err) < 0)
        return -1;
    int status = repeat_all(life, paths, path, answers, err);
    xb_life_record_end(&record);
    return status;
}

void xb_life_clear(struct xb_life *life)
{
    free(life->guests);
    free(life->samples);
    life->guests = NULL;
    life->samples = NULL;
}
