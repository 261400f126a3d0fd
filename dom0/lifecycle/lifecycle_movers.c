/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guests of a group that can migrate live. PV guests cannot (see `xenbench guest migrate
 * --help`) and are skipped.
 */
#include "alloc.h"
#include "base.h"
#include "lifecycle_i.h"

#include <string.h>

static bool can_move(const struct xb_life_group *group, size_t i)
{
    return strcmp(group->life->guests[xb_life_guest_no(group, i)].type, "pv") != 0;
}

void xb_life_movers_pick(const struct xb_life_group *group, struct xb_life_movers *out)
{
    size_t n = 0;
    *out = (struct xb_life_movers){
        .which = xb_calloc(group->count + 1, sizeof(*out->which)),
        .names = xb_calloc(group->count + 1, sizeof(*out->names)),
        .path = xb_calloc(group->count + 1, sizeof(*out->path)),
        .answers = xb_calloc(group->count + 1, sizeof(*out->answers)),
    };
    for (size_t i = 0; i < group->count; i++) {
        if (!can_move(group, i))
            continue;
        out->which[n] = xb_life_guest_no(group, i);
        out->names[n] = group->names[i];
        out->path[n] = group->path[i];
        out->answers[n++] = group->answers[i];
    }
    out->group = *group;
    out->group.count = n;
    out->group.which = out->which;
    out->group.names = out->names;
    out->group.path = out->path;
    out->group.answers = out->answers;
}

void xb_life_movers_put_back(const struct xb_life_movers *movers, struct xb_life_group *group)
{
    for (size_t i = 0, n = 0; i < group->count; i++)
        if (can_move(group, i))
            group->answers[i] = movers->answers[n++];
}

void xb_life_movers_clear(struct xb_life_movers *movers)
{
    free(movers->which);
    free(movers->names);
    free(movers->path);
    free(movers->answers);
}

void xb_life_tell_unmoved(const struct xb_life *life, struct xb_progress_line *progress)
{
    char list[400] = "";
    size_t unmoved = 0;
    for (size_t i = 0; i < life->count; i++) {
        size_t used = strlen(list);
        if (strcmp(life->guests[i].type, "pv") != 0)
            continue;
        snprintf(list + used, sizeof(list) - used, "%s%s", unmoved++ ? ", " : "", life->names[i]);
    }
    if (unmoved && life->options->phases & 1u << XB_PHASE_MIGRATE)
        xb_progress_done(progress, "not migrated live, because %s PV: %s",
                         unmoved == 1 ? "it is" : "they are", list);
}
