/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hand-written traces and their expected sums. The clock runs at 1 GHz, so a cycle is a nanosecond.
 */
#include "alloc.h"
#include "base.h"
#include "trace_about.h"
#include "trace_json.h"
#include "trace_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KHZ 1e6

static struct xb_trace_sum sum;
static struct xb_err err;

/* A vcpu's slices, added up by state; index XB_RUNSTATES is for unknown states. */
struct sliced {
    uint16_t domid, vcpu;
    uint64_t state_ns[XB_RUNSTATES + 1], end_ns;
};

struct slices {
    struct sliced *vcpus;
    size_t count, total;
};

static struct sliced *sliced_of(struct slices *all, uint16_t domid, uint16_t number)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->vcpus[i].domid == domid && all->vcpus[i].vcpu == number)
            return &all->vcpus[i];
    struct sliced *added = xb_append(&all->vcpus, &all->count);
    added->domid = domid;
    added->vcpu = number;
    return added;
}

/* Add a slice; a vcpu's slices must not overlap. */
static void take_slice(void *arg, const struct xb_trace_slice *slice)
{
    struct slices *all = arg;
    struct sliced *of = sliced_of(all, slice->domid, slice->vcpu);
    assert_true(slice->from_ns >= of->end_ns);
    of->state_ns[slice->state] += slice->to_ns - slice->from_ns;
    of->end_ns = slice->to_ns;
    all->total++;
}

/* Reduce, and check that the slices add up to the sums. Returns the number of slices. */
static size_t reduce_between(const struct trace_make *m, uint64_t from, uint64_t to)
{
    struct slices all = {0};
    const struct xb_trace_span span = {
        .tsc_khz = KHZ, .from_tsc = from, .to_tsc = to, .slice = take_slice, .slice_arg = &all};
    xb_trace_sum_free(&sum);
    if (xb_trace_reduce(m->bytes, m->size, &span, &sum, &err) < 0)
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < sum.vcpu_count; i++) {
        const struct xb_trace_vcpu *v = &sum.vcpus[i];
        const struct sliced *of = sliced_of(&all, v->domid, v->vcpu);
        assert_memory_equal(of->state_ns, v->state_ns, sizeof(v->state_ns));
        assert_int_equal(of->state_ns[XB_RUNSTATES], v->unknown_ns);
    }
    free(all.vcpus);
    return all.total;
}

static void reduce(const struct trace_make *m)
{
    reduce_between(m, 0, UINT64_MAX);
}

static const struct xb_trace_vcpu *vcpu(uint16_t domid, uint16_t number)
{
    const struct xb_trace_vcpu *v = xb_trace_find(&sum, domid, number);
    if (!v)
        fail_msg("no d%uv%u", domid, number);
    return v;
}

static void assert_times(const struct xb_trace_vcpu *v, uint64_t running, uint64_t runnable,
                         uint64_t blocked, uint64_t unknown)
{
    assert_int_equal(v->state_ns[XB_RUNNING], running);
    assert_int_equal(v->state_ns[XB_RUNNABLE], runnable);
    assert_int_equal(v->state_ns[XB_BLOCKED], blocked);
    assert_int_equal(v->unknown_ns, unknown);
}

static int clear(void **state XB_UNUSED)
{
    xb_trace_sum_free(&sum);
    xb_err_clear(&err);
    return 0;
}

/* Two vcpus alternate on one CPU. */
static struct trace_make turns(void)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    make_change(&m, 1000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 4000, 1, 0, XB_RUNNING, XB_RUNNABLE);
    make_change(&m, 4000, 2, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 5000, 2, 0, XB_RUNNING, XB_BLOCKED);
    make_change(&m, 5000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 7000, 2, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 7500, 1, 0, XB_RUNNING, XB_RUNNABLE);
    make_change(&m, 7500, 2, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 9000, 2, 0, XB_RUNNING, XB_BLOCKED);
    return m;
}

static void test_two_take_turns(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    reduce(&m);
    assert_int_equal(sum.span_ns, 8000);
    assert_int_equal(sum.counts.records, 9);
    assert_times(vcpu(1, 0), 5500, 2500, 0, 0);
    /* A vcpu's first record tells its state before it: runnable. */
    assert_times(vcpu(2, 0), 2500, 3500, 2000, 0);
    assert_int_equal(vcpu(1, 0)->preemptions, 2);
    assert_int_equal(vcpu(1, 0)->wakes, 0);
    assert_int_equal(vcpu(2, 0)->wakes, 1);
    assert_int_equal(vcpu(2, 0)->latency->count, 1);
    assert_int_equal(vcpu(2, 0)->latency->max_ns, 500);
    assert_null(vcpu(1, 0)->latency);
    assert_int_equal(vcpu(1, 0)->wait->count, 1);
    assert_int_equal(vcpu(1, 0)->wait->max_ns, 1000);
}

