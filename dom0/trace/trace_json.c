/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_json.h"

#include "base.h"

#include <inttypes.h>

const double xb_trace_parts[XB_TRACE_PERCENTILES] = {0.5, 0.9, 0.99, 0.999};
const char *const xb_trace_part_names[XB_TRACE_PERCENTILES] = {"p50_ns", "p90_ns", "p99_ns",
                                                               "p999_ns"};

/* [[from_ns, to_ns, count], ...], without empty classes. */
static json_t *histogram_json(const struct xb_hist *hist)
{
    uint64_t counts[XB_HIST_DOUBLINGS];
    json_t *list = json_array();
    xb_hist_doublings(hist, counts);
    for (unsigned k = 0; k < XB_HIST_DOUBLINGS; k++)
        if (counts[k] > 0)
            json_array_append_new(list, json_pack("[I, I, I]", k ? INT64_C(1) << k : INT64_C(0),
                                                  INT64_C(2) << k, (json_int_t)counts[k]));
    return list;
}

static json_t *hist_json(const struct xb_hist *hist)
{
    if (!hist || hist->count == 0) /* the process that read the trace may have been taken over */
        return json_null();
    json_t *json = json_pack("{s:I, s:I, s:I, s:I}", "count", (json_int_t)hist->count, "mean_ns",
                             (json_int_t)(hist->sum_ns / hist->count), "min_ns",
                             (json_int_t)hist->min_ns, "max_ns", (json_int_t)hist->max_ns);
    for (size_t i = 0; i < XB_TRACE_PERCENTILES; i++)
        json_object_set_new(json, xb_trace_part_names[i],
                            json_integer((json_int_t)xb_hist_quantile(hist, xb_trace_parts[i])));
    json_object_set_new(json, "histogram", histogram_json(hist));
    return json;
}

static json_t *residency_json(const struct xb_trace_vcpu *v, uint32_t pcpus)
{
    json_t *list = json_array();
    for (uint32_t cpu = 0; v->on_pcpu_ns && cpu < pcpus; cpu++)
        if (v->on_pcpu_ns[cpu] > 0)
            json_array_append_new(list, json_pack("{s:i, s:I}", "pcpu", (int)cpu, "run_ns",
                                                  (json_int_t)v->on_pcpu_ns[cpu]));
    return list;
}

static json_t *vcpu_json(const struct xb_trace_vcpu *v, uint32_t pcpus)
{
    return json_pack(
        "{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "domid", (int)v->domid,
        "vcpu", (int)v->vcpu, "running_ns", (json_int_t)v->state_ns[XB_RUNNING], "runnable_ns",
        (json_int_t)v->state_ns[XB_RUNNABLE], "blocked_ns", (json_int_t)v->state_ns[XB_BLOCKED],
        "offline_ns", (json_int_t)v->state_ns[XB_OFFLINE], "unknown_ns", (json_int_t)v->unknown_ns,
        "wakes", (json_int_t)v->wakes, "preemptions", (json_int_t)v->preemptions, "moves",
        (json_int_t)v->moves, "residency", residency_json(v, pcpus), "latency",
        hist_json(v->latency), "wait", hist_json(v->wait));
}

json_t *xb_trace_sum_json(const struct xb_trace_sum *sum)
{
    json_t *vcpus = json_array();
    for (size_t i = 0; i < sum->vcpu_count; i++)
        json_array_append_new(vcpus, vcpu_json(&sum->vcpus[i], sum->pcpu_count));
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o}", "schema",
                     "xenbench-trace/1", "span_ns", (json_int_t)sum->span_ns, "records",
                     (json_int_t)sum->counts.records, "lost", (json_int_t)sum->counts.lost, "gaps",
                     (json_int_t)sum->counts.gaps, "backwards", (json_int_t)sum->counts.backwards,
                     "broken_bytes", (json_int_t)sum->counts.broken_bytes, "contradictions",
                     (json_int_t)sum->contradictions, "pcpus", (int)sum->pcpu_count, "vcpus",
                     vcpus);
}

void xb_trace_format_ns(uint64_t ns, char *out, size_t bytes)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    for (size_t i = 0; i < XB_ARRAY_LEN(units); i++) {
        double value = (double)ns / units[i].unit;
        if (value < 1)
            continue;
        snprintf(out, bytes, "%.*f %s",
                 value >= 100  ? 0
                 : value >= 10 ? 1
                               : 2,
                 value, units[i].name);
        return;
    }
    snprintf(out, bytes, "%" PRIu64 " ns", ns);
}

