/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charts of Xen's traces: where each vcpu ran, and how long vcpus waited for a CPU. */
#include "base.h"
#include "report_build_i.h"
#include "report_check.h"
#include "report_plot.h"
#include "trace_reduce.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_HEIGHT 22
#define WAIT_HEIGHT 44
#define WAIT_BARS 30 /* of these pixels; the rest is for the percentiles' names */
/* A narrower part of a bar has no room for the CPU's number. */
#define LABEL_FROM 0.06
#define CPUS_MAX 16
/* Each timeline has many bars, so a chart has fewer timelines. */
#define COURSES_MAX 48
#define COURSE_HEIGHT 24
#define COURSE_BARS 18
#define ALIKE_PERCENT 5

static const char *case_name(const struct xb_model *m, uint32_t case_no)
{
    return case_no < m->case_count ? m->cases[case_no].name : "";
}

/* Draw one vcpu's rows from `from` on as a stacked bar, coloured by CPU; return the next row. */
static size_t put_places(struct xb_plot *p, const struct xb_model *m, size_t from)
{
    const struct xb_traced_place_row *places = m->checks->places;
    double sum = 0, at = 0;
    char who[96], figure[48], said[160], tip[96];
    size_t to = from;
    for (; to < m->checks->place_count && xb_report_same_vcpu(&places[from], &places[to]); to++)
        sum += isnan(places[to].part) ? 0 : places[to].part;
    snprintf(who, sizeof(who), "%.64s, vcpu %" PRId64, places[from].domain, places[from].vcpu);
    snprintf(figure, sizeof(figure), "ran %.*f %%", sum < 0.1 ? 1 : 0, 100 * sum);
    snprintf(said, sizeof(said), "%s %s", who, figure);
    xb_plot_row(p, who, figure, said, PLACE_HEIGHT);
    for (size_t i = from; i < to; i++) {
        double part = isnan(places[i].part) ? 0 : places[i].part;
        snprintf(tip, sizeof(tip), "CPU %u: %.1f %%", places[i].pcpu, 100 * part);
        xb_plot_bar(p, 100 * at, 100 * (at + part), 3, PLACE_HEIGHT - 6, places[i].pcpu, "part",
                    tip);
        snprintf(tip, sizeof(tip), "%u", places[i].pcpu);
        if (part >= LABEL_FROM)
            xb_plot_label(p, 100 * (at + part / 2), PLACE_HEIGHT - 7, true, tip);
        at += part;
    }
    xb_plot_row_end(p);
    return to;
}

static void put_cpu_keys(struct xb_plot *p, const struct xb_checks *k)
{
    char name[24];
    bool seen[CPUS_MAX] = {false};
    for (size_t i = 0; i < k->place_count; i++)
        if (k->places[i].pcpu < CPUS_MAX)
            seen[k->places[i].pcpu] = true;
    for (size_t cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (!seen[cpu])
            continue;
        snprintf(name, sizeof(name), "CPU %zu", cpu);
        xb_plot_key(p, cpu, name);
    }
}

/* One part of a timeline: "2:33", or "-". */
struct part {
    uint32_t pcpu, percent; /* percent 0: it did not run */
};

/*
 * Read the next part of a timeline, which may be foreign; false at its end, or if it is malformed.
 */
static bool next_part(const char **at, struct part *out)
{
    char *end;
    *out = (struct part){0, 0};
    *at += strspn(*at, " ");
    if (**at == '\0')
        return false;
    if (**at == '-') {
        (*at)++;
        return true;
    }
    out->pcpu = (uint32_t)strtoul(*at, &end, 10);
    if (end == *at || *end != ':')
        return false;
    *at = end + 1;
    out->percent = (uint32_t)strtoul(*at, &end, 10);
    bool good = end != *at && out->percent <= 100;
    *at = end;
    return good;
}

