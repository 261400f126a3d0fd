/* How long vcpus waited for a CPU, from Xen's traces, as histograms. */
#include "base.h"
#include "json_text.h"
#include "report_chart.h"
#include "report_check.h"

#include <string.h>

/* More rows than this are too high for a page; the tables and results.json have them. */
#define ROWS_MAX 60

/*
 * A band per domain and case: over classes of time, each twice as wide as the one before, the part
 * of all waits in each class. Waits after a wake are filled; all waits are an outline.
 */
static const char spec_text[] =
    "{\"$schema\":\"https://vega.github.io/schema/vega/v5.json\",\"width\":640,\"padding\":5,"
    "\"data\":[{\"name\":\"waits\"}],"
    "\"scales\":["
    "{\"name\":\"x\",\"type\":\"log\",\"base\":10,\"range\":\"width\",\"domain\":{\"fields\":["
    "{\"data\":\"waits\",\"field\":\"from\"},{\"data\":\"waits\",\"field\":\"to\"}]}},"
    "{\"name\":\"y\",\"type\":\"band\",\"range\":\"height\",\"padding\":0.15},"
    "{\"name\":\"colour\",\"type\":\"ordinal\",\"range\":{\"scheme\":\"tableau10\"},"
    "\"domain\":[\"wake to run\",\"all waits\"]}],"
    "\"axes\":[{\"orient\":\"bottom\",\"scale\":\"x\",\"grid\":true,\"format\":\"~s\",\"title\":\"seconds\"},"
    "{\"orient\":\"left\",\"scale\":\"y\",\"labelLimit\":260,\"ticks\":false}],"
    "\"legends\":[{\"fill\":\"colour\",\"title\":\"part of\"}],"
    "\"marks\":["
    "{\"type\":\"rect\",\"from\":{\"data\":\"waits\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"field\":\"from\"},\"x2\":{\"scale\":\"x\",\"field\":\"to\"},"
    "\"y\":{\"signal\":\"scale('y', datum.row) + bandwidth('y') * (1 - datum.part)\"},"
    "\"y2\":{\"signal\":\"scale('y', datum.row) + bandwidth('y')\"},"
    "\"fill\":{\"scale\":\"colour\",\"field\":\"kind\"},\"stroke\":{\"scale\":\"colour\",\"field\":\"kind\"},"
    "\"fillOpacity\":{\"signal\":\"datum.kind == 'all waits' ? 0 : 0.6\"},\"strokeWidth\":{\"value\":1.5},"
    "\"tooltip\":{\"signal\":\"{row: datum.row, of: datum.kind, from: format(datum.from, '.3~s') + 's', "
    "to: format(datum.to, '.3~s') + 's', times: datum.count, part: format(datum.part, '.1%')}\"}}}}]}";

static json_t *row_name(const struct xb_model *m, const struct xb_check_trace *t)
{
    char name[240];
    snprintf(name, sizeof(name), "%.160s: %.64s",
             t->case_no < m->case_count ? m->cases[t->case_no].name : "", t->domain);
    return xb_json_text(name);
}

static void put_classes(json_t *values, const struct xb_model *m, const struct xb_check_trace *t,
                        int kind)
{
    static const char *const words[] = {"wake to run", "all waits"};
    const struct xb_check_waits *waits = &t->waits[kind];
    for (size_t i = 0; i < XB_WAIT_CLASSES - 1; i++)
        if (waits->classes[i] > 0)
            json_array_append_new(
                values,
                json_pack("{s:o, s:s, s:f, s:f, s:I, s:f}", "row", row_name(m, t), "kind",
                          words[kind], "from", (double)(UINT64_C(1) << i) / 1e9, "to",
                          (double)(UINT64_C(2) << i) / 1e9, "count", (json_int_t)waits->classes[i],
                          "part", (double)waits->classes[i] / (double)waits->count));
}

json_t *xb_chart_waits(const struct xb_model *m)
{
    json_t *values = json_array(), *rows = json_array();
    for (size_t i = 0; i < m->checks->trace_count && json_array_size(rows) < ROWS_MAX; i++) {
        const struct xb_check_trace *t = &m->checks->trace[i];
        if (t->waits[XB_WAIT_ALL].count == 0)
            continue;
        json_array_append_new(rows, row_name(m, t));
        for (int kind = XB_WAIT_KINDS - 1; kind >= 0; kind--)
            put_classes(values, m, t, kind);
    }
    if (json_array_size(values) == 0) {
        json_decref(values);
        json_decref(rows);
        return NULL;
    }
    json_t *spec = json_loads(spec_text, 0, NULL);
    json_object_set_new(spec, "height", json_integer(40 * (json_int_t)json_array_size(rows)));
    json_object_set_new(xb_chart_member(spec, "data", 0), "values", values);
    json_object_set_new(xb_chart_member(spec, "scales", 1), "domain", rows);
    return spec;
}
