/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the lab: the CPU time that the machine beneath took from each guest's CPUs. */
#include "base.h"
#include "cpus.h"
#include "report_model_i.h"
#include "store_read_samples.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* The CPUs on which a domain may run, from the settings read back: {"hard":["2-3","all"]}. */
static struct xb_cpus cpus_of(const char *settings)
{
    struct xb_cpus cpus;
    memset(&cpus, 0, sizeof(cpus));
    json_t *json = json_loads(settings, 0, NULL);
    const json_t *hard = json_object_get(json, "hard");
    for (size_t i = 0; i < json_array_size(hard); i++) {
        struct xb_cpus one;
        const char *list = json_string_value(json_array_get(hard, i));
        if (!list || xb_cpus_parse(list, &one, NULL) < 0)
            continue;
        for (size_t w = 0; w < XB_ARRAY_LEN(one.bits); w++)
            cpus.bits[w] |= one.bits[w];
    }
    json_decref(json);
    return cpus;
}

/*
 * The part of the CPU time wanted on a set of CPUs that the machine beneath took in one cell. NaN
 * where the lab does not report it.
 */
static int steal_on(const struct xb_read *in, const struct xb_settings_row *of,
                    const struct xb_cpus *cpus, double *out)
{
    struct xb_steal_row *rows;
    size_t count;
    double run_ns = 0, delay_ns = 0;
    if (xb_read_steals(in, of->cell, of->attempt, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!xb_cpus_has(cpus, rows[i].pcpu))
            continue;
        run_ns += rows[i].run_ns;
        delay_ns += rows[i].delay_ns;
    }
    *out = run_ns + delay_ns > 0 ? delay_ns / (run_ns + delay_ns) : NAN;
    return 0;
}

int xb_model_load_steal(struct xb_model *m, const struct xb_read *in)
{
    struct xb_settings_row *rows;
    size_t count;
    if (xb_read_start_settings(in, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct xb_group *group = xb_model_group_at(m, rows[i].case_no, rows[i].guest);
        struct xb_cpus cpus = cpus_of(rows[i].settings);
        double steal;
        if (steal_on(in, &rows[i], &cpus, &steal) < 0)
            return -1;
        for (size_t p = 0; group && p < group->count; p++)
            if (group->points[p].cell == rows[i].cell)
                group->points[p].steal = steal;
        m->has_steal = m->has_steal || !isnan(steal);
    }
    return 0;
}
