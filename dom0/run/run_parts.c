/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_parts.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

static struct xb_part part_of(const char *role, const struct xb_job_spec *job)
{
    const struct xb_workload_metric *primary = job ? job->primary : NULL;
    return (struct xb_part){
        .solo_case = -1,
        .role = role,
        .workload = job ? job->name : NULL,
        .metric = primary ? primary->name : NULL,
        .unit = primary && primary->unit ? primary->unit : "",
        .better = xb_better_words[primary ? primary->better : XB_WORKLOAD_LESS],
    };
}

struct xb_part *xb_run_parts(const struct xb_run *run)
{
    struct xb_part *parts = xb_calloc(run->exp->case_count * run->count, sizeof(*parts));
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        for (size_t g = 0; g < run->count; g++) {
            const struct xb_exp_part *p = &run->exp->cases[c].parts[g];
            struct xb_part *part = &parts[c * run->count + g];
            *part = part_of(xb_role_words[p->role], xb_run_job(run, c, g));
            if (p->solo_case != XB_EXP_NO_CASE)
                part->solo_case = p->solo_case;
        }
    return parts;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

struct xb_part xb_run_common_part(const struct xb_run *run, const struct xb_part *parts)
{
    const struct xb_part *first = NULL;
    for (size_t i = 0; i < run->exp->case_count * run->count; i++) {
        if (strcmp(parts[i].role, xb_role_words[XB_ROLE_MEASURED]) != 0)
            continue;
        if (!first)
            first = &parts[i];
        if (!same_text(first->metric, parts[i].metric) || !same_text(first->unit, parts[i].unit) ||
            !same_text(first->better, parts[i].better))
            return part_of(first->role, NULL);
    }
    return first ? *first : part_of(NULL, NULL); /* a case without a measured guest is refused */
}

void xb_run_name_workloads(const struct xb_run *run, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t w = 0; w < run->exp->workload_count && used < bytes; w++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", w ? ", " : "",
                                 run->exp->workloads[w].name);
}
