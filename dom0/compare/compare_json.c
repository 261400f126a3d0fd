/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as JSON (XB_COMPARE_SCHEMA). */
#include "compare_out.h"

#include "json_text.h"
#include "report_json.h"
#include "report_words.h"

static json_t *run_json(const struct xb_compared_run *run)
{
    const struct xb_model *m = &run->model;
    json_t *host = json_object();
    for (size_t i = 0; i < m->fact_count; i++)
        json_object_set_new(host, m->facts[i].key, xb_json_text(m->facts[i].value));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "letter", run->letter, "named",
                     xb_json_text(run->word), "id", xb_json_text(m->run.id), "name",
                     xb_json_text(m->run.name), "state", xb_json_text(m->run.state), "started_at",
                     xb_json_text(m->run.started_at), "xenbench", xb_json_text(m->run.version),
                     "host", host);
}

static json_t *texts(char *const *list, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(out, xb_json_text(list[i]));
    return out;
}

static json_t *change_json(const struct xb_compared *row)
{
    if (row->verdict == XB_VERDICT_REFUSED)
        return json_null();
    return json_pack("{s:s, s:o, s:[o, o], s:o, s:o, s:o}", "kind",
                     row->ratio ? "ratio" : "difference", "estimate", xb_json_number(row->change),
                     "interval", xb_json_number(row->low), xb_json_number(row->high), "coverage",
                     xb_json_number(row->rank.coverage), "none_beyond", xb_json_number(row->beyond),
                     "could_show", xb_json_number(row->detectable));
}

static json_t *test_json(const struct xb_compared *row)
{
    if (row->verdict == XB_VERDICT_REFUSED)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "u", xb_json_number(row->rank.u),
                     "p", xb_json_number(row->rank.p), "p_holm", xb_json_number(row->p_holm),
                     "least_p", xb_json_number(xb_rank_least_p(row->rank.n_a, row->rank.n_b)),
                     "exact", row->rank.exact, "ties", row->rank.ties, "cliffs_delta",
                     xb_json_number(row->rank.delta), "a12",
                     xb_json_number((row->rank.delta + 1) / 2));
}

static json_t *row_json(const struct xb_comparison *c, const struct xb_compared *row)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[row->run].model;
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:i, s:i, s:o, s:o, s:s, s:o}", "run",
        c->runs[row->run].letter, "case", xb_json_text(ours->cases[row->case_a].name),
        "case_of_run", xb_json_text(theirs->cases[row->case_b].name), "guest",
        xb_json_text(ours->guests[row->guest_a].name), "metric",
        xb_json_text(xb_report_metric(row->a)), "unit", xb_json_text(xb_report_unit(row->a)),
        "better", xb_report_better(row->a), "baseline", xb_json_stats(&row->a->value), "compared",
        xb_json_stats(&row->b->value), "baseline_failed", (int)row->a->failed, "compared_failed",
        (int)row->b->failed, "change", change_json(row), "test", test_json(row), "verdict",
        xb_verdict_words[row->verdict], "why", xb_json_text(row->why));
}

static json_t *gate_json(const struct xb_gate *gate, const struct xb_comparison *c)
{
    json_t *failed = json_array();
    for (size_t i = 0; i < c->row_count; i++)
        if (xb_gate_fails(gate, &c->rows[i]))
            json_array_append_new(failed, json_integer((json_int_t)i));
    return json_pack("{s:o, s:b, s:o}", "condition", xb_json_text(gate->text), "passed",
                     json_array_size(failed) == 0, "failed_comparisons", failed);
}

json_t *xb_compare_json(const struct xb_compare_out *out)
{
    const struct xb_comparison *c = out->c;
    json_t *runs = json_array(), *rows = json_array(), *gates = json_array();
    for (size_t i = 0; i < c->run_count; i++)
        json_array_append_new(runs, run_json(&c->runs[i]));
    for (size_t i = 0; i < c->row_count; i++)
        json_array_append_new(rows, row_json(c, &c->rows[i]));
    for (size_t i = 0; i < out->gate_count; i++)
        json_array_append_new(gates, gate_json(&out->gates[i], c));
    return json_pack("{s:s, s:o, s:o, s:f, s:f, s:i, s:o, s:o, s:o}", "schema", XB_COMPARE_SCHEMA,
                     "runs", runs, "differs", texts(c->differs, c->differ_count), "confidence",
                     XB_COMPARE_CONFIDENCE, "power", XB_COMPARE_POWER, "tests", (int)c->tests,
                     "comparisons", rows, "not_compared", texts(c->alone, c->alone_count),
                     "conditions", gates);
}
