/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench trace: reduces a file of xentrace(8), or a trace taken now. */
#include "base.h"
#include "commands.h"
#include "interrupt.h"
#include "trace_about.h"
#include "trace_capture.h"
#include "trace_events.h"
#include "trace_json.h"
#include "xen_host.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_EVENTS };
static const char *const format_words[] = {"table", "json", "trace-events", NULL};

struct request {
    struct xb_words file;
    double khz;
    enum format format;
    bool histogram;
    uint64_t take_ns; /* not 0: take a trace for this time */
    const char *keep;
    json_t *about; /* FILE's description (trace_about.h) */
    struct xb_trace_events events;
};

static void take_khz(struct argp_state *state, char *value, void *out)
{
    struct request *o = out;
    char *end;
    o->khz = strtod(value, &end);
    if (*end || !(o->khz >= 1 && o->khz <= 1e8))
        argp_error(state, "--khz=%s: cycles per millisecond were expected, such as 2400000", value);
}

static const struct xb_opt rows[] = {
    OPT_SECONDS(struct request, take_ns, "take", "Take a trace now, for this time or until Ctrl-C"),
    OPT_STRING(struct request, keep, "keep", 0, "FILE", "With --take: keep the trace in FILE"),
    OPT_CALL(
        take_khz, "khz", 0, "N",
        "The rate of the CPU's time stamp counter (default: as FILE.json says, or from Xen, in "
        "Dom0 alone)"),
    OPT_WORD(struct request, format, "format", format_words, FORMAT_TABLE,
             "The output's format (default: table); trace-events: where each vcpu was, as Chrome "
             "trace events, for Perfetto"),
    OPT_TRUE(struct request, histogram, "histogram", 0,
             "Also show how long each vcpu waited for a CPU, in classes"),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    const struct request *o = out;
    if (!o->file.count && !o->take_ns)
        argp_error(state, "which file? `xentrace -e 0x00021000 FILE` makes one; or "
                          "--take=SECONDS");
    if (o->file.count && o->take_ns)
        argp_error(state, "a FILE or --take: one of the two");
    if (o->keep && !o->take_ns)
        argp_error(state, "--keep goes with --take");
}

const struct xb_opts xb_opts_trace = {
    .rows = rows,
    .words = OPT_WORDS(struct request, file, 0, 1, NULL),
    .check = check,
    .args = "FILE\n--take SECONDS",
    .doc = "Reduce a trace that xentrace(8) wrote, or one that is taken now: how long each vcpu "
           "ran, on which CPU, how long it was runnable without a CPU, and how long it took to get "
           "one after each wake.\v"
           "`xenbench run --trace` does this by itself for the window of each cell. Only runstate "
           "changes are needed: `xentrace -e 0x00021000 FILE` records no more.",
};

/* Read what is known about the file, and the rate of its clock unless the user gave one. */
static int read_about(struct xb_app *app, struct request *o, struct xb_err *err)
{
    struct xb_err unused = {0};
    struct xb_xen_machine machine;
    if (xb_trace_about_load(o->file.v[0], &o->about, err) < 0)
        return -1;
    o->events.about = o->about;
    if (o->khz == 0)
        o->khz = xb_trace_about_khz(o->about);
    if (o->khz > 0)
        return 0;
    struct xb_xen *xen = xb_xen_get(app, &unused);
    if (!xen || xb_xen_machine(xen, &machine) != 0 || machine.cpu_khz == 0)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "the trace does not have the rate of its clock: give --khz=N (cpu_mhz of `xl "
            "info` on the host that made the trace, times 1000)");
    o->khz = (double)machine.cpu_khz;
    return 0;
}

/* Reduce a trace, and with --format=trace-events write its events meanwhile. */
static int reduce(struct request *o, const void *bytes, size_t size, struct xb_trace_span *span,
                  struct xb_trace_sum *out, struct xb_err *err)
{
    if (o->format == FORMAT_EVENTS)
        span->slice = xb_trace_events_slice;
    span->slice_arg = &o->events;
    return xb_trace_reduce(bytes, size, span, out, err);
}

static int reduce_file(struct xb_app *app, struct request *o, struct xb_trace_sum *out,
                       struct xb_err *err)
{
    struct stat st;
    if (read_about(app, o, err) < 0)
        return -1;
    const char *file = o->file.v[0];
    struct xb_trace_span span = {.tsc_khz = o->khz, .to_tsc = UINT64_MAX};
    xb_auto_close int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "cannot read the trace %s", file);
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is %s", file,
                       S_ISREG(st.st_mode) ? "empty" : "no file");
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return xb_fail(err, XB_E_INPUT, errno, "cannot read the trace %s", file);
    int r = reduce(o, bytes, (size_t)st.st_size, &span, out, err);
    munmap(bytes, (size_t)st.st_size);
    return r < 0 ? xb_fail_context(err, "%s", file) : 0;
}

/* Wait until the time is up or a stop signal comes. */
static int wait_for(uint64_t ns, struct xb_err *err)
{
    int stop_fd = xb_interrupt_open(err);
    if (stop_fd < 0)
        return -1;
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    struct timespec left = xb_timespec(ns);
    ppoll(&stop, 1, &left, NULL);
    xb_interrupt_take(stop_fd); /* the signal ends the wait, and not xenbench */
    xb_interrupt_close(stop_fd);
    return 0;
}

static int take_trace(struct xb_app *app, struct request *o, struct xb_trace_sum *out,
                      struct xb_err *err)
{
    struct xb_capture *capture;
    struct xb_captured taken;
    if (xb_capture_start(&capture, app, err) < 0)
        return -1;
    struct xb_tsc_mark from = xb_tsc_mark_now();
    int r = wait_for(o->take_ns, err);
    struct xb_tsc_mark to = xb_tsc_mark_now();
    if (xb_capture_stop(capture, &taken, err) < 0)
        return -1;
    struct xb_trace_span span = {
        .tsc_khz = (double)(to.tsc - from.tsc) * 1e6 / (double)(to.mono_ns - from.mono_ns),
        .from_tsc = from.tsc,
        .to_tsc = taken.full ? taken.full_tsc : to.tsc,
    };
    if (r == 0 && o->keep)
        r = xb_captured_keep(&taken, o->keep, err);
    if (r == 0)
        r = reduce(o, taken.bytes, taken.size, &span, out, err);
    if (taken.full)
        fputs("xenbench: the trace got too large for Dom0's memory; this is its beginning\n",
              stderr);
    xb_captured_free(&taken);
    return r;
}

static void show(struct request *o, const struct xb_trace_sum *sum)
{
    if (o->format == FORMAT_JSON) {
        json_t *json = xb_trace_sum_json(sum);
        json_dumpf(json, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(json);
    } else if (o->format == FORMAT_EVENTS) {
        xb_trace_events_end(&o->events, sum);
    } else {
        xb_trace_sum_text(sum, o->histogram, stdout);
    }
}

int xb_cmd_trace(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.events.out = stdout};
    struct xb_trace_sum sum;
    xb_opts_parse(&xb_opts_trace, argc, argv, &o);
    int r =
        o.take_ns ? take_trace(app, &o, &sum, &app->err) : reduce_file(app, &o, &sum, &app->err);
    if (r == 0) {
        show(&o, &sum);
        xb_trace_sum_free(&sum);
    }
    json_decref(o.about);
    return (int)app->err.class;
}
