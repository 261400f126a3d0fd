/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read from Xen and from the lab at the edges of a window. */
#include "alloc.h"
#include "base.h"
#include "cell.h"
#include "cell_settings.h"
#include "xen_host.h"

static const char *domain_name(const struct xb_cell *cell, int guest)
{
    return guest < 0 ? XB_DOM0 : cell->run->guests[guest].exp->name;
}

static uint32_t domid_of(const struct xb_cell *cell, int guest)
{
    return guest < 0 ? 0 : xb_run_domid(cell->run, (size_t)guest);
}

/* Can Xen be asked about this guest (-1: Dom0)? */
static bool is_measured(const struct xb_cell *cell, int guest)
{
    if (!cell->run->xen)
        return false;
    return guest < 0 ||
           (cell->run->guests[guest].is_domain && cell->guests[guest].stage != XB_STAGE_LOST);
}

static struct xb_domain_times *read_times(const struct xb_cell *cell, int guest, struct xb_err *err)
{
    struct xb_domain_times *times = xb_malloc(sizeof(*times));
    times->asked_ns = xb_now_ns();
    if (xb_vcpu_times(cell->run->xen, domid_of(cell, guest), times->vcpus, XB_CPUS_MAX,
                      &times->count, err) < 0) {
        free(times);
        return NULL;
    }
    times->told_ns = xb_now_ns();
    return times;
}

static uint64_t sum_of(const struct xb_domain_times *times)
{
    uint64_t sum = 0;
    for (size_t v = 0; v < times->count && v < XB_CPUS_MAX; v++)
        sum += times->vcpus[v].run_ns;
    return sum;
}

bool xb_cell_run_ns(const struct xb_cell *cell, size_t guest, uint64_t *out, uint64_t *told_ns)
{
    struct xb_err ignored = {0}; /* the domain may be dying; then its time is not known */
    if (!is_measured(cell, (int)guest))
        return false;
    xb_auto_free struct xb_domain_times *times = read_times(cell, (int)guest, &ignored);
    if (times) {
        *out = sum_of(times);
        *told_ns = times->told_ns;
    }
    return times != NULL;
}

uint64_t xb_cell_slack_ns(const struct xb_cell *cell, size_t guest, uint64_t edge_ns,
                          uint64_t told_ns)
{
    const struct xb_domain_times *start = cell->guests[guest].start;
    uint64_t before_ns =
        start && cell->release_ns > start->asked_ns ? cell->release_ns - start->asked_ns : 0;
    return before_ns + (told_ns > edge_ns ? told_ns - edge_ns : 0);
}

static int start_domain(struct xb_cell *cell, int guest, struct xb_err *err)
{
    if (!is_measured(cell, guest))
        return 0;
    struct xb_domain_times *times = read_times(cell, guest, err);
    if (guest < 0)
        cell->dom0_start = times;
    else
        cell->guests[guest].start = times;
    if (guest >= 0)
        cell->guests[guest].domid = domid_of(cell, guest);
    return times ? 0 : -1;
}

int xb_cell_edge_start(struct xb_cell *cell, struct xb_err *err)
{
    if (xb_cell_trace_start(cell, err) < 0 || xb_cell_settings(cell, false, err) < 0)
        return -1;
    for (int g = -1; g < (int)cell->run->count; g++)
        if (start_domain(cell, g, err) < 0)
            return -1;
    struct xb_err ignored = {0}; /* no answer: the steal of this cell is not known */
    xb_hoststeal_read(cell->run->steal_fd, &cell->steal_start, &ignored);
    xb_cell_probe_begin(cell);
    cell->window_start_ns = xb_now_ns();
    return 0;
}

/* What Xen had counted for a guest when the first job ended. */
struct overlap {
    bool known;
    uint64_t run_ns, told_ns;
};

static int write_overlaps(struct xb_cell *cell, const struct overlap *overlaps, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++)
        if (overlaps[g].known &&
            xb_store_overlap_run(
                cell->run->store, cell->key, cell->run->guests[g].exp->name, overlaps[g].run_ns,
                xb_cell_slack_ns(cell, g, cell->first_end_ns, overlaps[g].told_ns), err) < 0)
            return -1;
    return 0;
}

