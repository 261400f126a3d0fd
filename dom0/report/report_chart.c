#include "report_chart.h"

#include "alloc.h"
#include "base.h"

#include <limits.h>
#include <string.h>

#define VEGA_DIR "/usr/share/javascript/vega"
#define PART_MAX XB_MIB

/* Vega's modules as Debian ships them, each before the modules that need it. */
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

/* Vega's modules expect a module loader; this one does no more than they use. */
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
    "for (const name of Object.keys(specs))\n"
    "  new vegaParts[\"vega-view\"].View(vegaParts[\"vega-parser\"].parse(specs[name]),\n"
    "    {renderer: \"svg\", container: \"#chart-\" + name, hover: true}).runAsync();\n";

/*
 * A module's text, to free; NULL where the file is missing, or holds text that would end the script
 * early.
 */
static char *read_part(const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), VEGA_DIR "/%s.min.js", file);
    xb_auto_fclose FILE *in = fopen(path, "re");
    if (!in)
        return NULL;
    char *text = xb_malloc(PART_MAX + 1);
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

/* JSON inside a script: "<" is escaped, so that no text can end the script. */
static void write_json(const json_t *json, FILE *out)
{
    xb_auto_free char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (const char *at = text ? text : "{}"; *at; at++) {
        if (*at == '<')
            fputs("\\u003c", out);
        else
            fputc(*at, out);
    }
}

bool xb_charts_write(const json_t *specs, FILE *out)
{
    if (!write_parts(out))
        return false;
    fputs("<script>\nconst specs = ", out);
    write_json(specs, out);
    fprintf(out, ";\n%s</script>\n", drawing);
    return true;
}

void xb_charts_excuse(FILE *out)
{
    fputs("<p>The charts are missing: Vega (Debian's libjs-vega) was not installed where this "
          "report was made.</p>\n",
          out);
}

bool xb_chart_write(const struct xb_model *model, FILE *out)
{
    static const struct {
        const char *name;
        json_t *(*spec)(const struct xb_model *m);
    } charts[] = {
        {XB_CHART_SAMPLES, xb_chart_samples},
        {XB_CHART_TIMELINE, xb_chart_timeline},
        {XB_CHART_WAITS, xb_chart_waits},
    };
    json_t *specs = json_object();
    for (size_t i = 0; i < XB_ARRAY_LEN(charts); i++) {
        json_t *spec = charts[i].spec(model);
        if (spec)
            json_object_set_new(specs, charts[i].name, spec);
    }
    bool written = xb_charts_write(specs, out);
    json_decref(specs);
    return written;
}
