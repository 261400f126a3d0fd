/* The chart of the figures. */
#include "base.h"
#include "json_text.h"
#include "report_chart.h"
#include "report_json.h"

json_t *xb_chart_member(json_t *spec, const char *list, size_t index)
{
    return json_array_get(json_object_get(spec, list), index);
}

/*
 * A band per case, with a lane per guest; points are samples, a bar marks their median.
 */
static const char spec_text[] =
    "{\"$schema\":\"https://vega.github.io/schema/vega/v5.json\",\"width\":640,\"padding\":5,"
    "\"data\":[{\"name\":\"points\"},"
    "{\"name\":\"medians\",\"source\":\"points\",\"transform\":[{\"type\":\"aggregate\","
    "\"groupby\":[\"case\",\"guest\"],"
    "\"fields\":[\"value\"],\"ops\":[\"median\"],\"as\":[\"median\"]}]}],"
    "\"scales\":["
    "{\"name\":\"x\",\"type\":\"linear\",\"domain\":{\"data\":\"points\",\"field\":\"value\"},"
    "\"range\":\"width\",\"zero\":true,"
    "\"nice\":true},"
    "{\"name\":\"y\",\"type\":\"band\",\"range\":\"height\",\"padding\":0.15},"
    "{\"name\":\"lane\",\"type\":\"band\",\"range\":[0,{\"signal\":\"bandwidth('y')\"}]},"
    "{\"name\":\"colour\",\"type\":\"ordinal\",\"range\":{\"scheme\":\"tableau10\"}}],"
    "\"axes\":[{\"orient\":\"bottom\",\"scale\":\"x\",\"grid\":true},"
    "{\"orient\":\"left\",\"scale\":\"y\",\"labelLimit\":260,\"ticks\":false}],"
    "\"legends\":[{\"stroke\":\"colour\",\"symbolType\":\"circle\",\"title\":\"guest\"}],"
    "\"marks\":["
    "{\"type\":\"symbol\",\"from\":{\"data\":\"points\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"field\":\"value\"},"
    "\"y\":{\"scale\":\"y\",\"field\":\"case\",\"offset\":{\"scale\":\"lane\",\"field\":\"guest\","
    "\"band\":0.5}},"
    "\"stroke\":{\"scale\":\"colour\",\"field\":\"guest\"},\"size\":{\"value\":45},\"strokeWidth\":"
    "{\"value\":1.5},"
    "\"tooltip\":{\"signal\":\"{case: datum.case, guest: datum.guest, repetition: datum.repetition "
    "+ 1, value: datum.value}\"}"
    "}}},"
    "{\"type\":\"rect\",\"from\":{\"data\":\"medians\"},\"encode\":{\"enter\":{"
    "\"x\":{\"scale\":\"x\",\"field\":\"median\",\"offset\":-1.5},\"width\":{\"value\":3},"
    "\"y\":{\"scale\":\"y\",\"field\":\"case\",\"offset\":{\"scale\":\"lane\",\"field\":\"guest\","
    "\"band\":0.1}},"
    "\"height\":{\"scale\":\"lane\",\"band\":0.8},\"fill\":{\"scale\":\"colour\",\"field\":"
    "\"guest\"}}}}]}";

json_t *xb_chart_samples(const struct xb_model *m)
{
    json_t *spec = json_loads(spec_text, 0, NULL), *cases = json_array(), *guests = json_array();
    for (size_t c = 0; c < m->case_count; c++)
        json_array_append_new(cases, xb_json_text(m->cases[c].name));
    for (size_t g = 0; g < m->guest_count; g++)
        json_array_append_new(guests, xb_json_text(m->guests[g].name));
    json_object_set_new(
        spec, "height",
        json_integer((json_int_t)m->case_count * (24 + 18 * (json_int_t)m->guest_count)));
    json_object_set_new(xb_chart_member(spec, "data", 0), "values", xb_report_points(m));
    json_object_set_new(xb_chart_member(spec, "scales", 1), "domain", cases);
    json_object_set(xb_chart_member(spec, "scales", 2), "domain", guests);
    json_object_set_new(xb_chart_member(spec, "scales", 3), "domain", guests);
    json_object_set_new(xb_chart_member(spec, "axes", 0), "title",
                        xb_json_text(m->run.metric ? m->run.metric : "time in seconds"));
    return spec;
}
