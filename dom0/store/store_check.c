/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_check.h"

#include "alloc.h"
#include "base.h"
#include "store_i.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 64 /* of a counter: a guest's word */

int xb_store_promise(struct xb_store *store, struct xb_cell_key key, const char *guest,
                     const struct xb_promise *promise, struct xb_err *err)
{
    return xb_store_do(store, err,
                       "INSERT OR REPLACE INTO promises (run, cell, attempt, guest, cpus, how)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
                       XB_CELL_KEY(key), XB_TEXT(guest),
                       promise->known ? XB_REAL(promise->cpus) : XB_NULL, XB_TEXT(promise->how));
}

int xb_store_probe(struct xb_store *store, struct xb_cell_key key, const struct xb_probe *passed,
                   struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "INSERT OR REPLACE INTO dom0_probes"
        " (run, cell, attempt, span_ns, steal_ns, pressure_ns, delay_ns, short)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        XB_CELL_KEY(key), XB_INT(passed->time_ns), XB_INT_IF(passed->has_steal, passed->steal_ns),
        XB_INT_IF(passed->has_pressure, passed->pressure_ns),
        XB_INT_IF(passed->has_delay, passed->delay_ns), XB_INT(xb_probe_is_short(passed)));
}

static int put_counter(struct xb_store *store, struct xb_cell_key key, const char *guest,
                       const char *name, struct xb_val value, struct xb_val part, const char *why,
                       struct xb_err *err)
{
    return xb_store_do(store, err,
                       "INSERT OR REPLACE INTO counters"
                       " (run, cell, attempt, guest, name, value, part, why)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                       XB_CELL_KEY(key), XB_TEXT(guest), XB_TEXT(name), value, part, XB_TEXT(why));
}

/* A counter that shared the CPU's hardware counted for only part of the job: scale it up. */
static int put_read_counter(struct xb_store *store, struct xb_cell_key key, const char *guest,
                            const Xb__Counter *c, struct xb_err *err)
{
    if (c->why[0])
        return put_counter(store, key, guest, c->name, XB_NULL, XB_NULL, c->why, err);
    if (c->running_ns == 0 || c->enabled_ns < c->running_ns)
        return put_counter(store, key, guest, c->name, XB_NULL, XB_REAL(0),
                           "it never got a counter of the CPU", err);
    double part = (double)c->running_ns / (double)c->enabled_ns;
    double value = (double)c->value / part;
    return put_counter(store, key, guest, c->name, XB_INT(value < 9e18 ? value : 9e18),
                       XB_REAL(part), NULL, err);
}

int xb_store_counters(struct xb_store *store, struct xb_cell_key key, const char *guest,
                      const Xb__Result *result, struct xb_err *err)
{
    for (size_t i = 0; i < result->n_counters && i < XB_COUNTERS_MAX; i++)
        if (strlen(result->counters[i]->name) <= NAME_MAX_BYTES &&
            put_read_counter(store, key, guest, result->counters[i], err) < 0)
            return -1;
    return 0;
}

static int put_wait(struct xb_store *store, struct xb_cell_key key, const char *domain,
                    uint16_t vcpu, const char *kind, const struct xb_hist *hist, struct xb_err *err)
{
    if (!hist)
        return 0;
    if (xb_store_do(store, err,
                    "INSERT OR REPLACE INTO trace_waits (run, cell, attempt, domain, vcpu, kind,"
                    " count, mean_ns, min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    XB_CELL_KEY(key), XB_TEXT(domain), XB_INT(vcpu), XB_TEXT(kind),
                    XB_INT(hist->count), XB_INT(hist->sum_ns / hist->count), XB_INT(hist->min_ns),
                    XB_INT(xb_hist_quantile(hist, 0.5)), XB_INT(xb_hist_quantile(hist, 0.9)),
                    XB_INT(xb_hist_quantile(hist, 0.99)), XB_INT(xb_hist_quantile(hist, 0.999)),
                    XB_INT(hist->max_ns)) < 0)
        return -1;
    uint64_t counts[XB_HIST_DOUBLINGS];
    xb_hist_doublings(hist, counts);
    for (unsigned k = 0; k < XB_HIST_DOUBLINGS; k++)
        if (counts[k] > 0 &&
            xb_store_do(store, err,
                        "INSERT OR REPLACE INTO trace_classes"
                        " (run, cell, attempt, domain, vcpu, kind, from_ns, count)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        XB_CELL_KEY(key), XB_TEXT(domain), XB_INT(vcpu), XB_TEXT(kind),
                        XB_INT(k ? INT64_C(1) << k : 0), XB_INT(counts[k])) < 0)
            return -1;
    return 0;
}

static const struct xb_trace_match *match_of(const struct xb_trace_kept *kept,
                                             const struct xb_trace_vcpu *v)
{
    for (size_t i = 0; i < kept->match_count; i++)
        if (kept->matches[i].domid == v->domid && kept->matches[i].vcpu == v->vcpu)
            return &kept->matches[i];
    return NULL;
}

/* "1:100 1:97 - 2:33 ...", to free; NULL for an idle vcpu, and where the parts are not known. */
static char *timeline_of(const struct xb_trace_kept *kept, const struct xb_trace_vcpu *v)
{
    char *text = NULL;
    size_t bytes;
    if (!v->bins || v->domid == XB_DOMID_IDLE || kept->sum->span_ns == 0)
        return NULL;
    FILE *out = xb_need(open_memstream(&text, &bytes));
    double bin_ns = (double)kept->sum->span_ns / XB_TRACE_BINS;
    for (size_t i = 0; i < XB_TRACE_BINS; i++) {
        double percent = 100 * (double)v->bins[i].run_ns / bin_ns;
        if (v->bins[i].run_ns == 0)
            fprintf(out, "%s-", i ? " " : "");
        else
            fprintf(out, "%s%u:%.0f", i ? " " : "", v->bins[i].pcpu, fmin(fmax(percent, 1), 100));
    }
    fclose(out);
    return xb_need(text);
}

static int put_vcpu(struct xb_store *store, struct xb_cell_key key,
                    const struct xb_trace_kept *kept, const struct xb_trace_vcpu *v,
                    struct xb_err *err)
{
    char other[24];
    const char *domain = kept->name(kept->arg, v->domid);
    const struct xb_trace_match *match = match_of(kept, v);
    xb_auto_free char *timeline = timeline_of(kept, v);
    snprintf(other, sizeof(other), "domain %u", v->domid);
    if (!domain)
        domain = v->domid == XB_DOMID_IDLE ? "idle" : other;
    if (xb_store_do(store, err,
                    "INSERT OR REPLACE INTO trace_vcpus (run, cell, attempt, domain, vcpu,"
                    " running_ns, runnable_ns, blocked_ns, offline_ns, unknown_ns, wakes,"
                    " preemptions, moves, xen_run_ns, same_run_ns, timeline)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    XB_CELL_KEY(key), XB_TEXT(domain), XB_INT(v->vcpu),
                    XB_INT(v->state_ns[XB_RUNNING]), XB_INT(v->state_ns[XB_RUNNABLE]),
                    XB_INT(v->state_ns[XB_BLOCKED]), XB_INT(v->state_ns[XB_OFFLINE]),
                    XB_INT(v->unknown_ns), XB_INT(v->wakes), XB_INT(v->preemptions),
                    XB_INT(v->moves), XB_INT_IF(match, match ? match->xen_ns : 0),
                    XB_INT_IF(match, match ? match->trace_ns : 0), XB_TEXT(timeline)) < 0)
        return -1;
    for (uint32_t cpu = 0; v->on_pcpu_ns && cpu < XB_CPUS_MAX; cpu++)
        if (v->on_pcpu_ns[cpu] > 0 &&
            xb_store_do(store, err,
                        "INSERT OR REPLACE INTO trace_residency"
                        " (run, cell, attempt, domain, vcpu, pcpu, run_ns)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
                        XB_CELL_KEY(key), XB_TEXT(domain), XB_INT(v->vcpu), XB_INT(cpu),
                        XB_INT(v->on_pcpu_ns[cpu])) < 0)
            return -1;
    return put_wait(store, key, domain, v->vcpu, "wake", v->latency, err) < 0 ||
                   put_wait(store, key, domain, v->vcpu, "all", v->wait, err) < 0
               ? -1
               : 0;
}

static int put_trace(struct xb_store *store, struct xb_cell_key key,
                     const struct xb_trace_kept *kept, struct xb_err *err)
{
    const struct xb_trace_sum *sum = kept->sum;
    uint64_t worst_ns = 0;
    for (size_t i = 0; i < kept->match_count; i++) {
        const struct xb_trace_match *m = &kept->matches[i];
        uint64_t apart =
            m->xen_ns > m->trace_ns ? m->xen_ns - m->trace_ns : m->trace_ns - m->xen_ns;
        worst_ns = apart > worst_ns ? apart : worst_ns;
    }
    if (xb_store_do(store, err,
                    "INSERT OR REPLACE INTO traces (run, cell, attempt, span_ns, covered_ns, bytes,"
                    " records, lost, gaps, contradictions, wakeups, worst_ns)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    XB_CELL_KEY(key), XB_INT(kept->span_ns), XB_INT(kept->covered_ns),
                    XB_INT(kept->bytes), XB_INT(sum->counts.records), XB_INT(sum->counts.lost),
                    XB_INT(sum->counts.gaps), XB_INT(sum->contradictions), XB_INT(kept->wakeups),
                    XB_INT_IF(kept->match_count > 0, worst_ns)) < 0)
        return -1;
    for (size_t i = 0; i < sum->vcpu_count; i++)
        if (put_vcpu(store, key, kept, &sum->vcpus[i], err) < 0)
            return -1;
    return 0;
}

int xb_store_trace(struct xb_store *store, struct xb_cell_key key, const struct xb_trace_kept *kept,
                   struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (put_trace(store, key, kept, err) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}
