/*
 * What Xen and Dom0's kernel have logged, and how fast the CPUs run.
 */
#include "alloc.h"
#include "base.h"
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

struct tally {
    size_t bad;
    char last[160];
};

/* Words that Xen uses for errors; "Std. Loglevel: Errors and warnings" is none. */
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

/*
 * The line may contain a guest's name, which the guest chooses, so keep only printable characters.
 */
static void keep(struct tally *tally, const char *line)
{
    size_t used = 0;
    tally->bad++;
    for (; *line && *line != '\n' && used < sizeof(tally->last) - 1; line++)
        tally->last[used++] = *line < 0x20 || *line > 0x7e ? '?' : *line;
    tally->last[used] = '\0';
}

static void tell(struct xb_doctor *doctor, const char *what, const char *who,
                 const struct tally *tally, const char *command)
{
    if (tally->bad == 0) {
        xb_doctor_find(doctor, XB_HEALTH_OK, what, "%s has logged no errors", who);
        return;
    }
    xb_doctor_find(doctor, XB_HEALTH_WARNING, what,
                   "%s has logged %zu error%s or warning%s, the last: %s", who, tally->bad,
                   tally->bad == 1 ? "" : "s", tally->bad == 1 ? "" : "s", tally->last);
    xb_doctor_advise(doctor, "`%s` shows them all", command);
}

/*
 * A record of /dev/kmsg is "PRIORITY,NUMBER,TIME,FLAGS;TEXT". Levels up to 3 are errors or worse;
 * from 8 on the record is not the kernel's own.
 */
static void check_kernel(struct xb_doctor *doctor)
{
    char record[8192];
    struct tally tally = {0};
    ssize_t n;
    xb_auto_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "kernel messages", "cannot read /dev/kmsg: %s",
                       strerror(errno));
        return;
    }
    while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
        unsigned int priority;
        record[n > 0 ? n : 0] = '\0';
        const char *text = strchr(record, ';');
        if (text && sscanf(record, "%u,", &priority) == 1 && priority <= 3)
            keep(&tally, text + 1);
    }
    tell(doctor, "kernel messages", "Dom0's kernel", &tally, "dmesg --level=err,crit,alert,emerg");
}

static void check_xen(struct xb_doctor *doctor)
{
    struct tally tally = {0};
    char *line;
    libxl_xen_console_reader *reader =
        doctor->xen ? libxl_xen_console_read_start(doctor->xen->ctx, 0) : NULL;
    if (!reader) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "messages", "unknown: no hypervisor answers");
        return;
    }
    while (libxl_xen_console_read_line(doctor->xen->ctx, reader, &line) == 1)
        if (is_bad(line))
            keep(&tally, line);
    libxl_xen_console_read_finish(doctor->xen->ctx, reader);
    tell(doctor, "messages", "Xen", &tally, "xl dmesg");
}

void xb_doctor_messages(struct xb_doctor *doctor)
{
    check_xen(doctor);
    check_kernel(doctor);
}

/*
 * Xen first reports the sizes of the arrays, and fails with EAGAIN until the caller provides them.
 */
static int read_frequency(xc_interface *xc, struct xc_get_cpufreq_para *out)
{
    xb_auto_free uint32_t *cpus = NULL, *frequencies = NULL;
    xb_auto_free char *governors = NULL;
    int r = xc_get_cpufreq_para(xc, 0, out);
    if (r == 0 || errno != EAGAIN)
        return r;
    cpus = xb_calloc(out->cpu_num + 1, sizeof(*cpus));
    frequencies = xb_calloc(out->freq_num + 1, sizeof(*frequencies));
    governors = xb_calloc(out->gov_num + 1, CPUFREQ_NAME_LEN);
    out->affected_cpus = cpus;
    out->scaling_available_frequencies = frequencies;
    out->scaling_available_governors = governors;
    return xc_get_cpufreq_para(xc, 0, out);
}

void xb_doctor_frequency(struct xb_doctor *doctor)
{
    struct xc_get_cpufreq_para para = {0};
    if (!doctor->xen) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "frequency", "unknown: no hypervisor answers");
        return;
    }
    if (read_frequency(doctor->xen->xc, &para) != 0) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "frequency",
                       "not exposed: Xen does not scale frequencies here (the firmware or a "
                       "host may)");
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
