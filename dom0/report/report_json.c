/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_json.h"

#include "base.h"
#include "json_text.h"
#include "report.h"
#include "report_check.h"
#include "report_totals.h"
#include "store_json.h"

#include <math.h>
#include <string.h>

json_t *xb_json_stats(const struct xb_stats *s)
{
    if (s->n == 0)
        return json_null();
    return json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:o, s:i}", "n", (int)s->n,
        "median", xb_json_number(s->median), "mad", xb_json_number(s->mad), "min",
        xb_json_number(s->min), "max", xb_json_number(s->max), "q1", xb_json_number(s->q1), "q3",
        xb_json_number(s->q3), "mean", xb_json_number(s->mean), "stddev", xb_json_number(s->stddev),
        "median_interval", xb_json_number(s->ci_low), xb_json_number(s->ci_high),
        "interval_coverage", xb_json_number(s->ci_coverage), "outliers", (int)s->outliers);
}

static json_t *distribution_json(const struct xb_model_dist *h)
{
    json_t *percentiles = json_object(), *buckets = json_array();
    uint64_t values = h->all.total + h->all.over;
    for (size_t p = 0; p < XB_PERCENTILES; p++)
        json_object_set_new(percentiles, xb_percentiles[p].name,
                            json_pack("{s:o, s:[o, o]}", "value", xb_json_number(h->values[p]),
                                      "interval", xb_json_number(h->lows[p]),
                                      xb_json_number(h->highs[p])));
    for (size_t i = 0; i < h->all.count; i++)
        json_array_append_new(buckets, json_pack("[o, I]", xb_json_number(h->all.buckets[i].value),
                                                 (json_int_t)h->all.buckets[i].count));
    return json_pack("{s:o, s:s, s:i, s:I, s:I, s:o, s:o, s:o, s:o}", "unit", xb_json_text(h->unit),
                     "better", h->better, "repetitions", (int)h->row_count, "values",
                     (json_int_t)values, "over", (json_int_t)h->all.over, "least",
                     xb_json_number(h->all.least), "most",
                     xb_json_number(h->all.over > 0 ? NAN : h->all.most), "percentiles",
                     percentiles, "buckets", buckets);
}

static json_t *distributions_json(const struct xb_model *m, size_t case_no, size_t guest)
{
    json_t *json = json_object();
    for (size_t i = 0; i < m->dist_count; i++) {
        const struct xb_model_dist *h = &m->dists[i];
        if (h->case_no == case_no && h->guest == guest) {
            json_t *name = xb_json_text(h->name);
            json_object_set_new(json, json_string_value(name), distribution_json(h));
            json_decref(name);
        }
    }
    return json;
}

static json_t *summary_json(const struct xb_model *m)
{
    json_t *cases = json_array();
    for (size_t c = 0; c < m->case_count; c++) {
        json_t *guests = json_object();
        for (size_t g = 0; g < m->guest_count; g++) {
            const struct xb_group *group = xb_model_group(m, c, g);
            const struct xb_check_group *check = &m->checks->groups[c * m->guest_count + g];
            json_object_set_new(
                guests, m->guests[g].name,
                json_pack(
                    "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:s, s:i, s:i, "
                    "s:o}",
                    "role", xb_role_words[group->role], "metric",
                    xb_json_text(group->metric ? group->metric : "time"), "unit",
                    xb_json_text(group->unit), "value", xb_json_stats(&group->value), "wall_s",
                    xb_json_stats(&group->wall_s), "cpu_share", xb_json_stats(&group->share),
                    "cpu_share_error", xb_json_stats(&group->share_error), "windows_too_short",
                    (int)group->too_short, "host_share", xb_json_stats(&group->host_share),
                    "dispatch_delay_ms", xb_json_stats(&group->dispatch_ms), "host_steal",
                    xb_json_stats(&group->steal), "promised_cpus", xb_json_stats(&check->promised),
                    "promised_by", check->how, "ended_by_run", (int)group->ended, "failed",
                    (int)group->failed, "distributions", distributions_json(m, c, g)));
        }
        json_array_append_new(
            cases,
            json_pack("{s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "case",
                      xb_json_text(m->cases[c].name), "repetitions", (int)m->cases[c].repetitions,
                      "stopped", xb_json_text(m->cases[c].stopped), "stopped_why",
                      xb_json_text(m->cases[c].stopped_why), "release_error_ms",
                      xb_json_stats(&m->cases[c].release_error_ms), "dom0_cpu_share",
                      xb_json_stats(&m->cases[c].dom0_share), "worst_host_steal",
                      xb_json_number(m->cases[c].worst_steal), "may_be_ranked",
                      !m->cases[c].spoiled, "total", xb_total_json(m, c), "guests", guests));
    }
    return cases;
}

static json_t *paired_json(const struct xb_paired *p)
{
    if (p->n == 0)
        return json_null();
    return json_pack("{s:o, s:[o, o], s:o}", "estimate", xb_json_number(p->estimate), "interval",
                     xb_json_number(p->low), xb_json_number(p->high), "coverage",
                     xb_json_number(p->coverage));
}

/* One comparison, all guests: the pairs from *at on that have the same cases. */
static json_t *comparison_json(const struct xb_model *m, size_t *at)
{
    const struct xb_model_pair *first = &m->pairs[*at];
    json_t *guests = json_object();
    for (; *at < m->pair_count && m->pairs[*at].a == first->a && m->pairs[*at].b == first->b;
         (*at)++) {
        const struct xb_model_pair *pair = &m->pairs[*at];
        json_object_set_new(
            guests, m->guests[pair->guest].name,
            json_pack("{s:i, s:s, s:o, s:o}", "pairs", (int)pair->difference.n, "method",
                      pair->difference.signed_rank ? "signed rank" : "sign", "difference",
                      paired_json(&pair->difference), "ratio", paired_json(&pair->ratio)));
    }
    return json_pack("{s:o, s:o, s:o}", "a", xb_json_text(m->cases[first->a].name), "b",
                     xb_json_text(m->cases[first->b].name), "guests", guests);
}

static json_t *comparisons_json(const struct xb_model *m)
{
    json_t *list = json_array();
    for (size_t at = 0; at < m->pair_count;)
        json_array_append_new(list, comparison_json(m, &at));
    return list;
}

/* The run's own row with its id, and the facts about its host. */
static int put_run(json_t *into, struct xb_store *store, const struct xb_model *m,
                   struct xb_err *err)
{
    json_t *run = xb_store_run_json(store, m->run.id, err);
    if (!run)
        return -1;
    json_object_set_new(run, "id", xb_json_text(m->run.id));
    json_object_set_new(into, "run", run);
    json_t *host = json_object();
    for (size_t i = 0; i < m->fact_count; i++)
        json_object_set_new(host, m->facts[i].key, xb_json_text(m->facts[i].value));
    json_object_set_new(into, "host", host);
    return 0;
}

json_t *xb_report_json(struct xb_store *store, const struct xb_model *model, struct xb_err *err)
{
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string(XB_REPORT_SCHEMA));
    if (put_run(json, store, model, err) == 0) {
        json_object_set_new(json, "summary", summary_json(model));
        json_object_set_new(json, "comparisons", comparisons_json(model));
        if (xb_store_tables_json(store, model->run.id, json, err) == 0)
            return json;
    }
    json_decref(json);
    return NULL;
}