static void put_part(FILE *out, uint64_t ns, uint64_t span_ns)
{
    fprintf(out, " %8.2f", span_ns ? 100 * (double)ns / (double)span_ns : 0);
}

static void put_quantiles(FILE *out, const struct xb_hist *hist)
{
    char text[32];
    for (size_t i = 0; i <= XB_TRACE_PERCENTILES; i++) {
        if (i == 1 || i == 3)
            continue; /* p90 and p99.9: in the JSON */
        if (hist)
            xb_trace_format_ns(i < XB_TRACE_PERCENTILES ? xb_hist_quantile(hist, xb_trace_parts[i])
                                                        : hist->max_ns,
                               text, sizeof(text));
        fprintf(out, " %10s", hist ? text : "-");
    }
}

static void put_places(FILE *out, const struct xb_trace_vcpu *v, const struct xb_trace_sum *sum)
{
    const char *between = "  ";
    for (uint32_t cpu = 0; v->on_pcpu_ns && cpu < sum->pcpu_count; cpu++) {
        if (v->on_pcpu_ns[cpu] == 0)
            continue;
        fprintf(out, "%s%u: %.2f", between, cpu,
                sum->span_ns ? 100 * (double)v->on_pcpu_ns[cpu] / (double)sum->span_ns : 0);
        between = ", ";
    }
    fputc('\n', out);
}

static void put_histogram(FILE *out, const struct xb_trace_vcpu *v)
{
    uint64_t counts[XB_HIST_DOUBLINGS];
    if (!v->wait)
        return;
    xb_hist_doublings(v->wait, counts);
    fprintf(out, "\nd%uv%u waited for a CPU\n", v->domid, v->vcpu);
    for (unsigned k = 0; k < XB_HIST_DOUBLINGS; k++) {
        char from[32], to[32];
        if (counts[k] == 0)
            continue;
        xb_trace_format_ns(k ? UINT64_C(1) << k : 0, from, sizeof(from));
        xb_trace_format_ns(UINT64_C(2) << k, to, sizeof(to));
        fprintf(out, "  %10s to %10s  %8" PRIu64 "\n", from, to, counts[k]);
    }
}

void xb_trace_sum_text(const struct xb_trace_sum *sum, bool histogram, FILE *out)
{
    fprintf(out, "%.6f s, %" PRIu64 " records, %" PRIu64 " lost in %" PRIu64 " gaps",
            (double)sum->span_ns / 1e9, sum->counts.records, sum->counts.lost, sum->counts.gaps);
    if (sum->contradictions)
        fprintf(out, ", %" PRIu64 " contradictions", sum->contradictions);
    if (sum->counts.backwards)
        fprintf(out, ", %" PRIu64 " out of order", sum->counts.backwards);
    if (sum->counts.broken_bytes)
        fprintf(out, ", %" PRIu64 " bytes that make no sense", sum->counts.broken_bytes);
    fprintf(out,
            "\nPer cent of the time, and from a wake to the CPU\n\n%-10s %8s %8s %8s %8s %8s"
            " %10s %10s %10s  on CPU: per cent\n",
            "vcpu", "running", "runnable", "blocked", "unknown", "wakes", "median", "p99", "most");
    for (size_t i = 0; i < sum->vcpu_count; i++) {
        const struct xb_trace_vcpu *v = &sum->vcpus[i];
        char name[24];
        if (v->domid == XB_DOMID_IDLE)
            snprintf(name, sizeof(name), "idle%u", v->vcpu);
        else
            snprintf(name, sizeof(name), "d%uv%u", v->domid, v->vcpu);
        fprintf(out, "%-10s", name);
        put_part(out, v->state_ns[XB_RUNNING], sum->span_ns);
        put_part(out, v->state_ns[XB_RUNNABLE], sum->span_ns);
        put_part(out, v->state_ns[XB_BLOCKED] + v->state_ns[XB_OFFLINE], sum->span_ns);
        put_part(out, v->unknown_ns, sum->span_ns);
        fprintf(out, " %8" PRIu64, v->wakes);
        put_quantiles(out, v->latency);
        put_places(out, v, sum);
    }
    for (size_t i = 0; histogram && i < sum->vcpu_count; i++)
        put_histogram(out, &sum->vcpus[i]);
}
