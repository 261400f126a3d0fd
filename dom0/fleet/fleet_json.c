/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The joint result of all hosts, as JSON (XB_FLEET_SCHEMA). */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"
#include "json_text.h"
#include "report_words.h"

#include <math.h>

static json_t *shard_json(const struct xb_fleet_shard *s)
{
    const struct xb_run_row *run = &s->model.run;
    json_t *host = json_object();
    for (size_t i = 0; i < s->model.fact_count; i++)
        json_object_set_new(host, s->model.facts[i].key, xb_json_text(s->model.facts[i].value));
    return json_pack("{s:i, s:o, s:o, s:i, s:i, s:o, s:o, s:i, s:o, s:o, s:b}", "number",
                     (int)s->number, "run", xb_json_text(run->id), "state",
                     xb_json_text(run->state), "cells", (int)run->cells, "cells_done",
                     (int)run->cells_done, "xenbench", xb_json_text(run->version), "host", host,
                     "kind", (int)s->kind, "level", xb_json_number(expm1(s->level)), "z",
                     xb_json_number(s->z), "apart", fabs(s->z) > XB_APART_Z);
}

static json_t *figure_json(const struct xb_fleet *f, const struct xb_fleet_figure *row)
{
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:o, s:s, s:o, s:o}", "kind",
                     (int)row->kind, "case", xb_json_text(f->exp->cases[row->case_no].name),
                     "guest", xb_json_text(f->exp->guests[row->guest].name), "metric",
                     xb_json_text(xb_report_metric(row->group)), "unit",
                     xb_json_text(xb_report_unit(row->group)), "hosts", (int)row->hosts, "n",
                     (int)row->n, "failed", (int)row->failed, "median", xb_json_number(row->median),
                     "spread_as", row->ratio ? "ratio" : "difference", "within",
                     xb_json_number(row->within), "between",
                     row->hosts > 1 ? xb_json_number(row->between) : json_null());
}

static json_t *pairs_json(const struct xb_paired *pairs)
{
    if (pairs->n == 0)
        return json_null();
    return json_pack("{s:i, s:s, s:o, s:[o, o], s:o}", "n", (int)pairs->n, "method",
                     pairs->signed_rank ? "signed rank" : "sign", "change",
                     xb_json_number(pairs->estimate), "interval", xb_json_number(pairs->low),
                     xb_json_number(pairs->high), "coverage", xb_json_number(pairs->coverage));
}

static json_t *change_json(const struct xb_fleet *f, const struct xb_fleet_change *row)
{
    json_t *apart = json_array();
    for (size_t i = 0; i < row->apart_count; i++)
        json_array_append_new(apart, json_integer(f->shards[row->apart[i]].number));
    json_t *json = json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:i, s:i, s:s, s:o}", "kind", (int)row->kind, "a",
        xb_json_text(f->exp->cases[row->a].name), "b", xb_json_text(f->exp->cases[row->b].name),
        "guest", xb_json_text(f->exp->guests[row->guest].name), "metric",
        xb_json_text(xb_report_metric(row->group)), "hosts", (int)row->strata.used, "hosts_spoiled",
        (int)row->spoiled, "verdict", xb_fleet_verdict_words[row->verdict], "apart", apart);
    if (row->strata.used == 0)
        return json;
    json_object_update_new(
        json,
        json_pack("{s:s, s:o, s:[o, o], s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:i, s:i, s:o}", "as",
                  row->ratio ? "ratio" : "difference", "change", xb_json_number(row->change),
                  "interval", xb_json_number(row->low), xb_json_number(row->high), "coverage",
                  xb_json_number(row->strata.coverage), "p", xb_json_number(row->strata.p),
                  "p_holm", xb_json_number(row->p_holm), "least_p",
                  xb_json_number(row->strata.least_p), "simulated", row->strata.simulated,
                  "between", row->strata.used > 1 ? xb_json_number(row->between) : json_null(),
                  "error", xb_json_number(row->error), "n_a", (int)row->strata.n_a, "n_b",
                  (int)row->strata.n_b, "pairs", pairs_json(&row->pairs)));
    return json;
}

static json_t *missing_json(const struct xb_fleet *f)
{
    json_t *list = json_array();
    for (uint32_t number = 1, i = 0; number <= f->split.count; number++) {
        if (i < f->count && f->shards[i].number == number)
            i++;
        else
            json_array_append_new(list, json_integer(number));
    }
    return list;
}

json_t *xb_fleet_json(const struct xb_fleet *f)
{
    json_t *shards = json_array(), *kinds = json_array();
    json_t *figures = json_array(), *changes = json_array();
    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(shards, shard_json(&f->shards[i]));
    for (size_t i = 0; i < f->kind_count; i++)
        json_array_append_new(kinds, json_pack("{s:i, s:o}", "shards", (int)f->kinds[i].shards,
                                               "differs_in", xb_json_text(f->kinds[i].what)));
    for (size_t i = 0; i < f->figure_count; i++)
        json_array_append_new(figures, figure_json(f, &f->figures[i]));
    for (size_t i = 0; i < f->change_count; i++)
        json_array_append_new(changes, change_json(f, &f->changes[i]));
    return json_pack("{s:s, s:o, s:s, s:i, s:I, s:o, s:i, s:o, s:o, s:o, s:o}", "schema",
                     XB_FLEET_SCHEMA, "experiment", xb_json_text(f->exp->name), "by",
                     xb_shard_words[f->split.by], "of", (int)f->split.count, "seed",
                     (json_int_t)f->seed, "missing", missing_json(f), "tests", (int)f->tests,
                     "shards", shards, "kinds", kinds, "figures", figures, "changes", changes);
}
