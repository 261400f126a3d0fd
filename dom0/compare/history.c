/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history.h"

#include "alloc.h"
#include "base.h"
#include "history_model.h"
#include "report_page.h"

#include <stdio.h>

static int put_page(const struct xb_history_model *h, const struct xb_history_request *request,
                    struct xb_err *err)
{
    struct xb_page page = {
        .format = request->format, .title = h->experiment, .what = "the history"};
    if (page.format == XB_REPORT_JSON)
        page.json = xb_need(xb_history_json(h));
    else
        xb_history_doc(&page.doc, h);
    return xb_page_put(&page, request->output, err);
}

int xb_history(struct xb_app *app, const struct xb_history_request *request, struct xb_err *err)
{
    struct xb_history_model h;
    int r = xb_history_load(&h, app, request, err);
    if (r == 0 && h.run_count == 0)
        r = xb_fail(err, XB_E_INPUT, 0, "no run of `%s` has a figure", h.experiment);
    if (r == 0)
        r = put_page(&h, request, err);
    xb_history_free(&h);
    return r;
}
