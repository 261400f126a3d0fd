/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a lifecycle, shared by lifecycle*.c alone.
 */
#ifndef XB_LIFECYCLE_I_H
#define XB_LIFECYCLE_I_H

#include "base.h"
#include "lifecycle.h"
#include "lifecycle_answer.h"
#include "progress.h"

/* Guests that go through a phase at the same time. */
struct xb_life_group {
    struct xb_life *life;
    size_t first, count; /* of life's guests */
    const size_t *which; /* each one's number among life's guests; NULL: from first on */
    unsigned repetition; /* from 1; 0: not kept */
    const char *const *names;
    char (*paths)[PATH_MAX]; /* of their checkpoints */
    const char **path;
    struct xb_answer *answers; /* each guest's latest */
    struct xb_progress_line *progress;
    uint64_t begun_ns; /* of the first repetition */
    double part;       /* the share of all repetitions that was done before this group's */
};

static inline size_t xb_life_guest_no(const struct xb_life_group *group, size_t i)
{
    return group->which ? group->which[i] : group->first + i;
}

/* lifecycle_movers.c: the guests of a group that can migrate live, as a group. */
struct xb_life_movers {
    struct xb_life_group group;
    size_t *which;
    const char **names;
    const char **path;
    struct xb_answer *answers;
};

/* Fill out, whose group may be empty. End with xb_life_movers_clear. */
void xb_life_movers_pick(const struct xb_life_group *group, struct xb_life_movers *out);
/* After a migration, copy the movers' answers into their original group. */
void xb_life_movers_put_back(const struct xb_life_movers *movers, struct xb_life_group *group);
void xb_life_movers_clear(struct xb_life_movers *movers);
#define xb_auto_life_movers XB_AUTO(xb_life_movers_clear)

/* Report the guests that skip the migration, if one is asked for. */
void xb_life_tell_unmoved(const struct xb_life *life, struct xb_progress_line *progress);

/*
 * lifecycle.c: after a failure or Ctrl-C, stop these guests, and destroy those that do not stop. -1
 * if one cannot be destroyed. A lifecycle first takes pending stop signals, which would end every
 * wait.
 */
int xb_life_end_guests(struct xb_app *app, const char *const *names, size_t count,
                       struct xb_err *err);
void xb_life_take_signals(void);

/* lifecycle_phase.c: take the group through a phase; measured adds samples. */
int xb_life_phase(struct xb_life_group *group, enum xb_phase phase, bool measured,
                  struct xb_err *err);

/* lifecycle_xl.c: the same by xl. */
int xb_life_phase_xl(struct xb_life_group *group, enum xb_phase phase, bool measured,
                     struct xb_err *err);

/* lifecycle_xl.c, in a helper: one phase of one guest. */
int xb_life_xl_step(struct xb_app *app, const char *name, const char *phase, const char *path,
                    uint64_t timeout_ns, json_t **answer, struct xb_err *err);

#endif
