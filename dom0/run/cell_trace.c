/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell_trace.h"

#include "alloc.h"
#include "base.h"
#include "cell.h"
#include "files.h"
#include "json_text.h"
#include "trace_about.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* The trace's run time and Xen's count may differ by this plus a hundredth. */
#define COUNTS_DIFFER_NS (20 * XB_NS_PER_MS)

int xb_cell_trace_start(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    if (!run->xen || !run->traces)
        return 0;
    return xb_capture_start(&cell->trace.capture, run->app, err);
}

int xb_cell_trace_match(struct xb_cell *cell, uint32_t domid, uint32_t vcpu, uint64_t run_ns,
                        XB_UNUSED struct xb_err *err)
{
    struct xb_cell_trace *t = &cell->trace;
    if (!t->capture)
        return 0;
    *xb_append(&t->matches, &t->match_count) =
        (struct xb_trace_match){.domid = (uint16_t)domid, .vcpu = (uint16_t)vcpu, .xen_ns = run_ns};
    return 0;
}

static uint64_t tsc_at(const struct xb_cell_probe *p, uint64_t mono_ns)
{
    double khz =
        (double)(p->end.tsc - p->start.tsc) * 1e6 / (double)(p->end.mono_ns - p->start.mono_ns);
    int64_t after_ns = (int64_t)(mono_ns - p->start.mono_ns);
    return p->start.tsc + (uint64_t)(int64_t)((double)after_ns * khz / 1e6);
}

/*
 * The present state of a domain's vcpus. A vcpu without a record in the trace was in it throughout
 * the window.
 */
static size_t hints_of(const struct xb_cell *cell, uint32_t domid, struct xb_trace_hint *out,
                       size_t max)
{
    size_t count = 0;
    struct xb_vcpu_now now;
    for (uint32_t v = 0; count < max; v++) {
        if (!xb_vcpu_look(cell->run->xen, domid, v, &now))
            break;
        out[count++] = (struct xb_trace_hint){
            .domid = (uint16_t)domid,
            .vcpu = (uint16_t)v,
            .state = !now.online   ? XB_OFFLINE
                     : now.running ? XB_RUNNING
                     : now.blocked ? XB_BLOCKED
                                   : XB_RUNNABLE,
            .pcpu = now.pcpu,
        };
    }
    return count;
}

static const char *domain_name(void *arg, uint16_t domid)
{
    const struct xb_cell *cell = arg;
    if (domid == 0)
        return XB_DOM0;
    for (size_t g = 0; g < cell->run->count; g++)
        if (cell->run->guests[g].is_domain && cell->guests[g].domid == domid)
            return cell->run->guests[g].exp->name;
    return NULL;
}

struct reduction {
    struct xb_cell *cell;
    struct xb_captured taken;
    struct xb_trace_hint hints[XB_CPUS_MAX];
    struct xb_trace_span span;
};

/* The trace's run times between the two readings of Xen's counts. */
static int match(struct reduction *r, struct xb_err *err)
{
    const struct xb_cell_probe *p = &r->cell->probe;
    struct xb_cell_trace *t = &r->cell->trace;
    struct xb_trace_sum same;
    struct xb_trace_span span = r->span;
    span.from_tsc = p->start.tsc;
    span.to_tsc = p->end.tsc;
    if (xb_trace_reduce(r->taken.bytes, r->taken.size, &span, &same, err) < 0)
        return -1;
    size_t kept = 0;
    for (size_t i = 0; i < t->match_count; i++) {
        const struct xb_trace_vcpu *v =
            xb_trace_find(&same, t->matches[i].domid, t->matches[i].vcpu);
        if (!v || v->unknown_ns > 0)
            continue;
        t->matches[kept] = t->matches[i];
        t->matches[kept++].trace_ns = v->state_ns[XB_RUNNING];
    }
    t->match_count = kept;
    xb_trace_sum_free(&same);
    return 0;
}

static int judge_match(struct reduction *r, struct xb_err *err)
{
    struct xb_cell *cell = r->cell;
    uint64_t span_ns = cell->probe.end.mono_ns - cell->probe.start.mono_ns;
    for (size_t i = 0; i < cell->trace.match_count; i++) {
        const struct xb_trace_match *m = &cell->trace.matches[i];
        uint64_t apart =
            m->xen_ns > m->trace_ns ? m->xen_ns - m->trace_ns : m->trace_ns - m->xen_ns;
        if (apart <= COUNTS_DIFFER_NS + span_ns / 100)
            continue;
        const char *name = domain_name(cell, m->domid);
        struct xb_about about = xb_cell_about(cell, name ? name : "");
        if (xb_run_warn(cell->run, about, XB_WARN_TRACE_DIFFERS, err,
                        "cell %u: vcpu %u of %s ran %.3f s by the trace, %.3f s by Xen's "
                        "own count",
                        cell->row.cell + 1, m->vcpu, name ? name : "?", (double)m->trace_ns / 1e9,
                        (double)m->xen_ns / 1e9) < 0)
            return -1;
    }
    return 0;
}

