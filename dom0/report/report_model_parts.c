/* What each guest does in each case, and the cases that are compared in pairs. */
#include "base.h"
#include "report_model_i.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define CONFIDENCE 0.95

/* Do all guests that are measured have the same figure? Then it is the run's. */
static void find_mixed(struct xb_model *m)
{
    const struct xb_group *first = NULL;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_group *g = &m->groups[i];
        if (g->role != XB_ROLE_MEASURED)
            continue;
        if (first && strcmp(first->metric ? first->metric : "", g->metric ? g->metric : "") != 0)
            m->mixed = true;
        if (!first)
            first = g;
    }
}

int xb_model_load_parts(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    m->groups = calloc(m->case_count * m->guest_count + 1, sizeof(*m->groups));
    if (!m->groups)
        return xb_model_no_memory(err);
    if (xb_store_query(store, &stmt, err,
                       "SELECT p.case_no, g.position, p.role, p.metric, p.unit, p.better"
                       " FROM parts p JOIN guests g USING (run, guest) WHERE p.run = ?",
                       XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_group *g =
            xb_model_group_at(m, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
        if (!g || g->metric || g->unit || g->better)
            continue;
        g->role = xb_role_of(xb_column_text(stmt, 2));
        g->metric = xb_model_text(stmt, 3);
        g->unit = xb_model_text(stmt, 4);
        g->better = xb_model_text(stmt, 5);
    }
    find_mixed(m);
    return r;
}

/*
 * The figures of the repetitions that both have, as differences or as logarithms of ratios: at most
 * one for each of a's points, which is what out has room for, whatever a store says of repetitions.
 */
static size_t pair_up(const struct xb_group *a, const struct xb_group *b, bool ratio, double *out)
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

static int add_pair(struct xb_model *m, size_t a, size_t b, size_t guest, struct xb_err *err)
{
    const struct xb_group *from = xb_model_group(m, a, guest), *to = xb_model_group(m, b, guest);
    if (from->role != XB_ROLE_MEASURED || to->role != XB_ROLE_MEASURED ||
        strcmp(from->metric ? from->metric : "", to->metric ? to->metric : "") != 0)
        return 0;
    xb_auto_free double *values = calloc(from->count + 1, sizeof(*values));
    struct xb_model_pair *pair =
        values ? xb_model_grow(&m->pairs, &m->pair_count, sizeof(*pair), err) : NULL;
    if (!pair)
        return xb_model_no_memory(err);
    *pair = (struct xb_model_pair){.a = a, .b = b, .guest = guest};
    pair->difference = xb_paired_of(values, pair_up(from, to, false, values), CONFIDENCE);
    pair->ratio = xb_paired_of(values, pair_up(from, to, true, values), CONFIDENCE);
    pair->ratio.estimate = exp(pair->ratio.estimate);
    pair->ratio.low = exp(pair->ratio.low);
    pair->ratio.high = exp(pair->ratio.high);
    return 0;
}

int xb_model_load_pairs(struct xb_model *m, struct xb_err *err)
{
    json_t *list = m->compare ? json_loads(m->compare, 0, NULL) : NULL;
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t a = -1, b = -1;
        if (json_unpack(json_array_get(list, i), "{s:I, s:I}", "a", &a, "b", &b) < 0 || a < 0 ||
            b < 0 || (size_t)a >= m->case_count || (size_t)b >= m->case_count)
            continue;
        for (size_t g = 0; rc == 0 && g < m->guest_count; g++)
            rc = add_pair(m, (size_t)a, (size_t)b, g, err);
    }
    json_decref(list);
    return rc;
}