/* Ask Xen about all guests first, because writing to the store takes longer. */
int xb_cell_edge_first_end(struct xb_cell *cell, struct xb_err *err)
{
    xb_auto_free struct overlap *overlaps = xb_calloc(cell->run->count + 1, sizeof(*overlaps));
    for (size_t g = 0; !cell->resumed && g < cell->run->count; g++)
        overlaps[g].known = cell->guests[g].start &&
                            xb_cell_run_ns(cell, g, &overlaps[g].run_ns, &overlaps[g].told_ns);
    if (xb_store_begin(cell->run->store, err) < 0)
        return -1;
    if (write_overlaps(cell, overlaps, err) == 0)
        return xb_store_commit(cell->run->store, err);
    xb_store_rollback(cell->run->store);
    return -1;
}

static int write_times(struct xb_cell *cell, int guest, const struct xb_domain_times *start,
                       const struct xb_domain_times *end, struct xb_err *err)
{
    struct xb_reading_span span = {
        .ns = end->asked_ns > start->told_ns ? end->asked_ns - start->told_ns : 0,
        .error_ns = end->told_ns - end->asked_ns + (start->told_ns - start->asked_ns),
    };
    for (size_t v = 0; v < end->count && v < XB_CPUS_MAX; v++) {
        const struct xb_vcpu_time *now = &end->vcpus[v];
        uint64_t before = v < start->count ? start->vcpus[v].run_ns : 0;
        if (now->run_ns < before || (now->run_ns == before && !now->online))
            continue;
        if (xb_store_vcpu_time(cell->run->store, cell->key, domain_name(cell, guest), now->vcpu,
                               now->run_ns - before, now->pcpu, span, err) < 0 ||
            xb_cell_trace_match(cell, domid_of(cell, guest), now->vcpu, now->run_ns - before, err) <
                0)
            return -1;
    }
    return 0;
}

/* All that is read at the window's end. Writing starts after the last reading. */
struct readings {
    struct xb_domain_times **domains; /* Dom0's, then each guest's; NULL: not known */
    struct xb_hoststeal steal;
};

static const struct xb_domain_times *start_of(const struct xb_cell *cell, int guest)
{
    return guest < 0 ? cell->dom0_start : cell->guests[guest].start;
}

/*
 * Domains are read in the same order and at the same pace as at the start, so the two readings of
 * each are as far apart as the window is long.
 */
static void read_end(struct xb_cell *cell, struct readings *end)
{
    end->domains = xb_calloc(cell->run->count + 1, sizeof(struct xb_domain_times *));
    for (int g = -1; g < (int)cell->run->count; g++) {
        struct xb_err ignored = {0}; /* the domain may be dying; then its time is not known */
        if (is_measured(cell, g) && start_of(cell, g))
            end->domains[g + 1] = read_times(cell, g, &ignored);
    }
    struct xb_err ignored = {0};
    if (!cell->resumed)
        xb_hoststeal_read(cell->run->steal_fd, &end->steal, &ignored);
    xb_cell_probe_end(cell);
    cell->window_end_ns = xb_now_ns();
}

static void free_readings(const struct xb_cell *cell, struct readings *end)
{
    for (size_t i = 0; end->domains && i <= cell->run->count; i++)
        free(end->domains[i]);
    free(end->domains);
}

static int write_steal(struct xb_cell *cell, const struct xb_hoststeal *end, struct xb_err *err)
{
    struct xb_hoststeal taken;
    xb_hoststeal_between(&cell->steal_start, end, &taken);
    for (size_t i = 0; i < taken.count; i++)
        if (xb_store_host_steal(cell->run->store, cell->key, taken.cpus[i].cpu,
                                taken.cpus[i].run_ns, taken.cpus[i].delay_ns, taken.time_ns,
                                err) < 0)
            return -1;
    return 0;
}

static int write_readings(struct xb_cell *cell, const struct readings *end, struct xb_err *err)
{
    for (int g = -1; g < (int)cell->run->count; g++)
        if (end->domains[g + 1] &&
            write_times(cell, g, start_of(cell, g), end->domains[g + 1], err) < 0)
            return -1;
    return write_steal(cell, &end->steal, err) < 0 ? -1 : xb_cell_probe_write(cell, err);
}

static int write_end(struct xb_cell *cell, const struct readings *end, struct xb_err *err)
{
    if (xb_store_begin(cell->run->store, err) < 0)
        return -1;
    if (write_readings(cell, end, err) == 0)
        return xb_store_commit(cell->run->store, err);
    xb_store_rollback(cell->run->store);
    return -1;
}

int xb_cell_edge_end(struct xb_cell *cell, struct xb_err *err)
{
    struct readings end = {0};
    read_end(cell, &end);
    int r = write_end(cell, &end, err);
    free_readings(cell, &end);
    return r < 0 || xb_cell_settings(cell, true, err) < 0 ? -1 : xb_cell_trace_reduce(cell, err);
}
