/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest.h"

#include "base.h"
#include "files.h"
#include "host.h"
#include "interrupt.h"
#include "json_text.h"
#include "outfile.h"
#include "selftest_i.h"
#include "selftest_record.h"
#include "xen.h"

#include <string.h>

static int print_json(const void *arg, FILE *out, struct xb_err *err)
{
    if (!arg || json_dumpf(arg, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0)
        return xb_fail(err, XB_E_HOST, 0, "the self-test cannot be written as JSON");
    fputc('\n', out);
    return 0;
}

/* Tell what is known, also where the self-test failed: the JSON then says why. */
static int tell(const struct xb_selftest *test, int status, struct xb_err *err)
{
    const char *json = test->options->json;
    bool to_stdout = json && strcmp(json, "-") == 0;
    if (test->bench.count > 0 && !to_stdout) {
        putchar('\n');
        xb_bench_print(&test->bench, stdout);
    }
    if (!json)
        return 0;
    xb_auto_json json_t *all =
        json_pack("{s:s, s:b, s:o, s:O, s:o}", "schema", "xenbench-selftest/1", "passed",
                  status == 0, "failed", status == 0 ? json_null() : xb_json_text(err->msg),
                  "steps", test->steps, "rows", xb_bench_json(&test->bench));
    struct xb_err why = {0};
    if (xb_outfile_print(to_stdout ? NULL : json, "the self-test", print_json, all, &why) < 0)
        return xb_fail_also(err, &why);
    return 0;
}

static int go_through(struct xb_selftest *test, struct xb_err *err)
{
    if (xb_selftest_dir(test->app, test->dir, sizeof(test->dir), err) < 0 ||
        xb_make_dirs(test->dir, err) < 0 || xb_selftest_steps(test, err) < 0)
        return -1;
    return test->options->bench ? xb_selftest_bench(test, err) : 0;
}

static int with_record(struct xb_selftest *test, struct xb_err *err)
{
    struct xb_err why = {0};
    int lock_fd = xb_selftest_record_begin(test->app, xb_selftest_guests,
                                           xb_selftest_guest_count(test), &test->record, err);
    if (lock_fd < 0)
        return -1;
    int status = go_through(test, err);
    xb_progress_end(&test->progress);
    if (xb_selftest_record_end(test->app, lock_fd, &why) < 0)
        status = xb_fail_also(err, &why);
    return status;
}

/* What would fail later, or disturb somebody. */
static int check(struct xb_app *app, const struct xb_selftest_options *options, struct xb_err *err)
{
    char path[PATH_MAX];
    pid_t owner;
    if (!xb_xen_get(app, err))
        return -1;
    if (xb_host_recorded(app, &owner) && owner)
        return xb_fail(err, XB_E_HOST, 0,
                       "a run is under way, which this would disturb: process %d", owner);
    return options->bench ? xb_app_program(app, XB_SELFTEST_RAW, path, err) : 0;
}

int xb_selftest(struct xb_app *app, const struct xb_selftest_options *options, struct xb_err *err)
{
    struct xb_selftest test = {
        .app = app,
        .options = options,
        .stop_fd = xb_interrupt_open(err),
        .steps = json_array(),
    };
    if (test.stop_fd < 0)
        return -1;
    xb_progress_begin(&test.progress, options->quiet);
    int status = check(app, options, err) < 0 ? -1 : with_record(&test, err);
    if (tell(&test, status, err) < 0)
        status = -1;
    json_decref(test.record);
    xb_bench_clear(&test.bench);
    json_decref(test.steps);
    xb_interrupt_take(test.stop_fd);
    xb_interrupt_close(test.stop_fd);
    return status;
}
