/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guests' builds, settled once all cases have been read. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "guest_def.h"

#include <string.h>

static struct xb_exp_build *build_of(struct xb_experiment *exp, size_t c, size_t g)
{
    return &exp->cases[c].parts[g].build;
}

/* Domains made by other tools may have longer names than guests that a run makes. */
static int check_made_name(const struct xb_experiment *exp, const struct xb_exp_guest *guest,
                           struct xb_err *err)
{
    if (xb_guest_name_ok(guest->name))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s:%u: guest %s cannot be made from an `image`: its name is longer than %d "
                   "characters; shorten it, or leave out `image` where the guest exists",
                   exp->path, guest->line, guest->name, XB_GUEST_OWN_NAME_MAX);
}

/* A guest has an image in every case or in none. */
static int settle_image(struct xb_experiment *exp, size_t g, struct xb_err *err)
{
    struct xb_exp_guest *guest = &exp->guests[g];
    const char *first = build_of(exp, 0, g)->image;
    for (size_t c = 0; c < exp->case_count; c++) {
        struct xb_exp_build *build = build_of(exp, c, g);
        build->type = build->type < 0 ? 0 : build->type;
        if (guest->socket && build->image[0])
            return xb_fail(
                err, XB_E_INPUT, 0,
                "%s:%u: `%s` has both an image and a socket; an agent behind a socket is no "
                "domain",
                exp->path, guest->line, guest->name);
        if (!build->image[0] != !first[0])
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: case `%s` gives guest %s %s `image`, and case `%s` %s: give "
                           "one under `guests` or `defaults` for the cases that name none",
                           exp->path, exp->cases[c].line, exp->cases[c].name, guest->name,
                           first[0] ? "no" : "an", exp->cases[0].name, first[0] ? "one" : "none");
    }
    if (first[0] && check_made_name(exp, guest, err) < 0)
        return -1;
    if (first[0])
        guest->image = xb_strdup(first);
    return 0;
}

/*
 * A guest is made once with the most vcpus of any case, unless all cases set `maxvcpus` and their
 * numbers differ.
 */
static void settle_vcpus(struct xb_experiment *exp, size_t g)
{
    struct xb_exp_guest *guest = &exp->guests[g];
    uint32_t most = 1;
    bool all = true, same = true;
    for (size_t c = 0; c < exp->case_count; c++) {
        uint32_t own = build_of(exp, c, g)->maxvcpus, vcpus = exp->cases[c].guests[g].vcpus;
        most = vcpus > most ? vcpus : most;
        all = all && own;
        same = same && own == build_of(exp, 0, g)->maxvcpus;
    }
    guest->maxvcpus = guest->maxvcpus > most ? guest->maxvcpus : most;
    for (size_t c = 0; c < exp->case_count; c++) {
        struct xb_exp_build *build = build_of(exp, c, g);
        if (!all || same)
            build->maxvcpus = 0;
        else if (!exp->cases[c].guests[g].vcpus) /* else the previous case's would stay */
            exp->cases[c].guests[g].vcpus = build->maxvcpus;
    }
}

/* Memory from a balloon is part of the allocation; other memory is part of the build. */
static void settle_memory(struct xb_experiment *exp, size_t g)
{
    struct xb_exp_guest *guest = &exp->guests[g];
    bool rebuilt = guest->image && !guest->keep && !guest->balloon;
    for (size_t c = 0; c < exp->case_count; c++) {
        struct xb_exp_build *build = build_of(exp, c, g);
        if (build->memory_bytes > guest->memory_bytes)
            guest->memory_bytes = build->memory_bytes;
        if (rebuilt)
            continue;
        exp->cases[c].guests[g].memory_bytes = build->memory_bytes;
        build->memory_bytes = 0;
    }
    if (rebuilt)
        guest->memory_bytes = 0;
}

/* Refuse different builds of a guest that the run cannot rebuild. */
static int check_builds(struct xb_experiment *exp, size_t g, struct xb_err *err)
{
    const struct xb_exp_guest *guest = &exp->guests[g];
    for (uint32_t c = 1; c < exp->case_count; c++) {
        const char *key = xb_exp_build_key(build_of(exp, 0, g), build_of(exp, c, g));
        if (key && (!guest->image || guest->keep))
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: case `%s` gives guest %s another `%s`, which needs a "
                           "rebuild; only guests that the run makes from an `image` and does "
                           "not `keep` are rebuilt",
                           exp->path, exp->cases[c].line, exp->cases[c].name, guest->name, key);
    }
    return 0;
}

/* With one size in all cases, the guest is made with that size and needs no balloon. */
static void settle_balloon(struct xb_experiment *exp, size_t g)
{
    bool varies = false;
    for (size_t c = 1; c < exp->case_count; c++)
        varies =
            varies || exp->cases[c].guests[g].memory_bytes != exp->cases[0].guests[g].memory_bytes;
    for (size_t c = 0; !varies && c < exp->case_count; c++)
        exp->cases[c].guests[g].memory_bytes = 0;
}

int xb_exp_settle_builds(struct xb_experiment *exp, struct xb_err *err)
{
    for (size_t g = 0; g < exp->guest_count; g++) {
        if (settle_image(exp, g, err) < 0)
            return -1;
        settle_vcpus(exp, g);
        settle_memory(exp, g);
        if (check_builds(exp, g, err) < 0)
            return -1;
        settle_balloon(exp, g);
    }
    return 0;
}
