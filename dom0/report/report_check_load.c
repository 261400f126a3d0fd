/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads the checks against the hypervisor from the store. */
#include "base.h"
#include "report_check.h"
#include "store_read_checks.h"
#include "wakeups.h"

#include <string.h>

static int load_group(struct xb_check_group *group, size_t case_no, const char *guest,
                      const struct xb_read *in)
{
    struct xb_promise_row *rows;
    size_t count;
    if (xb_read_promises(in, case_no, guest, XB_TICKS_WINDOW_NS, &rows, &count) < 0)
        return -1;
    group->promised = XB_STATS_OVER(rows, count, cpus);
    group->claimed = XB_STATS_OVER(rows, count, claimed);
    group->steal = XB_STATS_OVER(rows, count, steal);
    if (count > 0 && rows[count - 1].how)
        snprintf(group->how, sizeof(group->how), "%s", rows[count - 1].how);
    return 0;
}

static int load_groups(struct xb_checks *k, const struct xb_model *m, const struct xb_read *in)
{
    k->groups = xb_arena_alloc(in->arena, m->case_count * m->guest_count, sizeof(*k->groups));
    for (size_t c = 0; c < m->case_count; c++)
        for (size_t g = 0; g < m->guest_count; g++)
            if (load_group(&k->groups[c * m->guest_count + g], c, m->guests[g].name, in) < 0)
                return -1;
    return 0;
}

static int load_probes(struct xb_checks *k, const struct xb_read *in)
{
    struct xb_readings_row readings;
    struct xb_probes_row probes;
    if (xb_read_readings(in, &readings) < 0 || xb_read_probes(in, XB_TICKS_WINDOW_NS, &probes) < 0)
        return -1;
    k->readings = readings.readings;
    k->differing = readings.differing;
    k->probes = probes.probes;
    k->shorts = probes.shorts;
    k->worst_steal = probes.worst_steal;
    k->worst_pressure = probes.worst_pressure;
    return 0;
}

static int load_wakeups(struct xb_checks *k, const struct xb_read *in)
{
    struct xb_wakeups_row agents;
    struct xb_cell_wakeups_row *cells;
    size_t count;
    if (xb_read_agent_wakeups(in, XB_AGENT_WAKEUPS_MAX, &agents) < 0 ||
        xb_read_controller_wakeups(in, &cells, &count) < 0)
        return -1;
    k->agents = agents.samples;
    k->most_agent = agents.most;
    k->over = agents.over;
    for (size_t i = 0; i < count; i++) {
        uint64_t wakeups = cells[i].wakeups;
        k->most_controller = wakeups > k->most_controller ? wakeups : k->most_controller;
        k->over += wakeups > xb_controller_wakeups_max(cells[i].jobs);
    }
    return 0;
}

static bool is_same_counter(const struct xb_counter_row *a, const struct xb_counter_row *b)
{
    return a->case_no == b->case_no && strcmp(a->guest, b->guest) == 0 &&
           strcmp(a->name, b->name) == 0;
}

/* The rows of one counter of one guest in one case are adjacent. */
static int load_counters(struct xb_checks *k, const struct xb_read *in)
{
    struct xb_counter_row *rows;
    size_t count;
    if (xb_read_counters(in, &rows, &count) < 0)
        return -1;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && is_same_counter(&rows[from], &rows[to]);)
            to++;
        struct xb_check_counter *c =
            xb_arena_grow(in->arena, &k->counters, &k->counter_count, sizeof(*c));
        *c = (struct xb_check_counter){.case_no = rows[from].case_no,
                                       .guest = rows[from].guest,
                                       .name = rows[from].name,
                                       .why = rows[from].why,
                                       .value = XB_STATS_OVER(rows + from, to - from, value)};
    }
    return 0;
}

int xb_checks_load(struct xb_model *m, const struct xb_read *in)
{
    m->checks = xb_arena_alloc(in->arena, 1, sizeof(*m->checks));
    return load_groups(m->checks, m, in) < 0 || load_probes(m->checks, in) < 0 ||
                   load_wakeups(m->checks, in) < 0 || xb_check_traces_load(m->checks, in) < 0
               ? -1
               : load_counters(m->checks, in);
}
