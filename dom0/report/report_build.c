/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a report, in the order in which a reader wants them. */
#include "report_build_i.h"

#include "base.h"
#include "report_check.h"
#include "report_totals.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
    if (errors > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Release error: at most %.3f ms in %zu cell%s. Clock error bounds the start "
                   "skew between any two guests.",
                   error, errors, xb_plural(errors));
    if (delays > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Dispatch delay: at most %.3f ms; median by guest and case %.3f ms or less. "
                   "It is the delay from the gate's opening until the vcpu first ran: the "
                   "scheduler's doing.",
                   delay, typical);
    if (m->run.discarded > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%u cell%s repeated; the attempts that do not count are in the store.",
                   m->run.discarded, m->run.discarded == 1 ? " was" : "s were");
    if (m->run.resumed > 0)
        xb_doc_add(doc, XB_BLOCK_ITEM, "The run was cut off and resumed %u time%s.", m->run.resumed,
                   xb_plural(m->run.resumed));
}

static void add_fact(struct xb_doc *doc, const struct xb_model *m, const char *label,
                     const char *key)
{
    const char *value = xb_model_fact(m, key);
    if (value && *value)
        xb_doc_add(doc, XB_BLOCK_ITEM, "%s: %s", label, value);
}

/* Say whether the guests report any network device besides lo. */
static void add_network(struct xb_doc *doc, const struct xb_model *m)
{
    size_t quiet = 0;
    for (size_t g = 0; g < m->guest_count; g++)
        quiet += m->guests[g].net && strcmp(m->guests[g].net, "[\"lo\"]") == 0;
    if (quiet == m->guest_count)
        xb_doc_add(doc, XB_BLOCK_ITEM, "From inside, each guest has no network device but lo");
    else
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "%zu of %zu guests have no network device but lo, as seen from inside", quiet,
                   m->guest_count);
}

static bool is_alike(const struct xb_guest_row *a, const struct xb_guest_row *b)
{
    return strcmp(a->image ? a->image : "", b->image ? b->image : "") == 0 &&
           strcmp(a->type ? a->type : "", b->type ? b->type : "") == 0 &&
           strcmp(a->clocksource ? a->clocksource : "", b->clocksource ? b->clocksource : "") == 0;
}

/* List the guests, with every image and type that any case gives them. */
static void add_guests(struct xb_doc *doc, const struct xb_model *m)
{
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_guest_row *guest = &m->guests[g];
        char names[256] = "";
        size_t first = 0;
        while (!is_alike(&m->guests[first], guest))
            first++;
        for (size_t i = g; first == g && i < m->guest_count; i++) {
            size_t used = strlen(names);
            if (is_alike(&m->guests[i], guest))
                snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
                         m->guests[i].name);
        }
        if (first == g && guest->type)
            xb_doc_add(doc, XB_BLOCK_ITEM, "%s: type %s, %s%s, clocksource %s", names, guest->type,
                       guest->image ? "image " : "no xenbench image",
                       guest->image ? guest->image : "",
                       guest->clocksource ? guest->clocksource : "not known");
    }
}

static void add_granularity(struct xb_doc *doc, const struct xb_model *m)
{
    const char *value = xb_model_fact(m, "scheduler_granularity");
    const char *from = xb_model_fact(m, "scheduler_granularity_from");
    if (value && from)
        xb_doc_add(doc, XB_BLOCK_ITEM, "Its granularity: %s (%s)", value, from);
    else
        add_fact(doc, m, "Its granularity", "scheduler_granularity");
}

static void add_provenance(struct xb_doc *doc, const struct xb_model *m)
{
    xb_doc_add(doc, XB_BLOCK_FOLD, "Measured on");
    add_fact(doc, m, "Xen", "xen_version");
    add_fact(doc, m, "Its command line", "xen_command_line");
    add_fact(doc, m, "Scheduler of " XB_POOL_0, "scheduler");
    add_granularity(doc, m);
    add_fact(doc, m, "CPU", "cpu_model");
    add_fact(doc, m, "Microcode", "cpu_microcode");
    add_fact(doc, m, "SMT", "smt");
    add_fact(doc, m, "Frequency governor", "governor");
    add_fact(doc, m, "Turbo", "turbo");
    add_fact(doc, m, "CPUs that Xen sees", "cpus");
    add_fact(doc, m, "CPUs of the machine beneath the lab", "lab_host_cpus");
    add_fact(doc, m, "Dom0's kernel", "dom0_kernel");
    add_fact(doc, m, "Toolstack", "toolstack");
    add_fact(doc, m, "Sandbox of what reads guests", "sandbox");
    add_guests(doc, m);
    add_network(doc, m);
    if (m->run.shard_by)
        xb_doc_add(doc, XB_BLOCK_ITEM,
                   "Shard %u of %u by %s: `xenbench fleet report` judges all of them as one",
                   m->run.shard, m->run.shards, m->run.shard_by);
    xb_doc_add(doc, XB_BLOCK_ITEM, "xenbench %s, run %s, from %.19sZ to %s, seed %" PRId64,
               m->run.version, m->run.id, m->run.started_at,
               m->run.ended_at ? m->run.ended_at : "now", m->run.seed);
}

static void add_trust(struct xb_doc *doc, const struct xb_model *m)
{
    xb_doc_add(doc, XB_BLOCK_HEADING, "Why to trust it");
    add_step(doc, m);
    xb_checks_add(doc, m);
    xb_doc_end_section(doc);
}

static void add_start(struct xb_doc *doc, const struct xb_model *m)
{
    if (m->job_count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_FOLD, "When each job started and ran");
    xb_report_plot_dispatch(doc, m);
    xb_report_plot_jobs(doc, m);
}

void xb_doc_build(struct xb_doc *doc, const struct xb_model *model)
{
    *doc = (struct xb_doc){0};
    xb_report_add_head(doc, model);
    xb_report_add_verdict(doc, model);
    xb_report_add_figures(doc, model);
    xb_report_add_findings(doc, model);
    xb_report_add_distributions(doc, model);
    xb_report_add_fairness(doc, model);
    xb_report_add_totals(doc, model);
    xb_report_add_repetitions(doc, model);
    add_trust(doc, model);
    xb_report_add_warnings(doc, model);
    xb_report_add_alone(doc, model);
    add_start(doc, model);
    xb_check_traces_add(doc, model);
    xb_check_counters_add(doc, model);
    xb_report_add_each_warning(doc, model);
    add_provenance(doc, model);
}
