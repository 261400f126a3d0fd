/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "status.h"

#include "state.h"
#include "base.h"
#include "sample.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

/* xenbench-settled.service creates this file when systemd reports that the boot has settled. */
#define SETTLED_PATH "/run/xenbench/settled"

static void read_names(struct xa_status *out)
{
    struct utsname names;
    if (uname(&names) == 0) {
        snprintf(out->kernel, sizeof(out->kernel), "%s", names.release);
        snprintf(out->hostname, sizeof(out->hostname), "%s", names.nodename);
    }
    xa_clocksource(out->clocksource, sizeof(out->clocksource));
    out->msg.kernel = out->kernel;
    out->msg.hostname = out->hostname;
    out->msg.clocksource = out->clocksource;
    out->msg.os = out->os;
}

/* Read PRETTY_NAME="Debian GNU/Linux 12 (bookworm)": os-release(5) */
static void read_os(struct xa_status *out)
{
    static const char key[] = "PRETTY_NAME=";
    xb_auto_fclose FILE *file = fopen("/etc/os-release", "re");
    char line[256];
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, sizeof(key) - 1) != 0)
            continue;
        const char *value = line + sizeof(key) - 1;
        value += strspn(value, "\"'");
        snprintf(out->os, sizeof(out->os), "%.*s", (int)strcspn(value, "\"'\n"), value);
        return;
    }
}

static void read_net(struct xa_status *out)
{
    xb_auto_closedir DIR *dir = opendir("/sys/class/net");
    const struct dirent *entry;
    size_t count = 0;
    while (dir && count < XA_NET_DEVICES_MAX && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(out->net_names[count], sizeof(out->net_names[count]), "%.31s", entry->d_name);
        xb__net_device__init(&out->net[count]);
        out->net[count].name = out->net_names[count];
        out->net_list[count] = &out->net[count];
        count++;
    }
    out->msg.n_net = count;
    out->msg.net = out->net_list;
}

static void read_cpu_and_memory(struct xa_status *out)
{
    xb_auto_close int stat_fd = xa_cpu_times_open();
    if (stat_fd >= 0) {
        struct xa_cpu_times times = xa_cpu_times_read(stat_fd);
        out->msg.steal_ns = times.steal_ns;
        out->msg.idle_ns = times.idle_ns;
    }
    out->msg.vcpus_online = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    out->msg.memory_total_bytes = xa_read_named_value("/proc/meminfo", "MemTotal") * 1024;
    out->msg.memory_available_bytes = xa_read_named_value("/proc/meminfo", "MemAvailable") * 1024;
}

/*
 * The kernel logs "Run /init as init process" when it executes PID 1, as the last step of its
 * start, with a timestamp within milliseconds of the boottime clock. Each read returns one record
 * "6,345,1234567,-;TEXT", with microseconds as third field: Documentation/ABI/testing/dev-kmsg.
 */
static uint64_t init_run_ns(void)
{
    char record[1024];
    ssize_t n;
    unsigned long long us = 0;
    xb_auto_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    /* EPIPE: records were lost; the next read continues with the oldest one left. */
    while (fd >= 0 &&
           ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE))) {
        record[n > 0 ? n : 0] = '\0';
        const char *text = strchr(record, ';');
        if (text && strncmp(text, ";Run /", 6) == 0 && strstr(text, " as init process") &&
            sscanf(record, "%*u,%*u,%llu", &us) == 1)
            return us * 1000;
    }
    return 0;
}

/*
 * If the kernel's log does not reach back that far: when PID 1 was created, which is before the
 * kernel sets up drivers. Field 22 of its stat, in ticks: proc(5).
 */
static uint64_t pid1_born_ns(void)
{
    char text[512];
    if (xa_read_line_file("/proc/1/stat", text, sizeof(text)) == 0)
        return 0;
    const char *p = strrchr(text, ')');
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p, NULL, 10) * (XB_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)) : 0;
}

static uint64_t pid1_started_ns(const struct xa_agent *agent)
{
    uint64_t ns = init_run_ns();
    if (ns == 0)
        ns = pid1_born_ns();
    return ns < agent->started_ns ? ns : agent->started_ns;
}

/* Under systemd, systemd says when the boot has settled. Otherwise nobody can say. */
static bool has_settled(void)
{
    return access("/run/systemd/system", F_OK) != 0 || access(SETTLED_PATH, F_OK) == 0;
}

void xa_status_read(struct xa_agent *agent, struct xa_status *out)
{
    if (agent->userspace_ns == 0)
        agent->userspace_ns = pid1_started_ns(agent);
    memset(out, 0, sizeof(*out));
    xb__status__init(&out->msg);
    read_names(out);
    read_os(out);
    read_net(out);
    read_cpu_and_memory(out);
    out->msg.agent_started_ns = agent->started_ns;
    out->msg.agent_published_ns = agent->published_ns;
    out->msg.userspace_ns = agent->userspace_ns;
    out->msg.restores = agent->restores;
    out->msg.frozen_ns = agent->frozen_ns;
    out->msg.agent_wakeups = agent->wakeups;
    out->msg.settled = has_settled();
    out->msg.monotonic_ns = xb_now_ns();
    out->msg.boottime_ns = xa_boottime_ns();
    out->msg.realtime_ns = xb_clock_ns(CLOCK_REALTIME);
}
