/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Xen's traces show of each case: tables of times, waits and places. */
#include "base.h"
#include "report_build_i.h"
#include "report_check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Further rows are in results.json alone. */
#define ROWS_MAX 150
/* With more CPUs than this, no table shows where each vcpu ran. */
#define COLUMNS_MAX 16

static const char *const kind_words[] = {"wake to run", "all waits"};

static void time_or_dash(double ns, char *out, size_t bytes)
{
    if (isnan(ns))
        snprintf(out, bytes, "-");
    else
        xb_trace_format_ns((uint64_t)ns, out, bytes);
}

static const char *case_name(const struct xb_model *m, uint32_t case_no, bool again)
{
    return again || case_no >= m->case_count ? "" : m->cases[case_no].name;
}

static void add_times(struct xb_doc *doc, const struct xb_model *m)
{
    static const char *const heads[] = {"case", "domain", "ran", "waited", "on CPU"};
    const struct xb_checks *k = m->checks;
    xb_doc_table(doc, k->trace_count + 1, XB_ARRAY_LEN(heads),
                 "From Xen's trace, release to last result: CPU time of all vcpus divided by "
                 "wall time (100 % is one CPU), time runnable without a CPU, and where it ran.");
    xb_doc_heads(doc, heads, XB_ARRAY_LEN(heads));
    for (size_t i = 0; i < k->trace_count; i++) {
        const struct xb_check_trace *t = &k->trace[i];
        char text[2][24];
        bool again = i > 0 && k->trace[i - 1].case_no == t->case_no;
        snprintf(text[0], sizeof(text[0]), "%.1f %%", 100 * t->running);
        snprintf(text[1], sizeof(text[1]), "%.1f %%", 100 * t->runnable);
        xb_doc_cell(doc, i + 1, 0, case_name(m, t->case_no, again), NULL);
        xb_doc_cell(doc, i + 1, 1, t->domain, NULL);
        xb_doc_cell(doc, i + 1, 2, text[0], NULL);
        xb_doc_cell(doc, i + 1, 3, text[1], NULL);
        xb_doc_cell(doc, i + 1, 4, t->where, NULL);
    }
}

/* The number of rows of a table of waits: one for each domain and kind with a wait. */
static size_t count_waits(const struct xb_checks *k)
{
    size_t rows = 0;
    for (size_t i = 0; i < k->trace_count; i++)
        for (int kind = 0; kind < XB_WAIT_KINDS; kind++)
            rows += k->trace[i].waits[kind].count > 0;
    return rows < ROWS_MAX ? rows : ROWS_MAX;
}

/* Fill a row's first three cells; above is the domain of the row above, NULL: none. */
static void put_who(struct xb_doc *doc, const struct xb_model *m, size_t row,
                    const struct xb_check_trace *t, int kind, const struct xb_check_trace *above)
{
    xb_doc_cell(doc, row, 0, case_name(m, t->case_no, above && above->case_no == t->case_no), NULL);
    xb_doc_cell(doc, row, 1, above == t ? "" : t->domain, NULL);
    xb_doc_cell(doc, row, 2, kind_words[kind], NULL);
}

static void put_percentiles(struct xb_doc *doc, size_t row, const struct xb_check_waits *waits)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64, waits->count);
    xb_doc_cell(doc, row, 3, text, NULL);
    for (size_t p = 0; p < XB_TRACE_PERCENTILES; p++) {
        time_or_dash(waits->part_ns[p], text, sizeof(text));
        xb_doc_cell(doc, row, 4 + p, text, NULL);
    }
    time_or_dash(waits->most_ns, text, sizeof(text));
    xb_doc_cell(doc, row, 4 + XB_TRACE_PERCENTILES, text, NULL);
}

