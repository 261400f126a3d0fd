/* What is read from Xen and from the lab at the edges of a window. */
#include "base.h"
#include "cell.h"
#include "cell_settings.h"

#include <errno.h>

#define DOM0 "Domain-0"

static const char *domain_name(const struct xb_cell *cell, int guest)
{
    return guest < 0 ? DOM0 : cell->run->guests[guest].exp->name;
}

static uint32_t domid_of(const struct xb_cell *cell, int guest)
{
    return guest < 0 ? 0 : xb_run_domid(cell->run, (size_t)guest);
}

/* Is this a domain that can be asked about? */
static bool is_measured(const struct xb_cell *cell, int guest)
{
    if (!cell->run->xen)
        return false;
    return guest < 0 ||
           (cell->run->guests[guest].is_domain && cell->guests[guest].stage != XB_STAGE_LOST);
}

static struct xb_domain_times *read_times(const struct xb_cell *cell, int guest, struct xb_err *err)
{
    struct xb_domain_times *times = malloc(sizeof(*times));
    if (!times) {
        xb_fail(err, XB_E_HOST, ENOMEM, "run times of %s", domain_name(cell, guest));
        return NULL;
    }
    if (xb_vcpu_times(cell->run->xen, domid_of(cell, guest), times->vcpus, XB_CPUS_MAX,
                      &times->count, err) < 0) {
        free(times);
        return NULL;
    }
    return times;
}

static uint64_t sum_of(const struct xb_domain_times *times)
{
    uint64_t sum = 0;
    for (size_t v = 0; v < times->count && v < XB_CPUS_MAX; v++)
        sum += times->vcpus[v].run_ns;
    return sum;
}

bool xb_cell_run_ns(const struct xb_cell *cell, size_t guest, uint64_t *out)
{
    struct xb_err ignored = {0}; /* the domain may be dying; then its time is not known */
    if (!is_measured(cell, (int)guest))
        return false;
    struct xb_domain_times *times xb_auto_free = read_times(cell, (int)guest, &ignored);
    if (times)
        *out = sum_of(times);
    return times != NULL;
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
    if (xb_cell_watch_trace(cell, err) < 0 || xb_cell_settings(cell, false, err) < 0)
        return -1;
    for (int g = -1; g < (int)cell->run->count; g++)
        if (start_domain(cell, g, err) < 0)
            return -1;
    struct xb_err ignored = {0}; /* no answer: the steal of this cell is not known */
    xb_hoststeal_read(cell->run->steal_fd, &cell->steal_start, &ignored);
    xb_cell_watch_begin(cell);
    cell->window_start_ns = xb_now_ns();
    return 0;
}

int xb_cell_edge_first_end(struct xb_cell *cell, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++) {
        uint64_t run_ns;
        if (!cell->resumed && cell->guests[g].start && xb_cell_run_ns(cell, g, &run_ns) &&
            xb_store_overlap_run(cell->run->store, cell->key, cell->run->guests[g].exp->name,
                                 run_ns, err) < 0)
            return -1;
    }
    return 0;
}

static int write_times(struct xb_cell *cell, int guest, const struct xb_domain_times *start,
                       const struct xb_domain_times *end, struct xb_err *err)
{
    for (size_t v = 0; v < end->count && v < XB_CPUS_MAX; v++) {
        const struct xb_vcpu_time *now = &end->vcpus[v];
        uint64_t before = v < start->count ? start->vcpus[v].run_ns : 0;
        if (now->run_ns < before || (now->run_ns == before && !now->online))
            continue;
        if (xb_store_vcpu_time(cell->run->store, cell->key, domain_name(cell, guest), now->vcpu,
                               now->run_ns - before, now->pcpu, err) < 0 ||
            xb_cell_watch_match(cell, domid_of(cell, guest), now->vcpu, now->run_ns - before,
                                err) < 0)
            return -1;
    }
    return 0;
}

static int end_domain(struct xb_cell *cell, int guest, struct xb_err *err)
{
    if (!is_measured(cell, guest))
        return 0;
    const struct xb_domain_times *start = guest < 0 ? cell->dom0_start : cell->guests[guest].start;
    struct xb_err ignored = {0};
    struct xb_domain_times *end xb_auto_free = start ? read_times(cell, guest, &ignored) : NULL;
    return end ? write_times(cell, guest, start, end, err) : 0;
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

int xb_cell_edge_end(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_hoststeal end = {0};
    struct xb_err ignored = {0};
    if (xb_cell_watch_end(cell, err) < 0)
        return -1;
    if (!cell->resumed)
        xb_hoststeal_read(cell->run->steal_fd, &end, &ignored);
    for (int g = -1; g < (int)cell->run->count; g++)
        if (end_domain(cell, g, err) < 0)
            return -1;
    if (write_steal(cell, &end, err) < 0 || xb_cell_settings(cell, true, err) < 0)
        return -1;
    return xb_cell_watch_reduce(cell, err);
}