static void put_stretch(struct xb_plot *p, double from_s, double to_s, const struct part *part)
{
    char tip[96];
    int height = (int)ceil(COURSE_BARS * part->percent / 100.0);
    snprintf(tip, sizeof(tip), "%.3f to %.3f s: CPU %u, %u %%", from_s, to_s, part->pcpu,
             part->percent);
    xb_plot_bar(p, from_s, to_s, COURSE_HEIGHT - 2 - height, height, part->pcpu, "given", tip);
}

/* Adjacent parts on one CPU with about as much run time become one bar. */
static bool is_alike(const struct part *a, const struct part *b)
{
    uint32_t apart = a->percent > b->percent ? a->percent - b->percent : b->percent - a->percent;
    return a->pcpu == b->pcpu && (a->percent > 0) == (b->percent > 0) && apart <= ALIKE_PERCENT;
}

static void put_timeline(struct xb_plot *p, const struct xb_traced_timeline_row *t)
{
    char who[96];
    struct part stretch = {0, 0}, part;
    const char *at = t->timeline;
    size_t from = 0, i = 0;
    double bin_s = t->span_s / XB_TRACE_BINS;
    snprintf(who, sizeof(who), "%.64s, vcpu %" PRId64, t->domain, t->vcpu);
    xb_plot_row(p, who, "", who, COURSE_HEIGHT);
    for (; i < XB_TRACE_BINS && next_part(&at, &part); i++) {
        if (i > 0 && is_alike(&stretch, &part))
            continue;
        if (stretch.percent > 0)
            put_stretch(p, (double)from * bin_s, (double)i * bin_s, &stretch);
        stretch = part;
        from = i;
    }
    if (stretch.percent > 0)
        put_stretch(p, (double)from * bin_s, (double)i * bin_s, &stretch);
    xb_plot_row_end(p);
}

void xb_report_plot_timelines(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    double most_s = 0;
    for (size_t i = 0; i < k->timeline_count; i++)
        most_s = fmax(most_s, k->timelines[i].span_s);
    if (!(most_s > 0))
        return;
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_linear(0, most_s, "");
    xb_plot_begin(&p, &axis, "course",
                  "When each vcpu ran and on which CPU, in the first repetition of each "
                  "case: the higher, the more it ran");
    put_cpu_keys(&p, k);
    for (size_t i = 0; i < k->timeline_count && i < COURSES_MAX; i++) {
        const struct xb_traced_timeline_row *t = &k->timelines[i];
        if (xb_plot_under(&p, t->case_no, case_name(m, t->case_no)))
            put_timeline(&p, t);
    }
    xb_plot_axis(&p, "seconds from the release");
    xb_plot_end(&p, doc);
}

void xb_report_plot_places(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    const struct xb_axis axis = xb_axis_linear(0, 100, " %");
    struct xb_plot p;
    if (k->place_count == 0)
        return;
    xb_plot_begin(&p, &axis, "places", "On which CPUs each vcpu ran");
    put_cpu_keys(&p, k);
    for (size_t i = 0; i < k->place_count;) {
        uint32_t case_no = k->places[i].case_no;
        /* Idle CPUs are only in the table. */
        bool put = k->places[i].vcpu >= 0 && xb_plot_under(&p, case_no, case_name(m, case_no));
        i = put ? put_places(&p, m, i) : i + 1;
    }
    xb_plot_axis(&p, "of the traced time");
    xb_plot_end(&p, doc);
}

static double class_from(size_t i)
{
    return i ? (double)(UINT64_C(1) << i) : 1;
}