static void test_a_span_cuts_at_both_ends(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    reduce_between(&m, 2000, 7200);
    assert_int_equal(sum.span_ns, 5200);
    assert_times(vcpu(1, 0), 4200, 1000, 0, 0);
    assert_times(vcpu(2, 0), 1000, 2200, 2000, 0);
    /* The vcpu got its CPU after the span, so its latency is not part of the span. */
    assert_int_equal(vcpu(2, 0)->wakes, 1);
    assert_null(vcpu(2, 0)->latency);
}

static void test_a_span_beyond_the_trace_keeps_the_states_at_its_ends(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    reduce_between(&m, 500, 10000);
    assert_times(vcpu(1, 0), 5500, 500 + 1000 + 2500, 0, 0);
    assert_times(vcpu(2, 0), 2500, 4000, 3000, 0);
}

static void assert_bin(const struct xb_trace_vcpu *v, size_t bin, uint64_t run_ns, uint32_t pcpu)
{
    assert_non_null(v->bins);
    assert_int_equal(v->bins[bin].run_ns, run_ns);
    if (run_ns > 0)
        assert_int_equal(v->bins[bin].pcpu, pcpu);
}

/* The span has 120 parts of 100 ns. */
static void test_a_timeline_says_where_each_vcpu_ran(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    make_change(&m, 1050, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 1230, 1, 0, XB_RUNNING, XB_RUNNABLE);
    make_window(&m, 3);
    make_change(&m, 1260, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 12990, 1, 0, XB_RUNNING, XB_BLOCKED);
    reduce_between(&m, 1000, 13000);
    assert_bin(vcpu(1, 0), 0, 50, 0);
    assert_bin(vcpu(1, 0), 1, 100, 0);
    assert_bin(vcpu(1, 0), 2, 70, 3); /* 30 ns on CPU 0, 40 ns on CPU 3 */
    assert_bin(vcpu(1, 0), 3, 100, 3);
    assert_bin(vcpu(1, 0), 118, 100, 3);
    assert_bin(vcpu(1, 0), 119, 90, 3);
    uint64_t run_ns = 0;
    for (size_t i = 0; i < XB_TRACE_BINS; i++)
        run_ns += vcpu(1, 0)->bins[i].run_ns;
    assert_int_equal(run_ns, vcpu(1, 0)->state_ns[XB_RUNNING]);
    /* A span that the records define is unknown while they are read, so it has no bins. */
    xb_trace_sum_free(&sum);
    reduce(&m);
    assert_null(vcpu(1, 0)->bins);
}

/* One vcpu's records are in two CPUs' windows, and the windows are out of order. */
static void test_windows_are_merged_by_time(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 3);
    make_change(&m, 2000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 5000, 1, 0, XB_RUNNING, XB_BLOCKED);
    make_window(&m, 1);
    make_change(&m, 1000, 1, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 6000, 1, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 6100, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_window(&m, 3);
    make_change(&m, 7000, 2, 1, XB_RUNNABLE, XB_RUNNING);
    make_window(&m, 1);
    make_change(&m, 8000, 1, 0, XB_RUNNING, XB_BLOCKED);
    reduce(&m);
    const struct xb_trace_vcpu *v = vcpu(1, 0);
    assert_times(v, 3000 + 1900, 1100, 1000, 0);
    assert_int_equal(v->on_pcpu_ns[3], 3000);
    assert_int_equal(v->on_pcpu_ns[1], 1900);
    assert_int_equal(v->on_pcpu_ns[0], 0);
    assert_int_equal(v->moves, 1);
    assert_int_equal(v->latency->count, 2);
    assert_int_equal(v->latency->min_ns, 100);
    assert_int_equal(v->latency->max_ns, 1000);
    assert_int_equal(sum.pcpu_count, 4);
    assert_int_equal(sum.contradictions, 0);
}

