#include "report_chart.h"

#include "base.h"
#include "report_json.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#define VEGA_DIR "/usr/share/javascript/vega"
#define PART_MAX (1024 * 1024)

/* Vega as Debian ships it, in parts: each before those that need it. */
static const struct {
    const char *module, *file;
} parts[] = {
    {"vega-util", "vega-util"},
    {"vega-time", "vega-time"},
    {"vega-format", "vega-format"},
    {"vega-loader", "vega-loader"},
    {"vega-dataflow", "vega-dataflow"},
    {"vega-scale", "vega-scale"},
    {"vega-canvas", "vega-canvas"},
    {"vega-scenegraph", "vega-scenegraph"},
    {"vega-expression", "vega-expression"},
    {"vega-statistics", "vega-statistics"},
    {"vega-selections", "vega-selection"},
    {"vega-functions", "vega-functions"},
    {"vega-runtime", "vega-runtime"},
    {"vega-event-selector", "vega-event-selector"},
    {"vega-parser", "vega-parser"},
    {"vega-view", "vega-view"},
    {"vega-transforms", "vega-transforms"},
    {"vega-view-transforms", "vega-view-transforms"},
    {"vega-encode", "vega-encode"},
};

/* The parts expect a module loader; this is all of one that they use. */
static const char loader[] = "<script>\n"
                             "\"use strict\";\n"
                             "const vegaParts = {};\n"
                             "function vegaPart(name, body) {\n"
                             "  const module = {exports: {}};\n"
                             "  body(module, module.exports, (wanted) => vegaParts[wanted]);\n"
                             "  vegaParts[name] = module.exports;\n"
                             "}\n"
                             "</script>\n";

static const char drawing[] =
    "Object.assign(vegaParts[\"vega-dataflow\"].transforms, vegaParts[\"vega-transforms\"],\n"
    "              vegaParts[\"vega-view-transforms\"], vegaParts[\"vega-encode\"]);\n"
    "new vegaParts[\"vega-view\"].View(vegaParts[\"vega-parser\"].parse(spec),\n"
    "  {renderer: \"svg\", container: \"#chart\", hover: true}).runAsync();\n";

/*
 * The text of a part, to free; NULL where it is not there, or holds what would end the script
 * early.
 */
static char *read_part(const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), VEGA_DIR "/%s.min.js", file);
    xb_auto_fclose FILE *in = fopen(path, "re");
    char *text = in ? malloc(PART_MAX + 1) : NULL;
    if (!text)
        return NULL;
    size_t n = fread(text, 1, PART_MAX, in);
    text[n] = '\0';
    if (n == PART_MAX || strcasestr(text, "</script") || strstr(text, "<!--")) {
        free(text);
        return NULL;
    }
    char *map = strstr(text, "//# sourceMappingURL");
    if (map)
        *map = '\0';
    return text;
}

static bool write_parts(FILE *out)
{
    char *text[XB_ARRAY_LEN(parts)] = {NULL};
    bool all = true;
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++)
        all = all && (text[i] = read_part(parts[i].file));
    if (all)
        fputs(loader, out);
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        if (all)
            fprintf(
                out,
                "<script>vegaPart(\"%s\", function (module, exports, require) {\n%s});</script>\n",
                parts[i].module, text[i]);
        free(text[i]);
    }
    return all;
}

/*
 * The picture: a band per case, in it a lane per guest; points are samples, a bar is their median.
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

/* Where in the list is the scale, axis or data set of this name? */
static json_t *member(json_t *spec, const char *list, size_t index)
{
    return json_array_get(json_object_get(spec, list), index);
}

static json_t *build_spec(const struct xb_model *m)
{
    json_t *spec = json_loads(spec_text, 0, NULL), *cases = json_array(), *guests = json_array();
    for (size_t c = 0; c < m->case_count; c++)
        json_array_append_new(cases, xb_json_text(m->cases[c].name));
    for (size_t g = 0; g < m->guest_count; g++)
        json_array_append_new(guests, xb_json_text(m->guests[g].name));
    json_object_set_new(spec, "height",
                        json_integer((json_int_t)(m->case_count * (24 + 18 * m->guest_count))));
    json_object_set_new(member(spec, "data", 0), "values", xb_report_points(m));
    json_object_set_new(member(spec, "scales", 1), "domain", cases);
    json_object_set(member(spec, "scales", 2), "domain", guests);
    json_object_set_new(member(spec, "scales", 3), "domain", guests);
    json_object_set_new(member(spec, "axes", 0), "title",
                        xb_json_text(m->metric ? m->metric : "time in seconds"));
    return spec;
}

/* JSON inside a script: no "<" may stand in it, so that no text can end it. */
static void write_json(const json_t *json, FILE *out)
{
    char *text xb_auto_free = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (const char *at = text ? text : "{}"; *at; at++) {
        if (*at == '<')
            fputs("\\u003c", out);
        else
            fputc(*at, out);
    }
}

bool xb_chart_write(const struct xb_model *model, FILE *out)
{
    if (!write_parts(out))
        return false;
    json_t *spec = build_spec(model);
    fputs("<script>\nconst spec = ", out);
    write_json(spec, out);
    fprintf(out, ";\n%s</script>\n", drawing);
    json_decref(spec);
    return true;
}
