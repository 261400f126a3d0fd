/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host_power.h"

#include "base.h"
#include "pool.h"
#include "xen_power.h"

#include <errno.h>
#include <string.h>

/* Without an answer from Xen, the setting is unknown; that is no error. */
static int read_smt(struct xb_xen *xen)
{
    struct xb_err ignored = {0};
    xb_auto_free struct xb_pcpu *cpus = NULL;
    size_t count = 0;
    if (xb_pcpu_list(xen, &cpus, &count, &ignored) < 0)
        return -1;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < a; b++)
            if (cpus[a].online && cpus[b].online && cpus[a].core == cpus[b].core &&
                cpus[a].socket == cpus[b].socket)
                return 1;
    return 0;
}

static void read_cpu(struct xb_xen *xen, uint32_t cpu, struct xb_power *out)
{
    struct xb_cpufreq now;
    struct xb_power_cpu *one = &out->cpus[cpu];
    one->turbo = -1;
    if (!xb_cpufreq_read(xen, cpu, &now))
        return;
    memcpy(one->governor, now.governor, sizeof(one->governor));
    one->turbo = now.turbo;
    if (out->cpufreq)
        return;
    memcpy(out->governor, now.governor, sizeof(out->governor));
    memcpy(out->governors, now.governors, sizeof(out->governors));
    out->turbo = now.turbo;
    out->cpufreq = true;
}

void xb_power_read(struct xb_xen *xen, struct xb_power *out)
{
    uint32_t cpus = xb_pcpu_count(xen, NULL);
    *out = (struct xb_power){.turbo = -1, .max_cstate = xb_cstate_limit(xen)};
    out->cpu_count = cpus < XB_CPUS_MAX ? cpus : XB_CPUS_MAX;
    for (uint32_t cpu = 0; cpu < out->cpu_count; cpu++)
        read_cpu(xen, cpu, out);
    out->cstates = xb_cstates_known(xen);
    out->smt = read_smt(xen);
}

static const struct xb_power_cpu *found_of(const struct xb_power_want *want, uint32_t cpu)
{
    return want->found && cpu < want->found->cpu_count ? &want->found->cpus[cpu] : NULL;
}

const char *xb_power_governor_of(const struct xb_power_want *want, uint32_t cpu)
{
    const struct xb_power_cpu *found = want->governor_found ? found_of(want, cpu) : NULL;
    return want->governor[0] ? want->governor : found ? found->governor : "";
}

/* The wanted setting of one CPU; -1: keep. */
static int turbo_of(const struct xb_power_want *want, uint32_t cpu)
{
    const struct xb_power_cpu *found = want->turbo_found ? found_of(want, cpu) : NULL;
    return want->turbo >= 0 ? want->turbo : found ? found->turbo : -1;
}

static bool cpu_differs(const struct xb_power_want *want, const struct xb_power *got, uint32_t cpu,
                        char *why, size_t bytes)
{
    const struct xb_power_cpu *now = &got->cpus[cpu];
    const char *governor = xb_power_governor_of(want, cpu);
    int turbo = turbo_of(want, cpu);
    if (!now->governor[0]) /* offline, or without a frequency driver */
        return false;
    if (governor[0] && strcmp(governor, now->governor) != 0)
        snprintf(why, bytes, "CPU %u: governor %s asked, %s in force", cpu, governor,
                 now->governor);
    else if (turbo >= 0 && turbo != now->turbo)
        snprintf(why, bytes, "CPU %u: turbo %s asked, %s in force", cpu, turbo ? "on" : "off",
                 now->turbo ? "on" : "off");
    else
        return false;
    return true;
}

bool xb_power_differs(const struct xb_power_want *want, const struct xb_power *got, char *why,
                      size_t bytes)
{
    for (uint32_t cpu = 0; cpu < got->cpu_count; cpu++)
        if (cpu_differs(want, got, cpu, why, bytes))
            return true;
    if (want->max_cstate < 0 || want->max_cstate == got->max_cstate)
        return false;
    snprintf(why, bytes, "C-states up to %lld asked, up to %lld in force",
             (long long)want->max_cstate, (long long)got->max_cstate);
    return true;
}

/* One value if all CPUs that have one agree, else the list. */
static json_t *alike_or_list(json_t *list)
{
    const json_t *first = NULL;
    size_t i;
    json_t *value;
    json_array_foreach(list, i, value)
    {
        if (json_is_null(value))
            continue;
        if (first && !json_equal(first, value))
            return list;
        first = value;
    }
    json_t *one = first ? json_deep_copy(first) : NULL;
    json_decref(list);
    return one;
}

json_t *xb_power_to_json(const struct xb_power *power)
{
    json_t *json = json_object(), *governors = json_array(), *turbos = json_array();
    for (uint32_t cpu = 0; cpu < power->cpu_count; cpu++) {
        const struct xb_power_cpu *one = &power->cpus[cpu];
        json_array_append_new(governors,
                              one->governor[0] ? json_string_nocheck(one->governor) : json_null());
        json_array_append_new(turbos, one->turbo >= 0 ? json_boolean(one->turbo) : json_null());
    }
    json_t *governor = alike_or_list(governors), *turbo = alike_or_list(turbos);
    if (governor)
        json_object_set_new(json, "governor", governor);
    if (turbo)
        json_object_set_new(json, "turbo", turbo);
    if (power->max_cstate >= 0)
        json_object_set_new(json, "max_cstate", json_integer(power->max_cstate));
    if (power->smt >= 0)
        json_object_set_new(json, "smt", json_boolean(power->smt));
    return json;
}

