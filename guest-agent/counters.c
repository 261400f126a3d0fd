/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counters.h"

#include "base.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

const struct xa_counter_kind xa_counter_kinds[XA_COUNTER_KINDS] = {
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
};

/* What read(2) returns for a counter with times: perf_event_open(2). */
struct reading {
    uint64_t value, enabled_ns, running_ns;
};

static int open_one(pid_t pid, const struct xa_counter_kind *kind)
{
    struct perf_event_attr attr = {
        .type = kind->type,
        .size = sizeof(attr),
        .config = kind->config,
        .disabled = 1,
        .inherit = 1,
        .enable_on_exec = 1,
        .exclude_hv = 1,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };
    return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static const char *reason(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
        return "no vPMU";
    case ENOSYS:
        return "the guest's kernel has no performance counters";
    case EACCES:
    case EPERM:
        return "the guest's kernel does not permit it";
    default:
        return "the guest's kernel refused";
    }
}

void xa_counters_init(struct xa_counters *counters)
{
    *counters = (struct xa_counters){0};
    for (size_t i = 0; i < XB_COUNTERS_MAX; i++)
        counters->fds[i] = -1;
}

void xa_counters_open(struct xa_counters *counters, pid_t pid, const struct xa_counter_kind *kinds,
                      size_t count)
{
    counters->count = count < XB_COUNTERS_MAX ? count : XB_COUNTERS_MAX;
    for (size_t i = 0; i < counters->count; i++) {
        xb__counter__init(&counters->messages[i]);
        counters->list[i] = &counters->messages[i];
        counters->messages[i].name = (char *)kinds[i].name;
        counters->fds[i] = open_one(pid, &kinds[i]);
        if (counters->fds[i] < 0)
            counters->why[i] = reason(errno);
    }
}

size_t xa_counters_read(struct xa_counters *counters)
{
    for (size_t i = 0; i < counters->count; i++) {
        Xb__Counter *message = &counters->messages[i];
        struct reading got;
        if (counters->fds[i] >= 0 && read(counters->fds[i], &got, sizeof(got)) == sizeof(got)) {
            message->value = got.value;
            message->enabled_ns = got.enabled_ns;
            message->running_ns = got.running_ns;
        } else {
            message->why = (char *)(counters->why[i] ? counters->why[i] : "it cannot be read");
        }
    }
    xa_counters_close(counters);
    return counters->count;
}

void xa_counters_close(struct xa_counters *counters)
{
    for (size_t i = 0; i < counters->count; i++) {
        xb_cleanup_close(&counters->fds[i]);
        counters->fds[i] = -1;
    }
}
