/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints a plan as text or JSON. */
#include "base.h"
#include "plan_view.h"

#include <inttypes.h>
#include <string.h>

#define CELLS_SHOWN_MAX 200

void xb_plan_print_time(FILE *out, uint64_t ns)
{
    uint64_t s = (ns + XB_NS_PER_S / 2) / XB_NS_PER_S;
    if (s < 120)
        fprintf(out, "%" PRIu64 " s", s);
    else if (s < 7200)
        fprintf(out, "%" PRIu64 " min", (s + 30) / 60);
    else
        fprintf(out, "%.1f h", (double)s / 3600);
}

/* The guests' workloads: "victim: spin; noisy1: spin (background)". */
static void print_parts(const struct xb_plan_view *view, uint32_t case_no, FILE *out)
{
    const struct xb_experiment *exp = view->exp;
    size_t idle = 0, shown = 0;
    for (size_t g = 0; g < exp->guest_count; g++) {
        const struct xb_exp_part *part = &exp->cases[case_no].parts[g];
        if (part->role == XB_ROLE_IDLE) {
            idle++;
            continue;
        }
        fprintf(out, "%s%s: %s%s", shown++ ? "; " : "", exp->guests[g].name,
                exp->workloads[part->workload].name,
                part->role == XB_ROLE_BACKGROUND ? " (background)" : "");
    }
    if (idle)
        fprintf(out, "; %zu idle", idle);
}

static void print_cells(const struct xb_plan_view *view, FILE *out)
{
    const struct xb_experiment *exp = view->exp;
    fprintf(out, "\nCases\n");
    for (uint32_t c = 0; c < exp->case_count; c++) {
        fprintf(out, "  %s\n      ", exp->cases[c].name);
        print_parts(view, c, out);
        putc('\n', out);
    }
    fprintf(out, "\nCells, in this order\n");
    for (size_t i = 0; i < view->cell_count && i < CELLS_SHOWN_MAX; i++) {
        const struct xb_plan_cell *cell = &view->cells[i];
        uint32_t builds = i ? xb_plan_builds(exp, view->cells[i - 1].case_no, cell->case_no) : 0;
        fprintf(out, "  %3zu  %s, %s %u", i + 1, exp->cases[cell->case_no].name,
                cell->warmup ? "warm-up" : "repetition", cell->repetition + 1);
        if (builds)
            fprintf(out, " (%u guest%s built anew before it)", builds, xb_plural(builds));
        putc('\n', out);
    }
    if (view->cell_count > CELLS_SHOWN_MAX)
        fprintf(out, "  ... and %zu more (--json has all)\n", view->cell_count - CELLS_SHOWN_MAX);
    if (exp->order == XB_ORDER_RANDOM && !exp->has_seed)
        fprintf(out, "  The order is random and no `seed` is given: each run draws its own.\n");
    if (exp->until.line)
        fprintf(out,
                "  This is the minimum; a case is repeated until it is known well enough, at "
                "most %u times.\n",
                exp->until.max);
}

static void print_hook(const char *when, const struct xb_texts *command, FILE *out)
{
    xb_auto_free char *shown = xb_exp_show_command(command);
    if (command->count)
        fprintf(out, "  - %s: %s\n", when, shown);
}

static void print_changes(const struct xb_plan_view *view, FILE *out)
{
    fprintf(out, "\nChanged on the host, and restored\n");
    for (size_t i = 0; i < view->change_count; i++)
        fprintf(out, "  - %s\n", view->changes[i]);
    if (view->change_count == 0)
        fprintf(out, "  nothing\n");
    if (view->builds)
        fprintf(out,
                "  Guests are rebuilt between cells %u"
                " times, because a case's settings take "
                "effect when a guest is built.\n",
                view->builds);
    const struct xb_exp_hooks *hooks = &view->exp->hooks;
    if (hooks->before.count + hooks->after.count == 0)
        return;
    fprintf(out,
            "  Hooks run in Dom0 as root around each cell; they must undo their own changes:\n");
    print_hook("before", &hooks->before, out);
    print_hook("after", &hooks->after, out);
}

static void print_steps(const struct xb_plan_view *view, FILE *out)
{
    if (view->step_count == 0)
        return;
    fprintf(out, "\nIn the guests, not timed\n");
    for (size_t i = 0; i < view->step_count; i++)
        fprintf(out, "  - %s\n", view->steps[i]);
}

static void print_estimate(const struct xb_plan_view *view, FILE *out)
{
    const struct xb_plan_time *t = &view->time;
    uint32_t unknown = (uint32_t)view->cell_count - t->known_cells;
    fprintf(out, "\nTime\n  ");
    if (t->known_cells) {
        fprintf(out, "about ");
        xb_plan_print_time(out, t->known_ns);
        fprintf(out,
                " for %u of %zu cells, from earlier runs (%u"
                " from the same case, the others "
                "from their workload)",
                t->known_cells, view->cell_count, t->by_case);
    }
    if (unknown) {
        fprintf(out, "%s%s%u cell%s: no earlier run has %s; at most ", t->known_cells ? "\n  " : "",
                t->known_cells ? "and " : "", unknown, xb_plural(unknown),
                unknown == 1 ? "a similar one" : "similar ones");
        xb_plan_print_time(out, t->most_ns);
        fprintf(out, " if every job reaches its time-out");
    }
    fprintf(out, "\n  Starting the guests%s takes additional time.\n",
            view->builds ? ", again after each rebuild," : "");
}

