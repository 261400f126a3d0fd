/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lifecycle_summary.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

typedef double value_fn(const struct xb_life_sample *sample, const void *arg);

static double total(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->total_ns;
}

static double command(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->command_ns;
}

static double raw(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->raw_bytes;
}

static double stored(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->stored_bytes;
}

static double frozen(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->frozen_ns;
}

static double guest_frozen(const struct xb_life_sample *s, const void *arg XB_UNUSED)
{
    return (double)s->guest_frozen_ns;
}

/* A part by name; -1 if the sample has no such part. */
static double part(const struct xb_life_sample *s, const void *name)
{
    for (size_t i = 0; i < s->part_count; i++)
        if (strcmp(s->parts[i].name, name) == 0)
            return (double)s->parts[i].ns;
    return -1;
}

static bool belongs(const struct xb_life_sample *s, size_t guest, enum xb_phase phase,
                    enum xb_life_by by)
{
    return s->guest == guest && s->phase == phase && s->by == by;
}

/* Statistics of a value over the samples that have it. */
static struct xb_stats stats_of(const struct xb_life *life, size_t guest, enum xb_phase phase,
                                enum xb_life_by by, value_fn *value, const void *arg)
{
    xb_auto_free double *values = xb_calloc(life->sample_count + 1, sizeof(*values));
    size_t n = 0;
    for (size_t i = 0; i < life->sample_count; i++) {
        const struct xb_life_sample *s = &life->samples[i];
        double v = belongs(s, guest, phase, by) ? value(s, arg) : -1;
        if (v >= 0)
            values[n++] = v;
    }
    return xb_stats_of(values, n);
}

static void sum_up_parts(const struct xb_life *life, size_t guest, struct xb_life_summary *out)
{
    for (size_t i = 0; i < life->sample_count; i++) {
        const struct xb_life_sample *s = &life->samples[i];
        if (!belongs(s, guest, out->phase, XB_BY_XENBENCH))
            continue;
        out->refused += s->parts_refused;
        /* Take the names from a sample with all parts. */
        for (size_t p = 0;
             s->part_count > out->part_count && !s->parts_refused && p < s->part_count; p++) {
            out->parts[p].name = s->parts[p].name;
            out->parts[p].guest = s->parts[p].guest;
            if (p + 1 == s->part_count)
                out->part_count = s->part_count;
        }
    }
    for (size_t p = 0; p < out->part_count; p++)
        out->parts[p].stats =
            stats_of(life, guest, out->phase, XB_BY_XENBENCH, part, out->parts[p].name);
}

static bool stands_still(enum xb_phase phase)
{
    return phase == XB_PHASE_RESTORE || phase == XB_PHASE_MIGRATE;
}

size_t xb_life_summarise(const struct xb_life *life, size_t guest, struct xb_life_summary *out)
{
    size_t count = 0;
    for (enum xb_phase phase = 0; phase < XB_PHASES; phase++) {
        struct xb_life_summary s = {.phase = phase};
        for (enum xb_life_by by = 0; by < XB_BYS; by++)
            s.total[by] = stats_of(life, guest, phase, by, total, NULL);
        if (s.total[XB_BY_XENBENCH].n == 0)
            continue;
        s.command = stats_of(life, guest, phase, XB_BY_XL, command, NULL);
        sum_up_parts(life, guest, &s);
        if (phase == XB_PHASE_CHECKPOINT) {
            s.raw_bytes = stats_of(life, guest, phase, XB_BY_XENBENCH, raw, NULL);
            s.stored_bytes = stats_of(life, guest, phase, XB_BY_XENBENCH, stored, NULL);
        }
        if (stands_still(phase)) {
            s.frozen = stats_of(life, guest, phase, XB_BY_XENBENCH, frozen, NULL);
            s.guest_frozen = stats_of(life, guest, phase, XB_BY_XENBENCH, guest_frozen, NULL);
        }
        out[count++] = s;
    }
    return count;
}
