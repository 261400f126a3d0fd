/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_model.h"

#include "alloc.h"
#include "base.h"
#include "report_page.h"

#include <jansson.h>
#include <stdio.h>

static int put_page(const struct xb_fleet *f, const struct xb_fleet_request *request,
                    struct xb_err *err)
{
    struct xb_page page = {.format = request->format, .title = f->exp->name, .what = "the report"};
    if (page.format == XB_REPORT_JSON)
        page.json = xb_need(xb_fleet_json(f));
    else
        xb_fleet_doc(&page.doc, f);
    return xb_page_put(&page, request->output, err);
}

int xb_fleet_report(struct xb_app *app, const struct xb_fleet_request *request, struct xb_err *err)
{
    struct xb_fleet f = {.count = 0};
    int r = xb_fleet_load(&f, app, request, err);
    if (r == 0) {
        xb_fleet_find_kinds(&f);
        xb_fleet_judge(&f);
        xb_fleet_find_levels(&f);
        r = put_page(&f, request, err);
    }
    xb_fleet_free(&f);
    return r;
}