static int judge_whole(struct reduction *r, const struct xb_trace_sum *sum, struct xb_err *err)
{
    struct xb_cell *cell = r->cell;
    struct xb_about about = xb_cell_about(cell, NULL);
    if (sum->counts.lost > 0 &&
        xb_run_warn(cell->run, about, XB_WARN_TRACE_LOST, err,
                    "cell %u: Xen dropped %" PRIu64 " records of the trace; the time that they "
                    "covered counts as unknown",
                    cell->row.cell + 1, sum->counts.lost) < 0)
        return -1;
    if (!r->taken.full)
        return 0;
    return xb_run_warn(cell->run, about, XB_WARN_TRACE_FULL, err,
                       "cell %u: the trace outgrew the %" PRIu64
                       " MiB that Dom0 has for it, so it lacks the end of the window",
                       cell->row.cell + 1, (uint64_t)r->taken.size >> 20);
}

/* Keep the domains' names with the trace: when somebody reads it, the guests are gone. */
static int keep_about(const struct reduction *r, const char *trace, struct xb_err *err)
{
    xb_auto_json json_t *domains = json_pack("{s:s}", "0", XB_DOM0);
    for (size_t g = 0; g < r->cell->run->count; g++) {
        char domid[16];
        /* A guest that was left out has no domain in this cell. */
        if (!r->cell->run->guests[g].is_domain || r->cell->guests[g].domid == 0)
            continue;
        snprintf(domid, sizeof(domid), "%u", r->cell->guests[g].domid);
        json_object_set_new(domains, domid, xb_json_text(r->cell->run->guests[g].exp->name));
    }
    return xb_trace_about_keep(trace, r->span.tsc_khz, domains, err);
}

static int keep_file(const struct reduction *r, struct xb_err *err)
{
    const char *dir = r->cell->run->options->keep_traces;
    char path[PATH_MAX];
    if (!dir)
        return 0;
    if (mkdir(dir, 0755) < 0 && errno != EEXIST && xb_make_dirs(dir, err) < 0)
        return -1;
    if (xb_path(path, sizeof(path), err, "%s/%.8s-cell-%u.%u.xentrace", dir, r->cell->run->id,
                r->cell->row.cell + 1, r->cell->row.attempt) < 0)
        return -1;
    if (xb_captured_keep(&r->taken, path, err) < 0)
        return -1;
    return keep_about(r, path, err);
}

/* The window of the figures: from the release to the last result. */
static int write_trace(struct reduction *r, struct xb_err *err)
{
    struct xb_cell *cell = r->cell;
    struct xb_trace_sum sum;
    r->span.from_tsc = tsc_at(&cell->probe, cell->release_ns);
    uint64_t whole_tsc = cell->probe.end.tsc - r->span.from_tsc;
    r->span.to_tsc = cell->probe.end.tsc;
    if (r->taken.full && r->taken.full_tsc < r->span.to_tsc)
        r->span.to_tsc =
            r->taken.full_tsc > r->span.from_tsc ? r->taken.full_tsc : r->span.from_tsc;
    if (xb_trace_reduce(r->taken.bytes, r->taken.size, &r->span, &sum, err) < 0)
        return -1;
    const struct xb_trace_kept kept = {
        .sum = &sum,
        .bytes = r->taken.size,
        .covered_ns = sum.span_ns,
        .span_ns = (uint64_t)((double)whole_tsc * 1e6 / r->span.tsc_khz),
        .wakeups = r->taken.wakeups,
        .matches = cell->trace.matches,
        .match_count = cell->trace.match_count,
        .name = domain_name,
        .arg = cell,
    };
    int status = xb_store_trace(cell->run->store, cell->key, &kept, err);
    if (status == 0)
        status = judge_whole(r, &sum, err);
    xb_trace_sum_free(&sum);
    return status < 0 ? -1 : judge_match(r, err);
}

static int reduce(struct reduction *r, struct xb_err *err)
{
    struct xb_cell *cell = r->cell;
    const struct xb_cell_probe *p = &cell->probe;
    size_t count = hints_of(cell, 0, r->hints, XB_CPUS_MAX);
    for (size_t g = 0; g < cell->run->count; g++)
        if (cell->run->guests[g].is_domain && cell->guests[g].stage != XB_STAGE_LOST)
            count += hints_of(cell, cell->guests[g].domid, r->hints + count, XB_CPUS_MAX - count);
    r->span.hints = r->hints;
    r->span.hint_count = count;
    r->span.tsc_khz =
        (double)(p->end.tsc - p->start.tsc) * 1e6 / (double)(p->end.mono_ns - p->start.mono_ns);
    if (p->end.tsc <= p->start.tsc || p->end.mono_ns <= p->start.mono_ns)
        return xb_fail(err, XB_E_HOST, 0, "Dom0's time stamp counter does not run");
    if (r->taken.full)
        cell->trace.match_count = 0;
    if (keep_file(r, err) < 0 || match(r, err) < 0)
        return -1;
    return write_trace(r, err);
}

int xb_cell_trace_reduce(struct xb_cell *cell, struct xb_err *err)
{
    if (!cell->trace.capture)
        return 0;
    xb_auto_free struct reduction *r = xb_calloc(1, sizeof(*r));
    r->cell = cell;
    struct xb_capture *capture = xb_steal_ptr(&cell->trace.capture);
    if (xb_capture_stop(capture, &r->taken, err) < 0)
        return -1;
    int status = reduce(r, err);
    xb_captured_free(&r->taken);
    return status;
}

void xb_cell_trace_free(struct xb_cell *cell)
{
    xb_capture_cancel(cell->trace.capture);
    free(cell->trace.matches);
    cell->trace = (struct xb_cell_trace){0};
}
