/*
 * Xen's message buffer, and how fast its CPUs run.
 */
#include "base.h"
#include "doctor.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct tally {
    size_t bad;
    char last[160];
};

/* Words that Xen uses when something is wrong; "Std. Loglevel: Errors and warnings" is not. */
static bool is_bad(const char *line)
{
    static const char *const signs[] = {"panic", "BUG",    "WARNING", "Oops",  "FATAL",
                                        "MCE",   " error", "Error:",  "failed"};
    if (strstr(line, "Loglevel"))
        return false;
    for (size_t i = 0; i < XB_ARRAY_LEN(signs); i++)
        if (strstr(line, signs[i]))
            return true;
    return false;
}

/* Domains that crash are named in it, and guests may name themselves as they like. */
static void keep(struct tally *tally, const char *line)
{
    size_t used = 0;
    tally->bad++;
    for (; *line && *line != '\n' && used < sizeof(tally->last) - 1; line++)
        tally->last[used++] = *line < 0x20 || *line > 0x7e ? '?' : *line;
    tally->last[used] = '\0';
}

void xb_doctor_messages(struct xb_doctor *doctor)
{
    struct tally tally = {0};
    char *line;
    libxl_xen_console_reader *reader = doctor->xen
                                           ? libxl_xen_console_read_start(doctor->xen->ctx, 0)
                                           : NULL;
    if (!reader) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "messages", "not known: no hypervisor answers");
        return;
    }
    while (libxl_xen_console_read_line(doctor->xen->ctx, reader, &line) == 1)
        if (is_bad(line))
            keep(&tally, line);
    libxl_xen_console_read_finish(doctor->xen->ctx, reader);
    if (tally.bad == 0) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "messages", "Xen has logged no errors");
        return;
    }
    xb_doctor_find(doctor, XB_HEALTH_WARNING, "messages",
                   "Xen has logged %zu errors or warnings, the last: %s", tally.bad, tally.last);
    xb_doctor_advise(doctor, "`xl dmesg` shows them all");
}

/* Xen first tells how much there is to tell, and fails with EAGAIN until it is given room for that.
 */
static int read_frequency(xc_interface *xc, struct xc_get_cpufreq_para *out)
{
    xb_auto_free uint32_t *cpus = NULL, *frequencies = NULL;
    xb_auto_free char *governors = NULL;
    int r = xc_get_cpufreq_para(xc, 0, out);
    if (r == 0 || errno != EAGAIN)
        return r;
    cpus = calloc(out->cpu_num + 1, sizeof(*cpus));
    frequencies = calloc(out->freq_num + 1, sizeof(*frequencies));
    governors = calloc(out->gov_num + 1, CPUFREQ_NAME_LEN);
    if (!cpus || !frequencies || !governors)
        return -1;
    out->affected_cpus = cpus;
    out->scaling_available_frequencies = frequencies;
    out->scaling_available_governors = governors;
    return xc_get_cpufreq_para(xc, 0, out);
}

void xb_doctor_frequency(struct xb_doctor *doctor)
{
    struct xc_get_cpufreq_para para = {0};
    if (!doctor->xen) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "frequency", "not known: no hypervisor answers");
        return;
    }
    if (read_frequency(doctor->xen->xc, &para) != 0) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "frequency",
                       "not exposed: Xen scales no frequencies here (the firmware or a host may)");
        return;
    }
    bool steady = strcasecmp(para.scaling_governor, "performance") == 0 && !para.turbo_enabled;
    xb_doctor_find(doctor, steady ? XB_HEALTH_OK : XB_HEALTH_WARNING, "frequency",
                   "governor %.15s (%.15s), %u to %u kHz, turbo %s", para.scaling_governor,
                   para.scaling_driver, para.cpuinfo_min_freq, para.cpuinfo_max_freq,
                   para.turbo_enabled ? "on" : "off");
    if (!steady)
        xb_doctor_advise(
            doctor,
            "results depend on temperature and load: xenpm set-scaling-governor performance; xenpm "
            "disable-turbo-mode");
}
