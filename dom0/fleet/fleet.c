/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_model.h"

#include "alloc.h"
#include "base.h"
#include "outfile.h"
#include "report_page.h"
#include "streams.h"

#include <jansson.h>
#include <stdio.h>

static int write_page(const struct xb_fleet *f, enum xb_report_format format, FILE *file,
                      struct xb_err *err)
{
    if (format == XB_REPORT_JSON) {
        json_t *json = xb_need(xb_fleet_json(f));
        json_dumpf(json, file, JSON_INDENT(1));
        fputc('\n', file);
        json_decref(json);
    } else {
        struct xb_doc doc;
        xb_fleet_doc(&doc, f);
        xb_page_write(&doc, f->exp->name, format, file);
        xb_doc_free(&doc);
    }
    return xb_stream_flush(file, "the report", err);
}

static int write_file(const struct xb_fleet *f, const struct xb_fleet_request *request,
                      struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_outfile_open(&file, request->output, 0666, true, NULL, err) < 0)
        return -1;
    xb_auto_fclose FILE *stream = xb_newfile_stream(&file, err);
    if (!stream)
        return -1;
    if (write_page(f, request->format, stream, err) < 0)
        return xb_fail_context(err, "%s", request->output);
    return xb_newfile_show(&file, err);
}

int xb_fleet_report(struct xb_app *app, const struct xb_fleet_request *request, struct xb_err *err)
{
    struct xb_fleet f = {.count = 0};
    int r = xb_fleet_load(&f, app, request, err);
    if (r == 0) {
        xb_fleet_find_kinds(&f);
        xb_fleet_judge(&f);
        xb_fleet_find_levels(&f);
        r = request->output ? write_file(&f, request, err)
                            : write_page(&f, request->format, stdout, err);
    }
    xb_fleet_free(&f);
    return r;
}
