/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_about.h"

#include "alloc.h"
#include "base.h"
#include "files.h"
#include "outfile.h"

#include <string.h>

#define KHZ_MIN 1
#define KHZ_MAX 1e8

int xb_trace_about_keep(const char *trace, double tsc_khz, json_t *domains, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    xb_auto_free char *path = xb_asprintf("%s.json", trace);
    xb_auto_json json_t *about =
        xb_need(json_pack("{s:s, s:f, s:O}", "schema", XB_TRACE_ABOUT_SCHEMA, "tsc_khz", tsc_khz,
                          "domains", domains));
    xb_auto_free char *text = xb_need(json_dumps(about, JSON_INDENT(1)));
    if (xb_outfile_open(&file, path, 0666, true, NULL, err) < 0 ||
        xb_outfile_write(&file, text, strlen(text), err) < 0 ||
        xb_outfile_write(&file, "\n", 1, err) < 0)
        return xb_fail_context(err, "%s", path);
    return xb_newfile_show(&file, err);
}

static int check(const char *path, const json_t *about, struct xb_err *err)
{
    const char *schema = json_string_value(json_object_get(about, "schema")), *domid;
    json_t *name, *domains = json_object_get(about, "domains");
    double khz = xb_trace_about_khz(about);
    if (!schema || strcmp(schema, XB_TRACE_ABOUT_SCHEMA) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s: its `schema` is not %s", path,
                       XB_TRACE_ABOUT_SCHEMA);
    if (!(khz >= KHZ_MIN && khz <= KHZ_MAX))
        return xb_fail(err, XB_E_INPUT, 0, "%s: `tsc_khz` is no number from %d to %g", path,
                       KHZ_MIN, KHZ_MAX);
    json_object_foreach(domains, domid, name) if (!json_is_string(name)) return xb_fail(
        err, XB_E_INPUT, 0, "%s: a name in `domains` is no text", path);
    return 0;
}

int xb_trace_about_load(const char *trace, json_t **out, struct xb_err *err)
{
    xb_auto_free char *path = xb_asprintf("%s.json", trace);
    json_error_t why;
    *out = NULL;
    if (access(path, F_OK) < 0)
        return 0;
    xb_auto_json json_t *about = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!about)
        return xb_fail(err, XB_E_INPUT, 0, "%s:%d: %s", path, why.line, why.text);
    if (check(path, about, err) < 0)
        return -1;
    *out = xb_steal_ptr(&about);
    return 0;
}

double xb_trace_about_khz(const json_t *about)
{
    return json_number_value(json_object_get(about, "tsc_khz"));
}

const char *xb_trace_about_name(const json_t *about, uint16_t domid)
{
    char key[8];
    snprintf(key, sizeof(key), "%u", domid);
    return json_string_value(json_object_get(json_object_get(about, "domains"), key));
}