static void test_who_only_runs_on_is_known_by_that(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 2);
    make_change(&m, 1000, 0, 0, XB_BLOCKED, XB_RUNNABLE);
    make_continue(&m, 3000, 5, 0);
    make_continue(&m, 9000, 5, 0);
    make_change(&m, 11000, 0, 0, XB_RUNNABLE, XB_BLOCKED);
    reduce(&m);
    assert_times(vcpu(5, 0), 10000, 0, 0, 0);
    assert_int_equal(vcpu(5, 0)->on_pcpu_ns[2], 10000);
}

static void test_a_hint_fills_in_who_has_no_record(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    const struct xb_trace_hint hints[] = {
        {.domid = 7, .vcpu = 1, .state = XB_RUNNING, .pcpu = 3},
        {.domid = 8, .vcpu = 0, .state = XB_BLOCKED},
        {.domid = 1, .vcpu = 0, .state = XB_BLOCKED}, /* it has records, so they count */
    };
    const struct xb_trace_span span = {
        .tsc_khz = KHZ, .from_tsc = 1000, .to_tsc = 9000, .hints = hints, .hint_count = 3};
    assert_int_equal(xb_trace_reduce(m.bytes, m.size, &span, &sum, &err), 0);
    assert_times(vcpu(7, 1), 8000, 0, 0, 0);
    assert_int_equal(vcpu(7, 1)->on_pcpu_ns[3], 8000);
    assert_int_equal(sum.pcpu_count, 4);
    assert_times(vcpu(8, 0), 0, 0, 8000, 0);
    assert_times(vcpu(1, 0), 5500, 2500, 0, 0);
}

/* CPU 0 drops records from 3000 to 6000. */
static struct trace_make gap(void)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    make_change(&m, 1000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 1500, 3, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 2000, 3, 0, XB_RUNNABLE, XB_BLOCKED);
    make_lost(&m, 6000, 17, 3000);
    make_change(&m, 7000, 1, 0, XB_RUNNING, XB_BLOCKED);
    make_window(&m, 1);
    make_change(&m, 1000, 2, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 4000, 2, 0, XB_RUNNING, XB_RUNNABLE);
    make_change(&m, 5000, 2, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 8000, 2, 0, XB_RUNNING, XB_BLOCKED);
    return m;
}

static void test_a_gap_makes_unknown_what_it_may_hide(void **state XB_UNUSED)
{
    struct trace_make m = gap();
    reduce(&m);
    assert_int_equal(sum.counts.lost, 17);
    assert_int_equal(sum.counts.gaps, 1);
    /* This vcpu ran on the CPU with the gap: known again from its next record. */
    assert_times(vcpu(1, 0), 2000, 0, 1000, 4000);
    /* This one was blocked, and may have been woken and run there; it has no later record. */
    assert_int_equal(vcpu(3, 0)->unknown_ns, 5000);
    /* This one was always elsewhere: certain while it ran, not while it waited. */
    assert_times(vcpu(2, 0), 3000 + 3000, 0, 0, 1000);
    assert_null(vcpu(2, 0)->wait);
    assert_int_equal(sum.contradictions, 0);
}

static void test_each_vcpu_s_times_add_up_to_the_span(void **state XB_UNUSED)
{
    struct trace_make traces[] = {turns(), gap()};
    for (size_t t = 0; t < XB_ARRAY_LEN(traces); t++) {
        reduce(&traces[t]);
        for (size_t i = 0; i < sum.vcpu_count; i++) {
            const struct xb_trace_vcpu *v = &sum.vcpus[i];
            uint64_t all = v->unknown_ns, placed = 0;
            for (size_t s = 0; s < XB_RUNSTATES; s++)
                all += v->state_ns[s];
            for (uint32_t cpu = 0; v->on_pcpu_ns && cpu < XB_CPUS_MAX; cpu++)
                placed += v->on_pcpu_ns[cpu];
            assert_int_equal(all, sum.span_ns);
            assert_int_equal(placed, v->state_ns[XB_RUNNING]);
        }
        xb_trace_sum_free(&sum);
    }
}

static void test_records_that_contradict_are_counted_and_not_believed(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    make_change(&m, 1000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 2000, 1, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 3000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 4000, 1, 0, XB_RUNNING, XB_BLOCKED);
    reduce(&m);
    assert_int_equal(sum.contradictions, 1);
    assert_times(vcpu(1, 0), 1000, 1000, 0, 1000);
}

