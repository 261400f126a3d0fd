/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "base.h"
#include "compare_out.h"
#include "outfile.h"
#include "report_page.h"

#include <errno.h>
#include <stdio.h>

static int put_page(const struct xb_compare_out *out, const struct xb_compare_request *request,
                    struct xb_err *err)
{
    struct xb_page page = {
        .format = request->format, .title = "Comparison", .what = "the comparison"};
    if (page.format == XB_REPORT_JSON)
        page.json = xb_need(xb_compare_json(out));
    else
        xb_compare_doc(&page.doc, out);
    return xb_page_put(&page, request->output, err);
}

static int print_junit(const void *arg, FILE *file, struct xb_err *err XB_UNUSED)
{
    xb_compare_junit(arg, file);
    return 0;
}

static int write_all(const struct xb_compare_out *out, const struct xb_compare_request *request,
                     struct xb_err *err)
{
    if (put_page(out, request, err) < 0)
        return -1;
    return request->junit ? xb_outfile_print(request->junit, "JUnit's file", print_junit, out, err)
                          : 0;
}

static int judge_gates(const struct xb_compare_out *out, struct xb_err *err)
{
    for (size_t g = 0; g < out->gate_count; g++) {
        size_t failed = 0;
        for (size_t i = 0; i < out->c->row_count; i++)
            failed += xb_gate_fails(&out->gates[g], &out->c->rows[i]);
        if (failed > 0)
            return xb_fail(err, XB_E_BENCH, 0, "--fail-if '%s': %zu of %zu comparisons are worse",
                           out->gates[g].text, failed, out->c->row_count);
    }
    /* A condition that no row could meet must not look as if it had been checked. */
    for (size_t g = 0; g < out->gate_count; g++)
        if (xb_gate_check(&out->gates[g], out->c, true, err) < 0)
            return -1;
    return 0;
}

static int compare(struct xb_comparison *c, struct xb_gate *gates, struct xb_app *app,
                   const struct xb_compare_request *request, struct xb_err *err)
{
    const struct xb_compare_out out = {c, gates, request->condition_count};
    for (size_t i = 0; i < request->condition_count; i++)
        if (xb_gate_read(&gates[i], request->conditions[i], err) < 0)
            return -1;
    if (xb_compare_load(c, app, request, err) < 0 || xb_compare_match(c, request, err) < 0)
        return -1;
    for (size_t i = 0; i < request->condition_count; i++)
        if (xb_gate_check(&gates[i], c, false, err) < 0)
            return -1;
    xb_compare_differs(c);
    xb_compare_judge(c);
    return write_all(&out, request, err) < 0 ? -1 : judge_gates(&out, err);
}

int xb_compare(struct xb_app *app, const struct xb_compare_request *request, struct xb_err *err)
{
    struct xb_comparison c = {0};
    xb_auto_free struct xb_gate *gates = xb_calloc(request->condition_count + 1, sizeof(*gates));
    int r = compare(&c, gates, app, request, err);
    xb_compare_free(&c);
    return r;
}
