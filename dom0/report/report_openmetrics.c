/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run's medians and histograms as OpenMetrics text. As it has no time stamps, it is valid in
 * Prometheus' older text format too, which node_exporter's textfile collector reads.
 */
#include "base.h"
#include "escape.h"
#include "report_formats.h"
#include "report_words.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

/* The labels of one sample while they are written; put_value closes the brace. */
struct labels {
    FILE *out;
    bool begun;
};

static void put_label(struct labels *labels, const char *name, const char *value)
{
    xb_auto_free char *clean = xb_escaped(value);
    fprintf(labels->out, "%s%s=\"", labels->begun ? "," : "{", name);
    for (const char *c = clean; *c; c++) {
        if (*c == '\\' || *c == '"')
            fputc('\\', labels->out);
        fputs(*c == '\n' ? "\\n" : (const char[]){*c, '\0'}, labels->out);
    }
    fputc('"', labels->out);
    labels->begun = true;
}

static void put_family_of(const char *type, const char *name, const char *unit, const char *help,
                          FILE *out)
{
    fprintf(out, "# TYPE xenbench_%s %s\n", name, type);
    if (unit)
        fprintf(out, "# UNIT xenbench_%s %s\n", name, unit);
    fprintf(out, "# HELP xenbench_%s %s\n", name, help);
}

static void put_family(const char *name, const char *unit, const char *help, FILE *out)
{
    put_family_of("gauge", name, unit, help, out);
}

static void put_value(double value, FILE *out)
{
    char text[XB_NUMBER_BYTES];
    fprintf(out, "} %s\n", xb_report_number(value, text));
}

/* ---- a gauge for each case and guest ---- */

struct family {
    const char *name, *unit, *help;
    size_t stats;     /* offset in a group */
    size_t statistic; /* offset in the statistics */
    double per_unit;  /* 1000: the statistic is in thousandths */
    bool figure;      /* its labels say which figure */
};

#define OF(member, stat) offsetof(struct xb_group, member), offsetof(struct xb_stats, stat)

static const struct family families[] = {
    {"figure", NULL, "Median of the figure: the workload's metric, or seconds.", OF(value, median),
     1, true},
    {"figure_low", NULL, "Lower end of the interval of the figure's median.", OF(value, ci_low), 1,
     true},
    {"figure_high", NULL, "Upper end of the interval of the figure's median.", OF(value, ci_high),
     1, true},
    {"wall_seconds", "seconds", "Median time of a job, from the release to its end.",
     OF(wall_s, median), 1, false},
    {"cpu_share_ratio", "ratio", "Median share of a CPU that Xen gave while all jobs ran.",
     OF(share, median), 1, false},
    {"host_share_ratio", "ratio", "Median share of all the host's CPUs in the window.",
     OF(host_share, median), 1, false},
    {"dispatch_delay_seconds", "seconds",
     "Median time from the release to the first instruction of the job.", OF(dispatch_ms, median),
     1000, false},
    {"host_steal_ratio", "ratio",
     "In the lab: median part of the CPU time that the machine beneath took.", OF(steal, median), 1,
     false},
};

static void put_group_labels(const struct xb_model *m, size_t at, bool figure,
                             struct labels *labels)
{
    const struct xb_group *g = &m->groups[at];
    put_label(labels, "experiment", m->run.name);
    put_label(labels, "case", m->cases[at / m->guest_count].name);
    put_label(labels, "guest", m->guests[at % m->guest_count].name);
    if (!figure)
        return;
    put_label(labels, "metric", xb_report_metric(g));
    put_label(labels, "unit", xb_report_unit(g));
    put_label(labels, "better", xb_report_better(g));
}

static void put_gauge(const struct xb_model *m, size_t at, const char *name, bool figure,
                      double value, FILE *out)
{
    struct labels labels = {.out = out};
    fprintf(out, "xenbench_%s", name);
    put_group_labels(m, at, figure, &labels);
    put_value(value, out);
}

static void put_medians(const struct xb_model *m, const struct family *family, FILE *out)
{
    put_family(family->name, family->unit, family->help, out);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_stats *s = (const void *)((const char *)&m->groups[i] + family->stats);
        double value = *(const double *)(const void *)((const char *)s + family->statistic);
        if (s->n > 0 && isfinite(value))
            put_gauge(m, i, family->name, family->figure, value / family->per_unit, out);
    }
}

