#include "host_power.h"

#include "base.h"
#include "pool.h"

#include <errno.h>
#include <string.h>

#define TRIES 3

/* One CPU's cpufreq parameters; the arrays are to free. False where no driver scales it. */
static bool read_cpufreq(struct xb_xen *xen, int cpu, struct xc_get_cpufreq_para *para)
{
    *para = (struct xc_get_cpufreq_para){0};
    for (int i = 0; i < TRIES; i++) {
        if (xc_get_cpufreq_para(xen->xc, cpu, para) == 0)
            return true;
        if (errno != EAGAIN)
            return false;
        /* The first call told how much room it needs. */
        free(para->affected_cpus);
        free(para->scaling_available_frequencies);
        free(para->scaling_available_governors);
        para->affected_cpus = calloc(para->cpu_num + 1, sizeof(uint32_t));
        para->scaling_available_frequencies = calloc(para->freq_num + 1, sizeof(uint32_t));
        para->scaling_available_governors = calloc(para->gov_num + 1, CPUFREQ_NAME_LEN);
        if (!para->affected_cpus || !para->scaling_available_frequencies ||
            !para->scaling_available_governors)
            return false;
    }
    return false;
}

static void clear_cpufreq(struct xc_get_cpufreq_para *para)
{
    free(para->affected_cpus);
    free(para->scaling_available_frequencies);
    free(para->scaling_available_governors);
}

/* The first CPU that is online; the others are alike, or xenpm set them apart. */
void xb_power_read(struct xb_xen *xen, struct xb_power *out)
{
    struct xc_get_cpufreq_para para;
    uint32_t cstate;
    int deepest = 0;
    *out = (struct xb_power){.turbo = -1, .max_cstate = -1};
    if (read_cpufreq(xen, 0, &para)) {
        out->cpufreq = true;
        snprintf(out->governor, sizeof(out->governor), "%.15s", para.scaling_governor);
        if (para.scaling_available_governors)
            snprintf(out->governors, sizeof(out->governors), "%.*s",
                     (int)(para.gov_num * CPUFREQ_NAME_LEN), para.scaling_available_governors);
        out->turbo = para.turbo_enabled != 0;
    }
    clear_cpufreq(&para);
    if (xc_get_cpuidle_max_cstate(xen->xc, &cstate) == 0)
        out->max_cstate = cstate;
    out->cstates = xc_pm_get_max_cx(xen->xc, 0, &deepest) == 0 && deepest > 0;
}

static int check_possible(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    xb_power_read(xen, &now);
    if ((want->governor[0] || want->turbo >= 0) && !now.cpufreq)
        return xb_fail(err, XB_E_INPUT, 0,
                       "no driver of Xen's scales this host's CPU frequency (`xenpm "
                       "get-cpufreq-para` shows none): neither governor nor turbo can be set");
    if (want->max_cstate >= 0 && !now.cstates)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "Xen knows no C-states of this host (`xenpm get-cpuidle-states` shows none)");
    return 0;
}

static int set_cpu(struct xb_xen *xen, int cpu, const char *governor, int turbo, struct xb_err *err)
{
    if (governor[0] && xc_set_cpufreq_gov(xen->xc, cpu, (char *)governor) < 0)
        return xb_fail(err, errno == EINVAL ? XB_E_INPUT : XB_E_HOST, errno,
                       "CPU %d: cannot set the governor %s", cpu, governor);
    if (turbo >= 0 &&
        (turbo ? xc_enable_turbo(xen->xc, cpu) : xc_disable_turbo(xen->xc, cpu)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "CPU %d: cannot switch turbo %s", cpu,
                       turbo ? "on" : "off");
    return 0;
}

int xb_power_apply(struct xb_xen *xen, const struct xb_power_want *want, struct xb_err *err)
{
    struct xb_power now;
    if (!want->governor[0] && want->turbo < 0 && want->max_cstate < 0)
        return 0;
    uint32_t cpus = xb_pcpu_count(xen, err);
    if (!cpus || check_possible(xen, want, err) < 0)
        return -1;
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        if (set_cpu(xen, (int)cpu, want->governor, want->turbo, err) < 0)
            return -1;
    if (want->max_cstate >= 0 && xc_set_cpuidle_max_cstate(xen->xc, (uint32_t)want->max_cstate) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot limit the C-states to C%lld",
                       (long long)want->max_cstate);
    xb_power_read(xen, &now);
    if ((want->governor[0] && strcmp(want->governor, now.governor) != 0) ||
        (want->turbo >= 0 && want->turbo != now.turbo) ||
        (want->max_cstate >= 0 && want->max_cstate != now.max_cstate))
        return xb_fail(err, XB_E_HOST, 0,
                       "Xen took governor, turbo or C-state and did not put it in force (governor "
                       "%s, turbo %d, C-states up to %lld)",
                       now.governor, now.turbo, (long long)now.max_cstate);
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
               ? xb_fail(err, XB_E_HOST, errno, "cannot put the limit of the C-states back")
               : 0;
}
