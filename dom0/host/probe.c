/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include "base.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#define SLACK_NS (20 * XB_NS_PER_MS)
#define STEAL_PART 50    /* one in 50: 2 % */
#define PRESSURE_PART 20 /* 5 % */

/* The first line of a file; "" if the file is missing. */
static void first_line(const char *root, const char *name, char *out, size_t bytes)
{
    char path[PATH_MAX];
    out[0] = '\0';
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", root, name) >= sizeof(path))
        return;
    xb_auto_fclose FILE *file = fopen(path, "re");
    if (!file || !fgets(out, (int)bytes, file))
        out[0] = '\0';
}

void xb_probe_read(const char *root, struct xb_probe *out)
{
    char line[512];
    uint64_t ticks, us, ran_ns;
    root = root ? root : "/proc";
    *out = (struct xb_probe){.time_ns = xb_now_ns()};
    first_line(root, "stat", line, sizeof(line));
    /*
     * proc(5): user nice system idle iowait irq softirq steal. The kernel takes steal from Xen's
     * runstates.
     */
    if (sscanf(line, "cpu %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &ticks) == 1) {
        out->has_steal = true;
        out->steal_ns = ticks * (XB_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    }
    first_line(root, "pressure/cpu", line, sizeof(line));
    const char *total = strncmp(line, "some ", 5) == 0 ? strstr(line, "total=") : NULL;
    if (total && sscanf(total, "total=%" SCNu64, &us) == 1) {
        out->has_pressure = true;
        out->pressure_ns = us * 1000;
    }
    first_line(root, "self/schedstat", line, sizeof(line));
    if (sscanf(line, "%" SCNu64 " %" SCNu64, &ran_ns, &out->delay_ns) == 2)
        out->has_delay = true;
}

static uint64_t less(uint64_t to, uint64_t from)
{
    return to > from ? to - from : 0;
}

struct xb_probe xb_probe_between(const struct xb_probe *from, const struct xb_probe *to)
{
    struct xb_probe passed = {
        .time_ns = less(to->time_ns, from->time_ns),
        .has_steal = from->has_steal && to->has_steal,
        .has_pressure = from->has_pressure && to->has_pressure,
        .has_delay = from->has_delay && to->has_delay,
    };
    passed.steal_ns = passed.has_steal ? less(to->steal_ns, from->steal_ns) : 0;
    passed.pressure_ns = passed.has_pressure ? less(to->pressure_ns, from->pressure_ns) : 0;
    passed.delay_ns = passed.has_delay ? less(to->delay_ns, from->delay_ns) : 0;
    return passed;
}

bool xb_probe_is_short(const struct xb_probe *passed)
{
    return passed->steal_ns > SLACK_NS + passed->time_ns / STEAL_PART ||
           passed->pressure_ns > SLACK_NS + passed->time_ns / PRESSURE_PART;
}
