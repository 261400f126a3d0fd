/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history.h"

#include "alloc.h"
#include "base.h"
#include "history_model.h"
#include "outfile.h"
#include "report_page.h"
#include "streams.h"

#include <stdio.h>

static int write_page(const struct xb_history_model *h, enum xb_report_format format, FILE *file,
                      struct xb_err *err)
{
    if (format == XB_REPORT_JSON) {
        json_t *json = xb_need(xb_history_json(h));
        json_dumpf(json, file, JSON_INDENT(1));
        fputc('\n', file);
        json_decref(json);
    } else {
        struct xb_doc doc;
        xb_history_doc(&doc, h);
        xb_page_write(&doc, h->experiment, format, file);
        xb_doc_free(&doc);
    }
    return xb_stream_flush(file, "the history", err);
}

static int write_file(const struct xb_history_model *h, const struct xb_history_request *request,
                      struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_outfile_open(&file, request->output, 0666, true, NULL, err) < 0)
        return -1;
    xb_auto_fclose FILE *stream = xb_newfile_stream(&file, err);
    if (!stream)
        return -1;
    if (write_page(h, request->format, stream, err) < 0)
        return xb_fail_context(err, "%s", request->output);
    return xb_newfile_show(&file, err);
}

int xb_history(struct xb_app *app, const struct xb_history_request *request, struct xb_err *err)
{
    struct xb_history_model h;
    int r = xb_history_load(&h, app, request, err);
    if (r == 0 && h.run_count == 0)
        r = xb_fail(err, XB_E_INPUT, 0, "no run of `%s` has a figure", h.experiment);
    if (r == 0)
        r = request->output ? write_file(&h, request, err)
                            : write_page(&h, request->format, stdout, err);
    xb_history_free(&h);
    return r;
}
