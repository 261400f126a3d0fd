/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts about a run on its own host. */
#include "doubts_run.h"

#include "alloc.h"
#include "base.h"
#include "doubts.h"
#include "run_host.h"

int xb_doubts_refuse(struct xb_run *run, struct xb_err *err)
{
    struct xb_host_facts *host = &run->found;
    if (!run->has_domains)
        return 0;
    if (xb_exp_resolve_cpus(run->exp, host->pcpus, host->cpus, err) < 0)
        return -1;
    /* Guests from an earlier part of this run are the run's own, so their moves need no doubt. */
    if (run->resumed)
        host->risky_moves = XB_UNKNOWN;
    for (uint32_t c = 0; c < run->exp->case_count; c++) {
        struct xb_doubt_case view = {run->exp, c, &run->exp->cases[c].dom0,
                                     run->exp->cases[c].guests};
        if (xb_doubts_possible(&view, host, err) < 0)
            return -1;
    }
    return 0;
}

struct writer {
    struct xb_run *run;
    uint32_t case_no;
};

static int write_doubt(void *arg, const char *guest, enum xb_warning warning, const char *message,
                       struct xb_err *err)
{
    struct writer *w = arg;
    struct xb_about about = {.case_no = w->case_no, .cell = -1, .guest = guest};
    if (xb_warning_kinds[warning].severity != XB_SEVERITY_NOTE)
        xb_progress_done(&w->run->progress, "warning: case `%s`: %s",
                         w->run->exp->cases[w->case_no].name, message);
    return xb_store_warn(w->run->store, w->run->id, about, warning, err, "%s", message);
}

static int tell_case(struct xb_run *run, const struct xb_host_facts *host, uint32_t case_no,
                     struct xb_err *err)
{
    struct writer writer = {run, case_no};
    xb_auto_allocation struct xb_allocation dom0 = XB_ALLOCATION_KEEP;
    xb_auto_free struct xb_allocation *guests = xb_calloc(run->count, sizeof(*guests));
    int r = xb_run_wanted(run, case_no, -1, &dom0, err);
    for (size_t g = 0; g < run->count; g++)
        guests[g] = XB_ALLOCATION_KEEP;
    for (size_t g = 0; r == 0 && g < run->count; g++)
        r = xb_run_wanted(run, case_no, (int)g, &guests[g], err);
    struct xb_doubt_case view = {run->exp, case_no, &dom0, guests};
    if (r == 0)
        r = xb_doubts_tell(&view, host, write_doubt, &writer, err);
    for (size_t g = 0; g < run->count; g++)
        xb_allocation_free(&guests[g]);
    return r;
}

static int tell_lab(struct xb_run *run, const struct xb_host_facts *host, struct xb_err *err)
{
    if (host->lab_host_cpus == 0 || host->lab_host_cpus >= host->lab_cpus)
        return 0;
    return xb_run_warn(run, XB_ABOUT_RUN, XB_WARN_LAB_SMALL, err,
                       "the machine beneath this lab has %u CPUs for the lab's %u: a second of "
                       "CPU time does not have the same worth in every case, so cases are not "
                       "ranked; shares within a case hold",
                       host->lab_host_cpus, host->lab_cpus);
}

int xb_doubts_write(struct xb_run *run, struct xb_err *err)
{
    if (!run->has_domains)
        return 0;
    if (tell_lab(run, &run->found, err) < 0)
        return -1;
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        if (tell_case(run, &run->found, c, err) < 0)
            return -1;
    return 0;
}
