/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each guest does in each case, and the cases that are compared in pairs. */
#include "base.h"
#include "report_model_i.h"
#include "stats.h"

#include <jansson.h>
#include <math.h>

/* If all measured guests have the same figure, it is the run's figure; else the run is mixed. */
static void find_mixed(struct xb_model *m)
{
    const struct xb_group *first = NULL;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_group *g = &m->groups[i];
        if (g->role != XB_ROLE_MEASURED)
            continue;
        if (first && !xb_report_same_figure(first, g))
            m->mixed = true;
        if (!first)
            first = g;
    }
}

int xb_model_load_parts(struct xb_model *m, const struct xb_read *in)
{
    struct xb_part_row *parts;
    size_t count;
    m->groups = xb_arena_alloc(in->arena, m->case_count * m->guest_count, sizeof(*m->groups));
    if (xb_read_parts(in, &parts, &count) < 0)
        return -1;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        m->groups[i].solo_case = -1;
    for (size_t i = 0; i < count; i++) {
        struct xb_group *g = xb_model_group_at(m, parts[i].case_no, parts[i].guest);
        if (!g || g->metric || g->unit || g->better)
            continue;
        g->role = xb_role_of(parts[i].role);
        if (xb_model_group_at(m, parts[i].solo_case, parts[i].guest)) {
            g->solo_case = parts[i].solo_case;
            m->cases[g->solo_case].solo = true;
        }
        g->metric = parts[i].metric;
        g->unit = parts[i].unit;
        g->better = parts[i].better;
        g->kernel = parts[i].kernel;
    }
    find_mixed(m);
    if (in->metric && count > 0) {
        m->run.metric = parts[0].metric;
        m->run.unit = parts[0].unit;
        m->run.better = parts[0].better;
    }
    return 0;
}

/*
 * Even if a foreign store repeats a repetition, each of a's points is in at most one pair, so that
 * out is large enough.
 */
size_t xb_model_pair_up(const struct xb_group *a, const struct xb_group *b, bool ratio, double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            double from = a->points[i].value, to = b->points[j].value;
            if (a->points[i].repetition != b->points[j].repetition)
                continue;
            if (ratio && (from <= 0 || to <= 0))
                return 0;
            out[n++] = ratio ? log(to / from) : to - from;
            break;
        }
    }
    return n;
}

static void add_pair(struct xb_model *m, size_t a, size_t b, size_t guest)
{
    const struct xb_group *from = xb_model_group(m, a, guest), *to = xb_model_group(m, b, guest);
    if (from->role != XB_ROLE_MEASURED || to->role != XB_ROLE_MEASURED ||
        !xb_report_same_figure(from, to))
        return;
    double *values = xb_arena_alloc(&m->arena, from->count, sizeof(*values));
    struct xb_model_pair *pair = xb_arena_grow(&m->arena, &m->pairs, &m->pair_count, sizeof(*pair));
    *pair = (struct xb_model_pair){.a = a, .b = b, .guest = guest};
    pair->difference =
        xb_paired_of(values, xb_model_pair_up(from, to, false, values), XB_CONFIDENCE);
    pair->ratio = xb_paired_of(values, xb_model_pair_up(from, to, true, values), XB_CONFIDENCE);
    pair->ratio.estimate = exp(pair->ratio.estimate);
    pair->ratio.low = exp(pair->ratio.low);
    pair->ratio.high = exp(pair->ratio.high);
}

void xb_model_load_pairs(struct xb_model *m)
{
    json_t *list = m->run.compare ? json_loads(m->run.compare, 0, NULL) : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t a = -1, b = -1;
        if (json_unpack(json_array_get(list, i), "{s:I, s:I}", "a", &a, "b", &b) < 0 || a < 0 ||
            b < 0 || (size_t)a >= m->case_count || (size_t)b >= m->case_count)
            continue;
        for (size_t g = 0; g < m->guest_count; g++)
            add_pair(m, (size_t)a, (size_t)b, g);
    }
    json_decref(list);
}
