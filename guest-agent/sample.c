/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

int xa_cpu_times_open(void)
{
    return open("/proc/stat", O_RDONLY | O_CLOEXEC);
}

struct xa_cpu_times xa_cpu_times_read(int stat_fd)
{
    /* The first line sums all vcpus; proc(5) has its columns. */
    char line[256];
    ssize_t n = pread(stat_fd, line, sizeof(line) - 1, 0);
    if (n <= 0)
        return (struct xa_cpu_times){0};
    line[n] = '\0';

    uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
    if (sscanf(line,
               "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %" SCNu64 " %" SCNu64,
               &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal) != 8)
        return (struct xa_cpu_times){0};
    uint64_t tick_ns = XB_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    return (struct xa_cpu_times){.steal_ns = steal * tick_ns, .idle_ns = idle * tick_ns};
}

size_t xa_read_line_file(const char *path, char *out, size_t bytes)
{
    out[0] = '\0';
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, out, bytes - 1);
    if (n <= 0)
        return 0;
    out[n] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return strlen(out);
}

uint64_t xa_read_named_value(const char *path, const char *name)
{
    xb_auto_fclose FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t name_length = strlen(name);
    char line[256];
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, name_length) == 0 && strchr(": ", line[name_length]))
            return strtoull(line + name_length + 1, NULL, 10);
    }
    return 0;
}

uint64_t xa_oom_kills(void)
{
    return xa_read_named_value("/proc/vmstat", "oom_kill");
}

void xa_clocksource(char *out, size_t bytes)
{
    xa_read_line_file("/sys/devices/system/clocksource/clocksource0/current_clocksource", out,
                      bytes);
}