static void print_doubts(const struct xb_plan_view *view, FILE *out)
{
    fprintf(out, "\nDoubts\n");
    if (!view->has_host) {
        fprintf(out,
                "  Not judged: %s. `xenbench host show` on the host writes the description that "
                "`--host FILE` needs.\n",
                view->host_name);
        return;
    }
    if (view->refusal[0])
        fprintf(out, "  REFUSED: %s\n", view->refusal);
    for (size_t i = 0; i < view->doubt_count; i++) {
        const struct xb_plan_doubt *d = &view->doubts[i];
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(view->doubts[j].message, d->message) == 0;
        if (seen)
            continue; /* an earlier case has the same doubt */
        size_t cases = 0;
        for (size_t j = i; j < view->doubt_count; j++)
            cases += strcmp(view->doubts[j].message, d->message) == 0;
        fprintf(out, "  - %s: %s", view->exp->cases[d->case_no].name, d->message);
        if (cases > 1)
            fprintf(out, " (in %zu cases)", cases);
        putc('\n', out);
    }
    if (view->doubt_count == 0 && !view->refusal[0])
        fprintf(out, "  none\n");
}

void xb_plan_print(const struct xb_plan_view *view, FILE *out)
{
    const struct xb_experiment *exp = view->exp;
    fprintf(out, "%s\n\n%zu case%s, %u repetition%s%s, %zu guest%s: %zu cells", exp->name,
            exp->case_count, xb_plural(exp->case_count),
            exp->until.line ? exp->until.min : exp->repetitions,
            exp->repetitions == 1 && !exp->until.line ? "" : "s",
            exp->warmup ? " after warm-up" : "", exp->guest_count, xb_plural(exp->guest_count),
            view->cell_count);
    if (view->has_host)
        fprintf(out, "; on %s: Xen %s, %u CPUs, %s", view->host_name, view->facts.version,
                xb_host_cpus_online(&view->facts), view->facts.pools[0].scheduler);
    fprintf(out, ".\n");
    print_cells(view, out);
    xb_plan_print_shards(view, out);
    print_steps(view, out);
    print_changes(view, out);
    print_estimate(view, out);
    print_doubts(view, out);
}

static json_t *cells_to_json(const struct xb_plan_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->cell_count; i++) {
        const struct xb_plan_cell *c = &view->cells[i];
        uint32_t builds = i ? xb_plan_builds(view->exp, view->cells[i - 1].case_no, c->case_no) : 0;
        json_array_append_new(list,
                              json_pack("{s:i, s:i, s:i, s:b, s:i}", "cell", (int)i, "case",
                                        (int)c->case_no, "repetition", (int)c->repetition, "warmup",
                                        c->warmup, "guests_built_anew", (int)builds));
    }
    return list;
}

static json_t *cases_to_json(const struct xb_plan_view *view)
{
    json_t *list = json_array();
    for (uint32_t c = 0; c < view->exp->case_count; c++)
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "name", view->exp->cases[c].name, "settings",
                                        xb_exp_case_to_json(view->exp, &view->exp->cases[c])));
    return list;
}

static json_t *doubts_to_json(const struct xb_plan_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->doubt_count; i++) {
        const struct xb_plan_doubt *d = &view->doubts[i];
        json_array_append_new(
            list, json_pack("{s:i, s:s?, s:s, s:s}", "case", (int)d->case_no, "guest", d->guest,
                            "code", xb_warning_kinds[d->warning].code, "message", d->message));
    }
    return list;
}

json_t *xb_plan_time_to_json(const struct xb_plan_time *t)
{
    return json_pack("{s:f, s:i, s:i, s:f}", "known_s", (double)t->known_ns / 1e9, "known_cells",
                     (int)t->known_cells, "known_by_case", (int)t->by_case, "others_at_most_s",
                     (double)t->most_ns / 1e9);
}

json_t *xb_plan_to_json(const struct xb_plan_view *view)
{
    json_t *changes = json_array(), *steps = json_array();
    for (size_t i = 0; i < view->step_count; i++)
        json_array_append_new(steps, json_string(view->steps[i]));
    for (size_t i = 0; i < view->change_count; i++)
        json_array_append_new(changes, json_string(view->changes[i]));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:s?, s:b, s:o, s:o, s:o}",
                     "schema", "xenbench-plan/1", "experiment", view->exp->name, "file",
                     view->exp->path, "cases", cases_to_json(view), "cells", cells_to_json(view),
                     "changes", changes, "guests_built_anew", (int)view->builds, "time",
                     xb_plan_time_to_json(&view->time), "doubts", doubts_to_json(view), "refused",
                     view->refusal[0] ? view->refusal : NULL, "host_known", view->has_host, "host",
                     view->has_host ? xb_host_facts_to_json(&view->facts) : json_null(), "steps",
                     steps, "shards", xb_plan_shards_to_json(view));
}
