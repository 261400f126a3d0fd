/* What a report says, in the order in which a person wants it. */
#include "report_doc.h"

#include "base.h"
#include "report_check.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* More guests than this make a row each; fewer stand side by side. */
#define SIDE_BY_SIDE_MAX 6
#define WARNINGS_MAX 40

/* A number with four digits or so: 0.01234, 1.234, 123.4, 12345. */
static int digits_after(double value)
{
    double size = fabs(value);
    return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
}

static void figure(const struct xb_group *g, char *out, size_t bytes)
{
    int digits = digits_after(g->value.median);
    if (g->value.n == 0)
        snprintf(out, bytes, "%s", g->failed ? "failed" : "-");
    else
        snprintf(out, bytes, "%.*f ± %.*f", digits, g->value.median, digits, g->value.mad);
}

static void below(const struct xb_group *g, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    if (g->share.n > 0)
        used += (size_t)snprintf(out, bytes, "CPU %.0f %%", 100 * g->share.median);
    if (g->steal.n > 0 && used < bytes)
        used += (size_t)snprintf(out + used, bytes - used, "%shost -%.0f %%", used ? ", " : "",
                                 100 * g->steal.median);
    if (g->failed > 0 && g->value.n > 0 && used < bytes)
        snprintf(out + used, bytes - used, "%s%zu failed", used ? ", " : "", g->failed);
}

static void caption(const struct xb_model *m, char *out, size_t bytes)
{
    char what[192];
    if (m->metric)
        snprintf(what, sizeof(what), "%s%s%s, %s is better", m->metric,
                 m->unit && *m->unit ? " in " : "", m->unit ? m->unit : "", m->better);
    else
        snprintf(what, sizeof(what), "Time from the release to the end in seconds");
    snprintf(out, bytes, "%s: median ± median absolute deviation.%s%s", what,
             m->has_share ? " Below: the share of a CPU that Xen gave while all guests ran" : "",
             !m->has_share  ? ""
             : m->has_steal ? "; and what the machine beneath the lab took of the time that the "
                              "guest's CPUs wanted."
                            : ".");
}

static void add_side_by_side(struct xb_doc *doc, const struct xb_model *m, const char *what)
{
    char text[64], small[96];
    xb_doc_table(doc, m->case_count + 1, m->guest_count + 1, what);
    xb_doc_cell(doc, 0, 0, "case", NULL);
    for (size_t g = 0; g < m->guest_count; g++)
        xb_doc_cell(doc, 0, g + 1, m->guests[g].name, NULL);
    for (size_t c = 0; c < m->case_count; c++) {
        xb_doc_cell(doc, c + 1, 0, m->cases[c].name, NULL);
        for (size_t g = 0; g < m->guest_count; g++) {
            figure(xb_model_group(m, c, g), text, sizeof(text));
            below(xb_model_group(m, c, g), small, sizeof(small));
            xb_doc_cell(doc, c + 1, g + 1, text, small);
        }
    }
}

static void add_one_each(struct xb_doc *doc, const struct xb_model *m, const char *what)
{
    char text[64], small[96];
    xb_doc_table(doc, m->case_count * m->guest_count + 1, 4, what);
    xb_doc_cell(doc, 0, 0, "case", NULL);
    xb_doc_cell(doc, 0, 1, "guest", NULL);
    xb_doc_cell(doc, 0, 2, m->metric ? m->metric : "time", NULL);
    xb_doc_cell(doc, 0, 3, "by Xen", NULL);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        figure(&m->groups[i], text, sizeof(text));
        below(&m->groups[i], small, sizeof(small));
        xb_doc_cell(doc, i + 1, 0, i % m->guest_count ? "" : m->cases[i / m->guest_count].name,
                    NULL);
        xb_doc_cell(doc, i + 1, 1, m->guests[i % m->guest_count].name, NULL);
        xb_doc_cell(doc, i + 1, 2, text, NULL);
        xb_doc_cell(doc, i + 1, 3, small, NULL);
    }
}

static void add_figures(struct xb_doc *doc, const struct xb_model *m)
{
    char what[512], names[256] = "";
    size_t used = 0;
    for (size_t g = 0; g < m->guest_count && used < sizeof(names); g++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                 g == 0                    ? ""
                                 : g + 1 == m->guest_count ? " and "
                                                           : ", ",
                                 m->guests[g].name);
    xb_doc_add(doc, XB_BLOCK_TITLE, "%s", m->name);
    xb_doc_add(
        doc, XB_BLOCK_TEXT,
        "%s in %s%s; %zu case%s, %" PRIu32 " repetition%s after %" PRIu32 " warm-up%s, %s.%s",
        m->workload, names, m->guest_count > 1 ? " at once" : "", m->case_count,
        m->case_count == 1 ? "" : "s", m->repetitions, m->repetitions == 1 ? "" : "s", m->warmup,
        m->warmup == 1 ? "" : "s", m->order,
        m->cells_done < m->cells ? " NOT FINISHED: what follows is what there is so far." : "");
    caption(m, what, sizeof(what));
    if (m->guest_count <= SIDE_BY_SIDE_MAX)
        add_side_by_side(doc, m, what);
    else
        add_one_each(doc, m, what);
    xb_doc_add(doc, XB_BLOCK_CHART, "Every sample, and the median of each guest");
}

