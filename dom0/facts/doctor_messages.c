/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Xen and Dom0's kernel have logged, and how fast the CPUs run.
 */
#include "base.h"
#include "doctor.h"
#include "xen_host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

struct tally {
    size_t bad;
    char last[160];
};

/* Has the line a word that Xen uses for errors? "Std. Loglevel: Errors and warnings" is none. */
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
        tally->last[used++] = (char)(*line < 0x20 || *line > 0x7e ? '?' : *line);
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
                   xb_plural(tally->bad), xb_plural(tally->bad), tally->last);
    xb_doctor_advise(doctor, "`%s` shows them all", command);
}

/*
 * A record of /dev/kmsg is "PRIORITY,NUMBER,TIME,FLAGS;TEXT". Priorities up to 3 are the kernel's
 * errors or worse; from 8 on, the record comes from user space.
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

static void keep_if_bad(void *tally, const char *line)
{
    if (is_bad(line))
        keep(tally, line);
}

static void check_xen(struct xb_doctor *doctor)
{
    struct tally tally = {0};
    struct xb_xen *xen = xb_xen_get(doctor->app, NULL);
    if (xen && xb_xen_messages(xen, keep_if_bad, &tally))
        tell(doctor, "messages", "Xen", &tally, "xl dmesg");
    else
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "messages", "unknown: no hypervisor answers");
}

void xb_doctor_messages(struct xb_doctor *doctor)
{
    check_xen(doctor);
    check_kernel(doctor);
}

void xb_doctor_frequency(struct xb_doctor *doctor)
{
    const struct xb_cpufreq *now = &doctor->facts->xen.frequency;
    if (!xb_doctor_has_xen(doctor)) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "frequency", "unknown: no hypervisor answers");
        return;
    }
    if (!doctor->facts->xen.scaled) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "frequency",
                       "not exposed: Xen does not scale frequencies here (the firmware or a "
                       "host may)");
        return;
    }
    bool steady = strcasecmp(now->governor, "performance") == 0 && !now->turbo;
    xb_doctor_find(doctor, steady ? XB_HEALTH_OK : XB_HEALTH_WARNING, "frequency",
                   "governor %s (%s), %u to %u kHz, turbo %s", now->governor, now->driver,
                   now->min_khz, now->max_khz, now->turbo ? "on" : "off");
    if (!steady)
        xb_doctor_advise(
            doctor,
            "results depend on temperature and load: xenpm set-scaling-governor performance; xenpm "
            "disable-turbo-mode");
}
