/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times of measured jobs in the format of `hyperfine --export-json`, which hyperfine's scripts and
 * other tools read: a result for each case and guest. Times are in seconds.
 */
#include "base.h"
#include "json_text.h"
#include "report_formats.h"

#include <math.h>

static double mean_of(const struct xb_group *g, double (*figure)(const struct xb_sample_row *s))
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++) {
        double value = figure(g->points[i].sample);
        if (!isnan(value)) {
            sum += value;
            n++;
        }
    }
    return n ? sum / (double)n : 0;
}

static double user_of(const struct xb_sample_row *s)
{
    return s->user_s;
}

static double system_of(const struct xb_sample_row *s)
{
    return s->system_s;
}

/* Every sample with a time exited with status 0. */
static void put_times(const struct xb_group *g, json_t *result)
{
    json_t *times = json_array(), *codes = json_array();
    for (size_t i = 0; i < g->count; i++) {
        if (isnan(g->points[i].wall_s))
            continue;
        json_array_append_new(times, json_real(g->points[i].wall_s));
        json_array_append_new(codes, json_integer(0));
    }
    json_object_set_new(result, "times", times);
    json_object_set_new(result, "exit_codes", codes);
}

static json_t *result_of(const struct xb_model *m, size_t case_no, size_t guest)
{
    const struct xb_group *g = xb_model_group(m, case_no, guest);
    const struct xb_stats *s = &g->wall_s;
    xb_auto_free char *series = xb_report_series(m, case_no, guest);
    json_t *result = json_pack(
        "{s:o, s:f, s:o, s:f, s:f, s:f, s:f, s:f}", "command", xb_json_text(series), "mean",
        s->mean, "stddev", s->n > 1 ? json_real(s->stddev) : json_null(), "median", s->median,
        "user", mean_of(g, user_of), "system", mean_of(g, system_of), "min", s->min, "max", s->max);
    put_times(g, result);
    json_object_set_new(result, "parameters",
                        json_pack("{s:o, s:o}", "case", xb_json_text(m->cases[case_no].name),
                                  "guest", xb_json_text(m->guests[guest].name)));
    return result;
}

int xb_report_hyperfine_write(const struct xb_report *r, FILE *out, struct xb_err *err)
{
    const struct xb_model *m = r->m;
    json_t *results = json_array();
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].role == XB_ROLE_MEASURED && m->groups[i].wall_s.n > 0)
            json_array_append_new(results, result_of(m, i / m->guest_count, i % m->guest_count));
    if (json_array_size(results) == 0) {
        json_decref(results);
        return xb_fail(err, XB_E_INPUT, 0, "run %.8s has no time of a measured job", m->run.id);
    }
    xb_report_dump(json_pack("{s:o}", "results", results), out);
    return 0;
}