static int check_possible(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    xb_power_read(xen, &now);
    if ((want->governor[0] || want->turbo >= 0) && !now.cpufreq)
        return xb_fail(err, XB_E_INPUT, 0,
                       "Xen has no frequency driver for this host (`xenpm get-cpufreq-para` "
                       "shows none): governor and turbo cannot be set");
    if (want->max_cstate >= 0 && !now.cstates)
        return xb_fail(err, XB_E_INPUT, 0,
                       "Xen has no C-states on this host (`xenpm get-cpuidle-states` shows none)");
    return 0;
}

static int set_cpu(struct xb_xen *xen, uint32_t cpu, const char *governor, int turbo,
                   struct xb_err *err)
{
    if (governor[0] && xb_cpufreq_set_governor(xen, cpu, governor) < 0)
        return xb_fail(err, errno == EINVAL ? XB_E_INPUT : XB_E_HOST, errno,
                       "CPU %u: cannot set the governor %s", cpu, governor);
    if (turbo >= 0 && xb_cpufreq_set_turbo(xen, cpu, turbo) < 0)
        return xb_fail(err, XB_E_HOST, errno, "CPU %u: cannot switch turbo %s", cpu,
                       turbo ? "on" : "off");
    return 0;
}

static int set_all(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    xb_power_read(xen, &now);
    for (uint32_t cpu = 0; cpu < now.cpu_count; cpu++) {
        const char *governor = xb_power_governor_of(want, cpu);
        int turbo = turbo_of(want, cpu);
        if (!now.cpus[cpu].governor[0])
            continue;
        if (strcmp(governor, now.cpus[cpu].governor) == 0)
            governor = "";
        if (set_cpu(xen, cpu, governor, turbo == now.cpus[cpu].turbo ? -1 : turbo, err) < 0)
            return -1;
    }
    return 0;
}

int xb_power_apply(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    char why[160];
    if (!want->governor[0] && want->turbo < 0 && want->max_cstate < 0 && !want->governor_found &&
        !want->turbo_found)
        return 0;
    if (check_possible(xen, want, err) < 0 || set_all(xen, want, err) < 0)
        return -1;
    if (want->max_cstate >= 0 && xb_cstate_set_limit(xen, (uint32_t)want->max_cstate) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot limit the C-states to C%lld",
                       (long long)want->max_cstate);
    xb_power_read(xen, &now);
    if (xb_power_differs(want, &now, why, sizeof(why)))
        return xb_fail(err, XB_E_HOST, 0,
                       "Xen accepted governor, turbo or C-state but did not apply it (%s)", why);
    return 0;
}

json_t *xb_power_record(struct xb_xen *xen)
{
    json_t *list = json_array();
    uint32_t cpus = xb_pcpu_count(xen, NULL);
    int64_t cstate = xb_cstate_limit(xen);
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        struct xb_cpufreq now;
        if (xb_cpufreq_read(xen, cpu, &now))
            json_array_append_new(list, json_pack("{s:i, s:s, s:b}", "cpu", (int)cpu, "governor",
                                                  now.governor, "turbo", now.turbo));
    }
    json_t *record = json_pack("{s:o}", "cpus", list);
    if (cstate >= 0)
        json_object_set_new(record, "max_cstate", json_integer(cstate));
    return record;
}

static int undo_cpu(struct xb_xen *xen, const json_t *cpu, struct xb_err *err)
{
    const char *governor = json_string_value(json_object_get(cpu, "governor"));
    uint32_t number = (uint32_t)json_integer_value(json_object_get(cpu, "cpu"));
    int turbo = json_is_true(json_object_get(cpu, "turbo"));
    struct xb_cpufreq now;
    bool scaled = xb_cpufreq_read(xen, number, &now);
    bool other = scaled && governor && strcmp(now.governor, governor) != 0;
    bool switched = scaled && now.turbo != (turbo != 0);
    return set_cpu(xen, number, other ? governor : "", switched ? turbo : -1, err);
}

static int undo_cstate(struct xb_xen *xen, const json_t *limit, struct xb_err *err)
{
    int64_t now = xb_cstate_limit(xen);
    if (!limit || now < 0 || now == json_integer_value(limit) ||
        xb_cstate_set_limit(xen, (uint32_t)json_integer_value(limit)) == 0)
        return 0;
    return xb_fail(err, XB_E_HOST, errno, "cannot restore the limit of the C-states");
}

int xb_power_undo(struct xb_xen *xen, const json_t *record, struct xb_err *err)
{
    size_t i;
    json_t *cpu;
    int r = 0;
    json_array_foreach(json_object_get(record, "cpus"), i, cpu)
    {
        struct xb_err why = {0};
        if (undo_cpu(xen, cpu, &why) < 0)
            r = xb_fail_also(err, &why);
    }
    struct xb_err why = {0};
    return undo_cstate(xen, json_object_get(record, "max_cstate"), &why) < 0
               ? xb_fail_also(err, &why)
               : r;
}