/* Do the intervals of two medians lie apart? Only then is a difference spoken of. */
static bool apart(const struct xb_stats *a, const struct xb_stats *b)
{
    return a->n > 1 && b->n > 1 && (a->ci_low > b->ci_high || b->ci_low > a->ci_high) &&
           a->median > 0 && b->median > 0;
}

static void compare_guests(struct xb_doc *doc, const struct xb_model *m, size_t c)
{
    size_t low = 0, high = 0;
    size_t known = 0;
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_stats *s = &xb_model_group(m, c, g)->value;
        if (s->n == 0)
            continue;
        if (known == 0 || s->median < xb_model_group(m, c, low)->value.median)
            low = g;
        if (known == 0 || s->median > xb_model_group(m, c, high)->value.median)
            high = g;
        known++;
    }
    if (known < 2)
        return;
    const struct xb_group *l = xb_model_group(m, c, low), *h = xb_model_group(m, c, high);
    if (!apart(&l->value, &h->value)) {
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: no difference between the guests beyond their spread.",
                   m->cases[c].name);
        return;
    }
    char cpu[96] = "";
    if (l->share.n > 0 && h->share.n > 0 && l->share.median > 0)
        snprintf(cpu, sizeof(cpu), "; by Xen's count it had %.2f times the CPU time while all ran",
                 h->share.median / l->share.median);
    if (m->metric)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s reached %.2f times the %s of %s%s.",
                   m->cases[c].name, m->guests[high].name, h->value.median / l->value.median,
                   m->metric, m->guests[low].name, cpu);
    else
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s took %.2f times as long as %s%s.", m->cases[c].name,
                   m->guests[high].name, h->value.median / l->value.median, m->guests[low].name,
                   cpu);
}

static void compare_with_first(struct xb_doc *doc, const struct xb_model *m, size_t c)
{
    char text[600] = "";
    size_t used = 0, apart_count = 0;
    for (size_t g = 0; g < m->guest_count && used < sizeof(text); g++) {
        const struct xb_stats *a = &xb_model_group(m, 0, g)->value,
                              *b = &xb_model_group(m, c, g)->value;
        if (a->n == 0 || b->n == 0)
            continue;
        bool differs = apart(a, b);
        apart_count += differs;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s ", used ? ", " : "",
                                 m->guests[g].name);
        if (used < sizeof(text) && differs)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%.2f times",
                                     b->median / a->median);
        else if (used < sizeof(text))
            used += (size_t)snprintf(text + used, sizeof(text) - used, "no difference");
    }
    if (apart_count == 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s against %s: no difference beyond the spread.",
                   m->cases[c].name, m->cases[0].name);
    else
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s against %s, %s: %s.", m->cases[c].name, m->cases[0].name,
                   m->metric ? m->metric : "time", text);
}

static void compare_cases(struct xb_doc *doc, const struct xb_model *m)
{
    double worst = 0;
    bool spoiled = false;
    for (size_t c = 0; c < m->case_count; c++) {
        spoiled = spoiled || m->cases[c].spoiled;
        worst = m->cases[c].worst_steal > worst ? m->cases[c].worst_steal : worst;
    }
    if (m->case_count < 2)
        return;
    if (spoiled) {
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "The cases are not ranked against each other: the machine beneath the lab took "
                   "up to %.0f %% of a CPU's "
                   "time, and not the same in each case. Within a case, the guests' shares hold.",
                   100 * worst);
        return;
    }
    for (size_t c = 1; c < m->case_count; c++)
        compare_with_first(doc, m, c);
}

static void add_findings(struct xb_doc *doc, const struct xb_model *m)
{
    double coverage = 1;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].value.n > 1 && m->groups[i].value.ci_coverage < coverage)
            coverage = m->groups[i].value.ci_coverage;
    xb_doc_add(doc, XB_BLOCK_HEADING, "What it says");
    for (size_t c = 0; c < m->case_count; c++)
        compare_guests(doc, m, c);
    compare_cases(doc, m);
    if (coverage < 0.95)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "A difference is spoken of where intervals lie apart. With so few repetitions "
                   "an interval is the whole "
                   "range seen, which holds the true median with %.0f %% only; from 6 repetitions "
                   "on it is 95 %%.",
                   100 * coverage);
}

