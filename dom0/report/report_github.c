/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Medians as github-action-benchmark reads them, as its tool customSmallerIsBetter or
 * customBiggerIsBetter. A file holds figures of one kind, so there are two formats.
 */
#include "alloc.h"
#include "base.h"
#include "json_text.h"
#include "report_formats.h"
#include "report_words.h"

#include <math.h>
#include <string.h>

static json_t *entry_of(const struct xb_model *m, size_t case_no, size_t guest)
{
    const struct xb_group *g = xb_model_group(m, case_no, guest);
    char mad[XB_NUMBER_BYTES], interval[96];
    xb_auto_free char *series = xb_report_series(m, case_no, guest);
    xb_auto_free char *name = xb_asprintf("%s: %s", series, xb_report_metric(g));
    xb_auto_free char *range = xb_asprintf("± %s", xb_report_number(g->value.mad, mad));
    xb_report_interval(&g->value, interval, sizeof(interval));
    xb_auto_free char *extra = xb_asprintf("n = %zu%s%s\nrun %s", g->value.n,
                                           *interval ? "\nmedian in " : "", interval, m->run.id);
    return json_pack("{s:o, s:o, s:f, s:o, s:o}", "name", xb_json_text(name), "unit",
                     xb_json_text(xb_report_unit(g)), "value", g->value.median, "range",
                     xb_json_text(range), "extra", xb_json_text(extra));
}

static int write_sense(const struct xb_model *m, const char *better, const char *other, FILE *out,
                       struct xb_err *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_group *g = &m->groups[i];
        if (g->role == XB_ROLE_MEASURED && g->value.n > 0 && isfinite(g->value.median) &&
            strcmp(xb_report_better(g), better) == 0)
            json_array_append_new(list, entry_of(m, i / m->guest_count, i % m->guest_count));
    }
    if (json_array_size(list) == 0) {
        json_decref(list);
        return xb_fail(err, XB_E_INPUT, 0,
                       "run %.8s has no figure of which %s is better: try --format=%s", m->run.id,
                       better, other);
    }
    xb_report_dump(list, out);
    return 0;
}

int xb_report_github_smaller_write(const struct xb_report *r, FILE *out, struct xb_err *err)
{
    return write_sense(r->m, "less", "github-bigger", out, err);
}

int xb_report_github_bigger_write(const struct xb_report *r, FILE *out, struct xb_err *err)
{
    return write_sense(r->m, "more", "github-smaller", out, err);
}