static void put_counts(const struct xb_model *m, FILE *out)
{
    put_family("samples", NULL, "Samples that count.", out);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].role != XB_ROLE_IDLE)
            put_gauge(m, i, "samples", false, (double)m->groups[i].value.n, out);
    put_family("failed_samples", NULL, "Samples without a figure.", out);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].role != XB_ROLE_IDLE)
            put_gauge(m, i, "failed_samples", false, (double)m->groups[i].failed, out);
}

/* ---- histograms ---- */

static void put_bucket(const struct xb_model *m, const struct xb_model_dist *h, const char *le,
                       double value, FILE *out)
{
    struct labels labels = {.out = out};
    fputs("xenbench_distribution_bucket", out);
    put_label(&labels, "experiment", m->run.name);
    put_label(&labels, "case", m->cases[h->case_no].name);
    put_label(&labels, "guest", m->guests[h->guest].name);
    put_label(&labels, "metric", h->name);
    put_label(&labels, "unit", h->unit);
    put_label(&labels, "better", h->better);
    put_label(&labels, "le", le);
    put_value(value, out);
}

/* At most ten bounds in a decade: a series for each of thousands of buckets burdens Prometheus. */
static void put_distribution(const struct xb_model *m, const struct xb_model_dist *h, FILE *out)
{
    static const double steps[] = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8};
    uint64_t seen = 0, told = UINT64_MAX;
    size_t at = 0, bounds = 0;
    int decade = (int)floor(log10(XB_DIST_LEAST));
    char le[XB_NUMBER_BYTES];
    for (; at < h->all.count; bounds++) {
        /* Parse decimal text, which gives the double that is nearest to the bound. */
        snprintf(le, sizeof(le), "%ge%d", steps[bounds % XB_ARRAY_LEN(steps)],
                 decade + (int)(bounds / XB_ARRAY_LEN(steps)));
        double bound = strtod(le, NULL);
        while (at < h->all.count && h->all.buckets[at].value <= bound)
            seen += h->all.buckets[at++].count;
        if (seen > 0 && seen != told)
            put_bucket(m, h, xb_report_number(bound, le), (double)seen, out);
        told = seen;
    }
    put_bucket(m, h, "+Inf", (double)(h->all.total + h->all.over), out);
}

static void put_distributions(const struct xb_model *m, FILE *out)
{
    if (m->dist_count == 0)
        return;
    put_family_of("histogram", "distribution", NULL,
                  "Values of all repetitions, such as latencies; the labels say which.", out);
    for (size_t i = 0; i < m->dist_count; i++)
        put_distribution(m, &m->dists[i], out);
}

/* ---- the run ---- */

static void put_run(const struct xb_model *m, FILE *out)
{
    static const char *const facts[] = {"host_name", "xen_version", "scheduler", "dom0_kernel",
                                        "cpu_model"};
    struct labels labels = {.out = out};
    put_family("run_info", NULL, "The run, and the host that it ran on.", out);
    fputs("xenbench_run_info", out);
    put_label(&labels, "experiment", m->run.name);
    put_label(&labels, "run", m->run.id);
    put_label(&labels, "state", m->run.state);
    put_label(&labels, "xenbench", m->run.version);
    for (size_t i = 0; i < XB_ARRAY_LEN(facts); i++)
        if (xb_model_fact(m, facts[i]))
            put_label(&labels, facts[i], xb_model_fact(m, facts[i]));
    put_value(1, out);
}

static void put_end(const struct xb_model *m, FILE *out)
{
    struct tm tm = {0};
    struct labels labels = {.out = out};
    if (!m->run.ended_at || !strptime(m->run.ended_at, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return;
    put_family("run_end_timestamp_seconds", "seconds", "When the run ended.", out);
    fputs("xenbench_run_end_timestamp_seconds", out);
    put_label(&labels, "experiment", m->run.name);
    put_value((double)timegm(&tm), out);
}

int xb_report_openmetrics_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    put_run(r->m, out);
    put_end(r->m, out);
    for (size_t i = 0; i < XB_ARRAY_LEN(families); i++)
        put_medians(r->m, &families[i], out);
    put_counts(r->m, out);
    put_distributions(r->m, out);
    fputs("# EOF\n", out);
    return 0;
}