static void add_step(struct xb_doc *doc, const struct xb_model *m)
{
    double error = 0, delay = 0, typical = 0;
    size_t errors = 0, delays = 0;
    for (size_t c = 0; c < m->case_count; c++) {
        errors += m->cases[c].release_error_ms.n;
        error = fmax(error, m->cases[c].release_error_ms.max);
    }
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        delays += m->groups[i].dispatch_ms.n;
        delay = fmax(delay, m->groups[i].dispatch_ms.max);
        typical = fmax(typical, m->groups[i].dispatch_ms.median);
    }
    xb_doc_add(doc, XB_BLOCK_HEADING, "In step");
    if (errors > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Release error: at most %.3f ms in %zu cell%s. So far at most may two guests' "
                   "gates have opened apart by "
                   "the fault of our clocks.",
                   error, errors, errors == 1 ? "" : "s");
    if (delays > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Dispatch delay: at most %.3f ms, by guest and case %.3f ms or less in the "
                   "median. So late did a vcpu get a "
                   "CPU after its gate had opened: the schedule under test.",
                   delay, typical);
    if (m->discarded > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%" PRIu32 " cell%s repeated; the attempts that do not count are in the store.",
                   m->discarded, m->discarded == 1 ? " was" : "s were");
    if (m->resumed > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "The run was cut off and resumed %" PRIu32 " time%s.",
                   m->resumed, m->resumed == 1 ? "" : "s");
}

static bool is_note(const struct xb_model_warning *w)
{
    return strncmp(w->code, "note-", 5) == 0;
}

/* Warnings that say the same stand together: they are sorted by code and message. */
static size_t add_warning(struct xb_doc *doc, const struct xb_model *m, size_t from)
{
    const struct xb_model_warning *first = &m->warnings[from];
    char where[400] = "";
    size_t used = 0, i = from;
    for (; i < m->warning_count && strcmp(m->warnings[i].code, first->code) == 0 &&
           strcmp(m->warnings[i].message, first->message) == 0;
         i++) {
        int64_t c = m->warnings[i].case_no;
        bool again = i > from && m->warnings[i - 1].case_no == c;
        if (c >= 0 && (size_t)c < m->case_count && !again && used < sizeof(where))
            used += (size_t)snprintf(where + used, sizeof(where) - used, "%s%s", used ? "; " : "",
                                     m->cases[c].name);
    }
    xb_doc_add(doc, XB_BLOCK_ITEM, "%s%s%s", where, used ? ": " : "", first->message);
    return i;
}

static void add_warnings(struct xb_doc *doc, const struct xb_model *m, bool notes)
{
    size_t told = 0, left = 0;
    for (size_t i = 0; i < m->warning_count;) {
        if (is_note(&m->warnings[i]) != notes) {
            i++;
        } else if (told == WARNINGS_MAX) {
            i++;
            left++;
        } else {
            if (told++ == 0)
                xb_doc_add(doc, XB_BLOCK_HEADING, notes ? "Good to know" : "Warnings");
            i = add_warning(doc, m, i);
        }
    }
    if (left > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "and %zu more (results.json has all)", left);
}

static void add_fact(struct xb_doc *doc, const struct xb_model *m, const char *label,
                     const char *key)
{
    const char *value = xb_model_fact(m, key);
    if (value && *value)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s", label, value);
}

/* Is every guest's only network device lo, as it said itself? */
static void add_network(struct xb_doc *doc, const struct xb_model *m)
{
    size_t quiet = 0;
    for (size_t g = 0; g < m->guest_count; g++)
        quiet += m->guests[g].net && strcmp(m->guests[g].net, "[\"lo\"]") == 0;
    if (quiet == m->guest_count)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Each guest's only network device is lo, as seen from inside");
    else
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%zu of %zu guests have no network device but lo, as seen from inside", quiet,
                   m->guest_count);
}

static void add_provenance(struct xb_doc *doc, const struct xb_model *m)
{
    xb_doc_add(doc, XB_BLOCK_HEADING, "Measured on");
    add_fact(doc, m, "Xen", "xen_version");
    add_fact(doc, m, "Its command line", "xen_command_line");
    add_fact(doc, m, "Scheduler of Pool-0", "scheduler");
    add_fact(doc, m, "CPU", "cpu_model");
    add_fact(doc, m, "CPUs that Xen sees", "cpus");
    add_fact(doc, m, "CPUs of the machine beneath the lab", "lab_host_cpus");
    add_fact(doc, m, "Dom0's kernel", "dom0_kernel");
    add_network(doc, m);
    xb_doc_add(doc, XB_BLOCK_ITEM, "xenbench %s, run %s, from %s to %s, seed %" PRId64, m->version,
               m->id, m->started_at, m->ended_at ? m->ended_at : "now", m->seed);
}

int xb_doc_build(struct xb_doc *doc, const struct xb_model *model, struct xb_err *err)
{
    *doc = (struct xb_doc){0};
    add_figures(doc, model);
    add_findings(doc, model);
    add_step(doc, model);
    xb_checks_add(doc, model);
    add_warnings(doc, model, false);
    add_warnings(doc, model, true);
    add_provenance(doc, model);
    if (!doc->failed)
        return 0;
    xb_doc_free(doc);
    return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
}
