#include "host_power.h"

#include "alloc.h"
#include "base.h"
#include "pool.h"

#include <errno.h>
#include <string.h>

#define TRIES 3

/*
 * Read one CPU's cpufreq parameters, whose arrays are to free. False if no driver scales the CPU.
 */
static bool read_cpufreq(struct xb_xen *xen, int cpu, struct xc_get_cpufreq_para *para)
{
    *para = (struct xc_get_cpufreq_para){0};
    for (int i = 0; i < TRIES; i++) {
        if (xc_get_cpufreq_para(xen->xc, cpu, para) == 0)
            return true;
        if (errno != EAGAIN)
            return false;
        /* The first call reported the sizes of the arrays. */
        free(para->affected_cpus);
        free(para->scaling_available_frequencies);
        free(para->scaling_available_governors);
        para->affected_cpus = xb_calloc(para->cpu_num + 1, sizeof(uint32_t));
        para->scaling_available_frequencies = xb_calloc(para->freq_num + 1, sizeof(uint32_t));
        para->scaling_available_governors = xb_calloc(para->gov_num + 1, CPUFREQ_NAME_LEN);
    }
    return false;
}

static void clear_cpufreq(struct xc_get_cpufreq_para *para)
{
    free(para->affected_cpus);
    free(para->scaling_available_frequencies);
    free(para->scaling_available_governors);
}

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
    struct xc_get_cpufreq_para para;
    out->cpus[cpu].turbo = -1;
    if (read_cpufreq(xen, (int)cpu, &para)) {
        snprintf(out->cpus[cpu].governor, sizeof(out->cpus[cpu].governor), "%.15s",
                 para.scaling_governor);
        out->cpus[cpu].turbo = para.turbo_enabled != 0;
        if (!out->cpufreq) {
            snprintf(out->governor, sizeof(out->governor), "%s", out->cpus[cpu].governor);
            if (para.scaling_available_governors)
                snprintf(out->governors, sizeof(out->governors), "%.*s",
                         (int)(para.gov_num * CPUFREQ_NAME_LEN), para.scaling_available_governors);
            out->turbo = out->cpus[cpu].turbo;
        }
        out->cpufreq = true;
    }
    clear_cpufreq(&para);
}

void xb_power_read(struct xb_xen *xen, struct xb_power *out)
{
    uint32_t cstate, cpus = xb_pcpu_count(xen, NULL);
    int deepest = 0;
    *out = (struct xb_power){.turbo = -1, .max_cstate = -1};
    out->cpu_count = cpus < XB_CPUS_MAX ? cpus : XB_CPUS_MAX;
    for (uint32_t cpu = 0; cpu < out->cpu_count; cpu++)
        read_cpu(xen, cpu, out);
    if (xc_get_cpuidle_max_cstate(xen->xc, &cstate) == 0)
        out->max_cstate = cstate;
    out->cstates = xc_pm_get_max_cx(xen->xc, 0, &deepest) == 0 && deepest > 0;
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

int xb_power_turbo_of(const struct xb_power_want *want, uint32_t cpu)
{
    const struct xb_power_cpu *found = want->turbo_found ? found_of(want, cpu) : NULL;
    return want->turbo >= 0 ? want->turbo : found ? found->turbo : -1;
}

static bool cpu_differs(const struct xb_power_want *want, const struct xb_power *got, uint32_t cpu,
                        char *why, size_t bytes)
{
    const struct xb_power_cpu *now = &got->cpus[cpu];
    const char *governor = xb_power_governor_of(want, cpu);
    int turbo = xb_power_turbo_of(want, cpu);
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

static int set_cpu(struct xb_xen *xen, int cpu, const char *governor, int turbo, struct xb_err *err)
{
    if (governor[0] && xc_set_cpufreq_gov(xen->xc, cpu, (char *)governor) < 0)
        return xb_fail(err, errno == EINVAL ? XB_E_INPUT : XB_E_HOST, errno,
                       "CPU %d: cannot set the governor %s", cpu, governor);
    if (turbo >= 0 && (turbo ? xc_enable_turbo(xen->xc, cpu) : xc_disable_turbo(xen->xc, cpu)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "CPU %d: cannot switch turbo %s", cpu,
                       turbo ? "on" : "off");
    return 0;
}

static int set_all(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    xb_power_read(xen, &now);
    for (uint32_t cpu = 0; cpu < now.cpu_count; cpu++) {
        const char *governor = xb_power_governor_of(want, cpu);
        int turbo = xb_power_turbo_of(want, cpu);
        if (!now.cpus[cpu].governor[0])
            continue;
        if (strcmp(governor, now.cpus[cpu].governor) == 0)
            governor = "";
        if (set_cpu(xen, (int)cpu, governor, turbo == now.cpus[cpu].turbo ? -1 : turbo, err) < 0)
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
    if (want->max_cstate >= 0 && xc_set_cpuidle_max_cstate(xen->xc, (uint32_t)want->max_cstate) < 0)
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
    json_t *list = json_array(), *record;
    uint32_t cstate, cpus = xb_pcpu_count(xen, NULL);
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        struct xc_get_cpufreq_para para;
        if (read_cpufreq(xen, (int)cpu, &para))
            json_array_append_new(list, json_pack("{s:i, s:s, s:b}", "cpu", (int)cpu, "governor",
                                                  para.scaling_governor, "turbo",
                                                  para.turbo_enabled != 0));
        clear_cpufreq(&para);
    }
    record = json_pack("{s:o}", "cpus", list);
    if (xc_get_cpuidle_max_cstate(xen->xc, &cstate) == 0)
        json_object_set_new(record, "max_cstate", json_integer(cstate));
    return record;
}

int xb_power_undo(struct xb_xen *xen, const json_t *record, struct xb_err *err)
{
    size_t i;
    json_t *cpu;
    const json_t *cstate = json_object_get(record, "max_cstate");
    uint32_t now;
    json_array_foreach(json_object_get(record, "cpus"), i, cpu)
    {
        const char *governor = json_string_value(json_object_get(cpu, "governor"));
        int number = (int)json_integer_value(json_object_get(cpu, "cpu"));
        int turbo = json_is_true(json_object_get(cpu, "turbo"));
        struct xc_get_cpufreq_para para;
        bool scaled = read_cpufreq(xen, number, &para);
        bool other = scaled && governor && strcmp(para.scaling_governor, governor) != 0;
        bool switched = scaled && (para.turbo_enabled != 0) != turbo;
        clear_cpufreq(&para);
        if (set_cpu(xen, number, other ? governor : "", switched ? turbo : -1, err) < 0)
            return -1;
    }
    if (!cstate || xc_get_cpuidle_max_cstate(xen->xc, &now) < 0 ||
        now == (uint32_t)json_integer_value(cstate))
        return 0;
    return xc_set_cpuidle_max_cstate(xen->xc, (uint32_t)json_integer_value(cstate)) < 0
               ? xb_fail(err, XB_E_HOST, errno, "cannot restore the limit of the C-states")
               : 0;
}