/* Bars of equal widths on the logarithmic axis, each class as high as its part of all waits. */
static void put_classes(struct xb_plot *p, const struct xb_check_waits *waits, size_t colour,
                        const char *mark)
{
    uint64_t most = 1;
    char tip[64];
    for (size_t i = 0; i < XB_WAIT_CLASSES; i++)
        most = waits->classes[i] > most ? waits->classes[i] : most;
    for (size_t i = 0; i < XB_WAIT_CLASSES; i++) {
        int height = (int)ceil(WAIT_BARS * (double)waits->classes[i] / (double)most);
        if (height == 0)
            continue;
        snprintf(tip, sizeof(tip), "%" PRIu64 " waits, %.1f %%", waits->classes[i],
                 100 * (double)waits->classes[i] / (double)(waits->count ? waits->count : 1));
        xb_plot_bar(p, class_from(i), 2 * class_from(i), WAIT_HEIGHT - height, height, colour, mark,
                    tip);
    }
}

static void put_percentiles(struct xb_plot *p, const struct xb_check_waits *waits)
{
    static const char *const names[XB_TRACE_PERCENTILES] = {"50 %", "90 %", "99 %", "99.9 %"};
    double last = -100;
    for (size_t i = 0; i < XB_TRACE_PERCENTILES; i++) {
        if (isnan(waits->part_ns[i]))
            continue;
        double ns = fmax(waits->part_ns[i], 1), at = xb_axis_at(p->axis, ns);
        xb_plot_tick(p, ns, WAIT_HEIGHT - WAIT_BARS, WAIT_BARS, 0, "percentile", names[i]);
        if (at - last > 13) /* else the names would overlap */
            xb_plot_label(p, ns, WAIT_HEIGHT - WAIT_BARS - 3, false, names[i]);
        last = at - last > 13 ? at : last;
    }
}

static void put_waits(struct xb_plot *p, const struct xb_check_trace *t)
{
    const struct xb_check_waits *all = &t->waits[XB_WAIT_ALL];
    char figure[96], said[200], median[24] = "-", most[24] = "-";
    if (!isnan(all->part_ns[0]))
        xb_trace_format_ns((uint64_t)all->part_ns[0], median, sizeof(median));
    if (!isnan(all->most_ns))
        xb_trace_format_ns((uint64_t)all->most_ns, most, sizeof(most));
    snprintf(figure, sizeof(figure), "%" PRIu64 " waits\nmedian %s\nmost %s", all->count, median,
             most);
    snprintf(said, sizeof(said), "%.64s: %" PRIu64 " waits, median %s, most %s", t->domain,
             all->count, median, most);
    xb_plot_row(p, t->domain, figure, said, WAIT_HEIGHT);
    put_classes(p, &t->waits[XB_WAIT_WAKE], 0, "part");
    put_classes(p, all, 1, "some");
    put_percentiles(p, all);
    xb_plot_row_end(p);
}

static struct xb_axis axis_of(const struct xb_checks *k)
{
    double low = INFINITY, high = 1;
    for (size_t i = 0; i < k->trace_count; i++)
        for (size_t class = 0; class < XB_WAIT_CLASSES - 1; class ++) {
            if (k->trace[i].waits[XB_WAIT_ALL].classes[class] == 0)
                continue;
            low = fmin(low, class_from(class));
            high = fmax(high, 2 * class_from(class));
        }
    return xb_axis_times(low, high);
}

void xb_report_plot_waits(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    const struct xb_axis axis = axis_of(k);
    struct xb_plot p;
    xb_plot_begin(&p, &axis, "waits", "How long vcpus waited for a CPU");
    xb_plot_key_mark(&p, "part k0", "waits after a wake");
    xb_plot_key_mark(&p, "some k1", "all waits");
    xb_plot_key_mark(&p, "percentile", "percentiles of all waits");
    for (size_t i = 0; i < k->trace_count; i++) {
        const struct xb_check_trace *t = &k->trace[i];
        if (t->waits[XB_WAIT_ALL].count > 0 &&
            xb_plot_under(&p, t->case_no, case_name(m, t->case_no)))
            put_waits(&p, t);
    }
    xb_plot_axis(&p, "logarithmic");
    xb_plot_end(&p, doc);
}
