/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xen_power.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <string.h>
#include <xenctrl.h>

#define TRIES 3

/* Since Xen 4.18 a CPU may scale itself (HWP); its parameters then take the governor's place. */
#ifdef XEN_HWP_DRIVER_NAME
static const char *governor_of(const struct xc_get_cpufreq_para *para)
{
    bool itself = strncmp(para->scaling_driver, XEN_HWP_DRIVER_NAME, CPUFREQ_NAME_LEN) == 0;
    return itself ? XEN_HWP_DRIVER_NAME : para->u.s.scaling_governor;
}
#else
static const char *governor_of(const struct xc_get_cpufreq_para *para)
{
    return para->scaling_governor;
}
#endif

static void clear(struct xc_get_cpufreq_para *para)
{
    free(para->affected_cpus);
    free(para->scaling_available_frequencies);
    free(para->scaling_available_governors);
}

/* Xen first reports the sizes of the arrays, and fails with EAGAIN until the caller has them. */
static bool ask(struct xb_xen *xen, int cpu, struct xc_get_cpufreq_para *para)
{
    for (int i = 0; i < TRIES; i++) {
        if (xc_get_cpufreq_para(xen->xc, cpu, para) == 0)
            return true;
        if (errno != EAGAIN)
            return false;
        clear(para);
        para->affected_cpus = xb_calloc(para->cpu_num + 1, sizeof(uint32_t));
        para->scaling_available_frequencies = xb_calloc(para->freq_num + 1, sizeof(uint32_t));
        para->scaling_available_governors = xb_calloc(para->gov_num + 1, CPUFREQ_NAME_LEN);
    }
    return false;
}

bool xb_cpufreq_read(struct xb_xen *xen, uint32_t cpu, struct xb_cpufreq *out)
{
    struct xc_get_cpufreq_para para = {0};
    bool scaled = ask(xen, (int)cpu, &para);
    *out = (struct xb_cpufreq){0};
    if (scaled) {
        snprintf(out->driver, sizeof(out->driver), "%.15s", para.scaling_driver);
        snprintf(out->governor, sizeof(out->governor), "%.15s", governor_of(&para));
        if (para.scaling_available_governors)
            snprintf(out->governors, sizeof(out->governors), "%.*s",
                     (int)(para.gov_num * CPUFREQ_NAME_LEN), para.scaling_available_governors);
        out->min_khz = para.cpuinfo_min_freq;
        out->max_khz = para.cpuinfo_max_freq;
        out->turbo = para.turbo_enabled != 0;
    }
    clear(&para);
    return scaled;
}

int xb_cpufreq_set_governor(struct xb_xen *xen, uint32_t cpu, const char *governor)
{
    return xc_set_cpufreq_gov(xen->xc, (int)cpu, (char *)governor) < 0 ? -1 : 0;
}

int xb_cpufreq_set_turbo(struct xb_xen *xen, uint32_t cpu, bool on)
{
    int r = on ? xc_enable_turbo(xen->xc, (int)cpu) : xc_disable_turbo(xen->xc, (int)cpu);
    return r < 0 ? -1 : 0;
}

bool xb_cstates_known(struct xb_xen *xen)
{
    int deepest = 0;
    return xc_pm_get_max_cx(xen->xc, 0, &deepest) == 0 && deepest > 0;
}

int64_t xb_cstate_limit(struct xb_xen *xen)
{
    uint32_t limit;
    return xc_get_cpuidle_max_cstate(xen->xc, &limit) == 0 ? (int64_t)limit : -1;
}

int xb_cstate_set_limit(struct xb_xen *xen, uint32_t limit)
{
    return xc_set_cpuidle_max_cstate(xen->xc, limit) < 0 ? -1 : 0;
}