static void test_a_clock_that_runs_back_is_held(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    make_change(&m, 5000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 3000, 1, 0, XB_RUNNING, XB_BLOCKED);
    make_change(&m, 6000, 1, 0, XB_BLOCKED, XB_RUNNABLE);
    reduce(&m);
    assert_int_equal(sum.counts.backwards, 1);
    assert_times(vcpu(1, 0), 0, 0, 1000, 0);
}

static void test_padding_and_strangers_are_passed_over(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    const uint32_t extra[7] = {1, 2, 3, 4, 5, 6, 7};
    make_window(&m, 0);
    make_change(&m, 1000, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_wrap(&m, 0);
    make_wrap(&m, 7);
    make_record(&m, 1500, 0x00022204, extra, 7);
    make_record(&m, 1600, 0x00021001, extra, 0); /* shorter than its header claims */
    make_record(&m, 1700, 0x0001f001, extra, 3);
    make_change(&m, 2000, 1, 0, XB_RUNNING, XB_BLOCKED);
    reduce(&m);
    assert_int_equal(sum.counts.records, 7);
    assert_int_equal(sum.counts.broken_bytes, 0);
    assert_int_equal(sum.counts.lost, 0);
    assert_times(vcpu(1, 0), 1000, 0, 0, 0);
}

static void test_a_cut_end_is_counted(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    m.size -= 5;
    reduce(&m);
    assert_int_equal(sum.counts.records, 8);
    assert_int_equal(sum.counts.broken_bytes, 11);
    assert_times(vcpu(1, 0), 5500, 1000, 0, 0);
}

/* More slices than the process that reads the trace reports at once. */
static void test_many_slices(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    make_window(&m, 0);
    for (uint64_t i = 0; i < 1024; i++)
        make_change(&m, 1000 + i, 1, 0, i % 2 ? XB_RUNNING : XB_BLOCKED,
                    i % 2 ? XB_BLOCKED : XB_RUNNING);
    assert_int_equal(reduce_between(&m, 0, UINT64_MAX), 1023);
    assert_int_equal(reduce_between(&m, 999, 2024), 1025);
    assert_int_equal(reduce_between(&m, 1000, 2024), 1024);
}

static void assert_refused(const void *bytes, size_t size, const char *says)
{
    const struct xb_trace_span span = {.tsc_khz = KHZ, .to_tsc = UINT64_MAX};
    assert_int_equal(xb_trace_reduce(bytes, size, &span, &sum, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_non_null(strstr(err.msg, says));
    xb_err_clear(&err);
}

static void test_what_is_no_trace_is_refused(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    assert_refused("hello, this is no trace", 23, "not a trace");
    assert_refused("x", 1, "not a trace");
    make_window(&m, XB_CPUS_MAX);
    assert_refused(m.bytes, m.size, "not a trace");
    m = (struct trace_make){0};
    make_window(&m, 0);
    for (uint16_t i = 0; i <= XB_TRACE_VCPUS_MAX / 2; i++) {
        make_continue(&m, 1, 1, i);
        make_window(&m, 0);
    }
    reduce(&m);
    assert_int_equal(sum.vcpu_count, XB_TRACE_VCPUS_MAX / 2 + 1);
}

static void test_too_many_vcpus_are_refused(void **state XB_UNUSED)
{
    xb_auto_free struct trace_make *m = calloc(1, sizeof(*m));
    make_window(m, 0);
    for (unsigned i = 0; i < 4000; i++)
        make_continue(m, 1, 1, (uint16_t)i);
    reduce(m);
    assert_int_equal(sum.vcpu_count, 4000);
    xb_trace_sum_free(&sum);
    for (unsigned i = 0; i < 96; i++)
        make_record(m, 1, 0x00021002u, &(uint32_t){0x20000u | i}, 1);
    reduce(m);
    xb_trace_sum_free(&sum);
    make_continue(m, 1, 3, 0);
    assert_refused(m->bytes, m->size, "more than 4096 vcpus");
}

static void test_an_empty_trace_is_empty(void **state XB_UNUSED)
{
    struct trace_make m = {0};
    reduce_between(&m, 1000, 2000);
    assert_int_equal(sum.vcpu_count, 0);
    assert_int_equal(sum.span_ns, 1000);
}

static void test_quantiles_are_within_a_hundredth(void **state XB_UNUSED)
{
    xb_auto_free struct xb_hist *hist = calloc(1, sizeof(*hist));
    assert_int_equal(xb_hist_quantile(hist, 0.5), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        xb_hist_add(hist, i * 1000);
    const double parts[] = {0.001, 0.1, 0.5, 0.9, 0.99, 1};
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        double exact = parts[i] * 1e6, got = (double)xb_hist_quantile(hist, parts[i]);
        assert_true(got > 0.99 * exact && got < 1.01 * exact);
    }
    assert_int_equal(hist->min_ns, 1000);
    assert_int_equal(hist->max_ns, 1000000);
    assert_int_equal(hist->sum_ns, 500500000);
}

static void test_a_histogram_takes_any_time(void **state XB_UNUSED)
{
    xb_auto_free struct xb_hist *hist = calloc(1, sizeof(*hist));
    uint64_t doublings[XB_HIST_DOUBLINGS];
    const uint64_t times[] = {0, 1, 63, 64, 65, 127, 128, (UINT64_C(1) << 44) - 1, UINT64_MAX};
    for (size_t i = 0; i < XB_ARRAY_LEN(times); i++)
        xb_hist_add(hist, times[i]);
    xb_hist_doublings(hist, doublings);
    assert_int_equal(doublings[0], 2);
    assert_int_equal(doublings[5], 1);
    assert_int_equal(doublings[6], 3);
    assert_int_equal(doublings[7], 1);
    assert_int_equal(doublings[43], 2);
    assert_int_equal(xb_hist_quantile(hist, 0), 0);
    assert_int_equal(hist->max_ns, UINT64_MAX);
}

/* Only a compromised reader process returns an empty histogram. */
static void test_a_histogram_of_nothing_has_no_figures(void **state XB_UNUSED)
{
    struct xb_hist empty = {0};
    struct xb_trace_vcpu lying = {.domid = 1, .latency = &empty, .wait = &empty};
    const struct xb_trace_sum said = {.vcpus = &lying, .vcpu_count = 1};
    json_t *json = xb_trace_sum_json(&said);
    const json_t *one = json_array_get(json_object_get(json, "vcpus"), 0);
    assert_true(json_is_null(json_object_get(one, "latency")));
    assert_true(json_is_null(json_object_get(one, "wait")));
    json_decref(json);
}

static void test_json_says_what_the_sum_says(void **state XB_UNUSED)
{
    struct trace_make m = turns();
    reduce(&m);
    json_t *json = xb_trace_sum_json(&sum);
    json_t *second = json_array_get(json_object_get(json, "vcpus"), 1);
    json_int_t running, p50;
    assert_int_equal(
        json_unpack(second, "{s:I, s:{s:I}}", "running_ns", &running, "latency", "p50_ns", &p50),
        0);
    assert_int_equal(running, 2500);
    assert_int_equal(p50, 500);
    json_decref(json);
}

/*
 * Three seconds of a Dom0 with two vcpus, taken by xentrace in the lab, compared with xenalyze
 * (count times mean of its summary, in cycles), which leaves out the time before a vcpu's first
 * record.
 */
static void test_a_real_trace_agrees_with_xenalyze(void **state XB_UNUSED)
{
    static const struct {
        uint16_t domid, vcpu;
        uint64_t running, runnable, wakes;
    } xenalyze[] = {
        {0, 0, 68 * UINT64_C(13776869), 56 * UINT64_C(4881850), 56},
        {0, 1, 41 * UINT64_C(22212741), 31 * UINT64_C(8089697), 31},
    };
    uint8_t bytes[16384];
    xb_auto_fclose FILE *file = fopen(XB_TEST_DATA "/dom0.xentrace", "re");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    const struct xb_trace_span span = {.tsc_khz = KHZ, .to_tsc = UINT64_MAX};
    assert_int_equal(xb_trace_reduce(bytes, size, &span, &sum, &err), 0);
    assert_int_equal(sum.contradictions + sum.counts.broken_bytes + sum.counts.lost, 0);
    for (size_t i = 0; i < XB_ARRAY_LEN(xenalyze); i++) {
        const struct xb_trace_vcpu *v = vcpu(xenalyze[i].domid, xenalyze[i].vcpu);
        assert_in_range(v->state_ns[XB_RUNNING], xenalyze[i].running - 100,
                        xenalyze[i].running + 100);
        assert_in_range(v->state_ns[XB_RUNNABLE], xenalyze[i].runnable,
                        xenalyze[i].runnable + sum.span_ns / 1000);
        assert_in_range(v->wakes, xenalyze[i].wakes, xenalyze[i].wakes + 1);
        assert_int_equal(v->unknown_ns, 0);
    }
}

static void write_about(const char *trace, const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "%s.json", trace);
    xb_auto_fclose FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
}

static void test_what_is_kept_about_a_trace(void **state XB_UNUSED)
{
    static const char *const wrong[] = {
        "nonsense",
        "[]",
        "{\"schema\": \"xenbench-trace-about/2\", \"tsc_khz\": 1e6}",
        "{\"schema\": \"" XB_TRACE_ABOUT_SCHEMA "\"}",
        "{\"schema\": \"" XB_TRACE_ABOUT_SCHEMA "\", \"tsc_khz\": 0}",
        "{\"schema\": \"" XB_TRACE_ABOUT_SCHEMA "\", \"tsc_khz\": 1e9}",
        "{\"schema\": \"" XB_TRACE_ABOUT_SCHEMA "\", \"tsc_khz\": 1e6, \"domains\": {\"1\": 2}}",
    };
    char dir[] = "/tmp/xb-trace-XXXXXX", trace[48], path[64];
    json_t *about = NULL, *domains = json_pack("{s:s, s:s}", "0", "Domain-0", "5", "web");
    assert_non_null(mkdtemp(dir));
    snprintf(trace, sizeof(trace), "%s/t", dir);
    snprintf(path, sizeof(path), "%s.json", trace);
    assert_int_equal(xb_trace_about_load(trace, &about, &err), 0);
    assert_null(about);
    assert_null(xb_trace_about_name(about, 5));
    assert_int_equal(xb_trace_about_keep(trace, 2.4e6, domains, &err), 0);
    assert_int_equal(xb_trace_about_load(trace, &about, &err), 0);
    assert_true(xb_trace_about_khz(about) == 2.4e6);
    assert_string_equal(xb_trace_about_name(about, 5), "web");
    assert_null(xb_trace_about_name(about, 50));
    json_decref(about);
    json_decref(domains);
    for (size_t i = 0; i < XB_ARRAY_LEN(wrong); i++) {
        write_about(trace, wrong[i]);
        assert_int_equal(xb_trace_about_load(trace, &about, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        assert_non_null(strstr(err.msg, path));
        xb_err_clear(&err);
    }
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_two_take_turns, clear),
        cmocka_unit_test_teardown(test_a_span_cuts_at_both_ends, clear),
        cmocka_unit_test_teardown(test_a_span_beyond_the_trace_keeps_the_states_at_its_ends, clear),
        cmocka_unit_test_teardown(test_a_timeline_says_where_each_vcpu_ran, clear),
        cmocka_unit_test_teardown(test_windows_are_merged_by_time, clear),
        cmocka_unit_test_teardown(test_who_only_runs_on_is_known_by_that, clear),
        cmocka_unit_test_teardown(test_a_hint_fills_in_who_has_no_record, clear),
        cmocka_unit_test_teardown(test_a_gap_makes_unknown_what_it_may_hide, clear),
        cmocka_unit_test_teardown(test_each_vcpu_s_times_add_up_to_the_span, clear),
        cmocka_unit_test_teardown(test_records_that_contradict_are_counted_and_not_believed, clear),
        cmocka_unit_test_teardown(test_a_clock_that_runs_back_is_held, clear),
        cmocka_unit_test_teardown(test_padding_and_strangers_are_passed_over, clear),
        cmocka_unit_test_teardown(test_a_cut_end_is_counted, clear),
        cmocka_unit_test_teardown(test_many_slices, clear),
        cmocka_unit_test_teardown(test_what_is_no_trace_is_refused, clear),
        cmocka_unit_test_teardown(test_too_many_vcpus_are_refused, clear),
        cmocka_unit_test_teardown(test_an_empty_trace_is_empty, clear),
        cmocka_unit_test_teardown(test_quantiles_are_within_a_hundredth, clear),
        cmocka_unit_test_teardown(test_a_histogram_takes_any_time, clear),
        cmocka_unit_test_teardown(test_a_real_trace_agrees_with_xenalyze, clear),
        cmocka_unit_test(test_a_histogram_of_nothing_has_no_figures),
        cmocka_unit_test_teardown(test_json_says_what_the_sum_says, clear),
        cmocka_unit_test_teardown(test_what_is_kept_about_a_trace, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