/* Bars in eighths, one for each class from the first to the last that is not empty. */
void xb_report_bars(const uint64_t classes[XB_WAIT_CLASSES], char bars[XB_BARS_BYTES],
                    size_t *first, size_t *last)
{
    static const char *const eighths[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t most = 1;
    size_t used = 0;
    *first = XB_WAIT_CLASSES;
    *last = 0;
    for (size_t i = 0; i < XB_WAIT_CLASSES; i++) {
        if (classes[i] == 0)
            continue;
        *first = *first < i ? *first : i;
        *last = i;
        most = classes[i] > most ? classes[i] : most;
    }
    bars[0] = '\0';
    for (size_t i = *first; i < XB_WAIT_CLASSES && i <= *last; i++) {
        size_t eighth = (size_t)ceil(8.0 * (double)classes[i] / (double)most);
        used += (size_t)snprintf(bars + used, XB_BARS_BYTES - used, "%s",
                                 eighth ? eighths[eighth - 1] : "·");
    }
}

static void put_histogram(struct xb_doc *doc, size_t row, const struct xb_check_waits *waits)
{
    char bars[XB_BARS_BYTES], text[32];
    size_t first, last;
    xb_report_bars(waits->classes, bars, &first, &last);
    if (first > last)
        return;
    xb_trace_format_ns(first ? UINT64_C(1) << first : 0, text, sizeof(text));
    xb_doc_cell(doc, row, 3, text, NULL);
    xb_doc_cell(doc, row, 4, bars, NULL);
    xb_trace_format_ns(last < 63 ? UINT64_C(2) << last : UINT64_MAX, text, sizeof(text));
    xb_doc_cell(doc, row, 5, text, NULL);
}

static void fill_waits(struct xb_doc *doc, const struct xb_model *m, size_t rows,
                       void (*put)(struct xb_doc *doc, size_t row,
                                   const struct xb_check_waits *waits))
{
    const struct xb_check_trace *above = NULL;
    size_t row = 0;
    for (size_t i = 0; i < m->checks->trace_count; i++) {
        const struct xb_check_trace *t = &m->checks->trace[i];
        for (int kind = 0; kind < XB_WAIT_KINDS && row < rows; kind++) {
            if (t->waits[kind].count == 0)
                continue;
            put_who(doc, m, ++row, t, kind, above);
            put(doc, row, &t->waits[kind]);
            above = t;
        }
    }
}

static void add_waits(struct xb_doc *doc, const struct xb_model *m)
{
    static const char *const percentiles[] = {"case", "domain", "of",     "times", "median",
                                              "90 %", "99 %",   "99.9 %", "most"};
    static const char *const histogram[] = {"case", "domain", "of", "from", "histogram", "to"};
    size_t rows = count_waits(m->checks);
    if (rows == 0)
        return;
    xb_report_plot_waits(doc, m);
    xb_doc_table(doc, rows + 1, XB_ARRAY_LEN(percentiles),
                 "How long a vcpu waited for a CPU: after a wake (wake to run), and whenever it "
                 "was runnable, because it was woken or its CPU was taken away (all waits). Each "
                 "percentile is that of the domain's worst vcpu, as the median over the cells; the "
                 "last column is the longest wait of all.");
    xb_doc_heads(doc, percentiles, XB_ARRAY_LEN(percentiles));
    fill_waits(doc, m, rows, put_percentiles);
    xb_doc_table(doc, rows + 1, XB_ARRAY_LEN(histogram),
                 "The same waits as histograms over all cells and vcpus: each character is a class "
                 "of waits, twice as wide as the class before it.");
    xb_doc_heads(doc, histogram, XB_ARRAY_LEN(histogram));
    fill_waits(doc, m, rows, put_histogram);
}

/* List the CPUs on which anything ran; return their number. */
static size_t list_pcpus(const struct xb_checks *k, uint32_t out[COLUMNS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < k->place_count; i++) {
        size_t at = 0;
        while (at < count && at < COLUMNS_MAX && out[at] != k->places[i].pcpu)
            at++;
        if (at == COLUMNS_MAX)
            return COLUMNS_MAX + 1;
        if (at == count)
            out[count++] = k->places[i].pcpu;
    }
    for (size_t i = 1; i < count; i++) /* insertion sort: there are few */
        for (size_t j = i; j > 0 && out[j - 1] > out[j]; j--) {
            uint32_t swap = out[j];
            out[j] = out[j - 1];
            out[j - 1] = swap;
        }
    return count;
}

bool xb_report_same_vcpu(const struct xb_traced_place_row *a, const struct xb_traced_place_row *b)
{
    return a->case_no == b->case_no && a->vcpu == b->vcpu && strcmp(a->domain, b->domain) == 0;
}

static void put_place(struct xb_doc *doc, const struct xb_model *m, size_t row, size_t i,
                      const uint32_t *pcpus, size_t count)
{
    const struct xb_traced_place_row *p = &m->checks->places[i];
    char text[96];
    if (i == 0 || !xb_report_same_vcpu(p - 1, p)) {
        snprintf(text, sizeof(text), p->vcpu < 0 ? "%.64s" : "%.64s, %" PRId64, p->domain, p->vcpu);
        xb_doc_cell(doc, row, 0, case_name(m, p->case_no, i > 0 && p[-1].case_no == p->case_no),
                    NULL);
        xb_doc_cell(doc, row, 1, text, NULL);
    }
    if (isnan(p->part))
        return; /* the trace covers no time */
    snprintf(text, sizeof(text), "%.*f %%", p->part < 0.1 ? 1 : 0, 100 * p->part);
    for (size_t c = 0; c < count; c++) {
        if (pcpus[c] != p->pcpu)
            continue;
        xb_doc_cell(doc, row, 2 + c, text, NULL);
        xb_doc_shade(doc, row, 2 + c, p->part);
    }
}

static void add_places(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    uint32_t pcpus[COLUMNS_MAX] = {0};
    size_t rows = 0, row = 0, count = list_pcpus(k, pcpus);
    for (size_t i = 0; i < k->place_count; i++)
        rows += i == 0 || !xb_report_same_vcpu(&k->places[i - 1], &k->places[i]);
    if (rows == 0)
        return;
    if (rows > ROWS_MAX || count > COLUMNS_MAX) {
        xb_doc_add(
            doc, XB_BLOCK_ITEM,
            "Where each vcpu ran is in results.json (trace_residency): it is too large for a "
            "table.");
        return;
    }
    xb_doc_table(
        doc, rows + 1, 2 + count,
        "Where each vcpu ran: the part of the traced time for which it had each CPU; under "
        "idle, the part for which the CPU was idle.");
    xb_doc_cell(doc, 0, 0, "case", NULL);
    xb_doc_cell(doc, 0, 1, "domain, vcpu", NULL);
    for (size_t c = 0; c < count; c++) {
        char text[24];
        snprintf(text, sizeof(text), "CPU %u", pcpus[c]);
        xb_doc_cell(doc, 0, 2 + c, text, NULL);
    }
    for (size_t i = 0; i < k->place_count; i++) {
        row += i == 0 || !xb_report_same_vcpu(&k->places[i - 1], &k->places[i]);
        put_place(doc, m, row, i, pcpus, count);
    }
}

void xb_check_traces_add(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_checks *k = m->checks;
    char worst[24], lost[64] = "none lost";
    if (k->traced.traces == 0)
        return;
    xb_trace_format_ns(k->traced.worst_ns, worst, sizeof(worst));
    if (k->traced.lost)
        snprintf(lost, sizeof(lost), "%" PRIu64 " lost", k->traced.lost);
    xb_doc_add(doc, XB_BLOCK_FOLD, "Where vcpus ran and how long they waited: Xen's trace");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Trace: %zu cell%s, %" PRIu64 " records, %s, %" PRIu64
               " contradictions. A vcpu's run time by the trace and by Xen's own count differ by "
               "at most %s. Fetching records woke Dom0 %" PRIu64 " times.",
               k->traced.traces, xb_plural(k->traced.traces), k->traced.records, lost,
               k->traced.contradictions, worst, k->traced.wakeups);
    xb_report_plot_timelines(doc, m);
    xb_report_plot_places(doc, m);
    add_times(doc, m);
    add_places(doc, m);
    add_waits(doc, m);
}
