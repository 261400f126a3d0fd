/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refuses what a scheduler has no place for, before anything is touched. */
#include "base.h"
#include "doubts_view.h"
#include "schedule.h"
#include "xen_host.h"

#include <stdarg.h>
#include <string.h>

struct places {
    const struct xb_doubt_case *c;
    const struct xb_host_facts *host;
};

/* Refuse with the line of the pool, if the case asks for that pool, else the line of the case. */
static int __attribute__((format(printf, 4, 5)))
refuse(const struct places *p, const char *pool, struct xb_err *err, const char *fmt, ...)
{
    const struct xb_exp_case *ec = &p->c->exp->cases[p->c->case_no];
    const struct xb_exp_pool *asked = xb_view_asked_pool(p->c, pool);
    char why[XB_WHY_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: cpupool %s %s", p->c->exp->path,
                   asked ? asked->line : ec->line, pool, why);
}

/* View a guest (-1: Dom0). False if it is not a domain of this pool. */
static bool view_in(const struct places *p, int guest, const char *pool, struct xb_view *view)
{
    if (guest >= 0 && p->c->exp->guests[guest].socket)
        return false;
    xb_view_domain(p->c, p->host, guest, view);
    return view->pool.name && strcmp(view->pool.name, pool) == 0;
}

/*
 * The scheduler null gives each vcpu a CPU of its own, even an idle vcpu, even Dom0's. One vcpu too
 * many waits forever.
 */
static int check_null(const struct places *p, const struct xb_pool_view *pool, struct xb_err *err)
{
    struct xb_view view;
    struct xb_cpus firsts = xb_units_firsts(&pool->units, &pool->cpus);
    uint32_t places = xb_cpus_count(&firsts, p->host->cpus), vcpus = 0, units = 0;
    bool dom0 = false;
    for (int g = -1; g < (int)p->c->exp->guest_count; g++) {
        if (!view_in(p, g, pool->name, &view))
            continue;
        dom0 = dom0 || g < 0;
        vcpus += view.vcpus;
        units += xb_units_for(&pool->units, view.vcpus);
    }
    if (units <= places)
        return 0;
    return refuse(p, pool->name, err,
                  "has %u %s%s for %u vcpus%s, but the scheduler null needs a %s for each%s: the "
                  "last ones would never run",
                  places, xb_units_place(&pool->units), xb_plural(places), vcpus,
                  dom0 ? " (Dom0's among them)" : "", xb_units_place(&pool->units),
                  units < vcpus ? " unit of them" : "");
}

static int check_entry(const struct places *p, const struct xb_pool_view *pool,
                       const struct xb_schedule_entry *entry, struct xb_err *err)
{
    struct xb_view view;
    int g = 0, count = (int)p->c->exp->guest_count;
    while (g < count && strcmp(p->c->exp->guests[g].name, entry->guest) != 0)
        g++;
    if (xb_schedule_is_idle(entry->guest))
        return 0;
    if (g == count)
        return refuse(p, pool->name, err, "has `%s` in its `schedule`, but no guest has that name",
                      entry->guest);
    if (!view_in(p, g, pool->name, &view))
        return refuse(p, pool->name, err,
                      "has guest %s in its `schedule`, which is in another pool (`pool: %s` in its "
                      "settings puts it here)",
                      entry->guest, pool->name);
    if (entry->vcpu >= view.vcpus)
        return refuse(p, pool->name, err, "has vcpu %u of %s in its `schedule`; it has %u",
                      entry->vcpu, entry->guest, view.vcpus);
    return 0;
}

/* A vcpu that no entry names never runs, and its guest does not even boot. */
static int check_named(const struct places *p, const struct xb_pool_view *pool,
                       const struct xb_schedule *schedule, struct xb_err *err)
{
    struct xb_view view;
    for (int g = 0; g < (int)p->c->exp->guest_count; g++) {
        if (!view_in(p, g, pool->name, &view))
            continue;
        for (uint32_t v = 0; v < view.vcpus; v++)
            if (!xb_schedule_run_ns(schedule, view.name, v))
                return refuse(p, pool->name, err,
                              "has no entry for vcpu %u of %s in its `schedule`: that vcpu would "
                              "never run",
                              v, view.name);
    }
    return 0;
}

static int check_schedule(const struct places *p, const struct xb_pool_view *pool,
                          struct xb_err *err)
{
    struct xb_schedule schedule;
    if (!pool->schedule[0])
        return 0;
    if (xb_view_found_pool(p->host, pool->name))
        return refuse(p, pool->name, err,
                      "exists already: `schedule` is for pools that the run makes");
    if (xb_schedule_parse(pool->schedule, &schedule, err) < 0)
        return -1;
    for (size_t i = 0; i < schedule.count; i++)
        if (check_entry(p, pool, &schedule.entries[i], err) < 0)
            return -1;
    return check_named(p, pool, &schedule, err);
}

/* All arinc653 pools share one position in the schedule (a static variable in Xen's arinc653.c). */
static int check_only(const struct places *p, const struct xb_exp_pool *pool, struct xb_err *err)
{
    const struct xb_exp_case *ec = &p->c->exp->cases[p->c->case_no];
    for (const struct xb_exp_pool *other = ec->pools; other < pool; other++)
        if (xb_scheduler_of(other->scheduler) == XB_SCHED_ARINC653 &&
            xb_scheduler_of(pool->scheduler) == XB_SCHED_ARINC653)
            return refuse(p, pool->name, err,
                          "has the scheduler arinc653, as %s has: Xen keeps one position in the "
                          "schedule for both, so that neither's holds",
                          other->name);
    return 0;
}

/* A pool under rtds that is made or given other CPUs loses a CPU sooner or later. */
static int check_rtds_end(const struct places *p, const struct xb_exp_pool *pool,
                          struct xb_err *err)
{
    const struct xb_pool *found = xb_view_found_pool(p->host, pool->name);
    const char *rules = found ? found->scheduler : pool->scheduler;
    char quirk[XB_QUIRK_BYTES];
    if (!pool->has_cpus || xb_scheduler_of(rules) != XB_SCHED_RTDS || xb_pool_risks_accepted() ||
        !xb_quirk_of_version(XB_QUIRK_RTDS_POOL_END, p->host->version))
        return 0;
    xb_quirk_say(XB_QUIRK_RTDS_POOL_END, quirk);
    return refuse(p, pool->name, err,
                  "has the scheduler rtds, and %s; CPUs leave this pool when it is removed or "
                  "restored: use a Xen with the fix (docs/measurement.md), and say so with "
                  "XENBENCH_RISK_POOLS=1",
                  quirk);
}

/* A core's threads leave a pool together, and join another one together. */
static int check_cores(const struct places *p, const struct xb_exp_pool *pool, struct xb_err *err)
{
    struct xb_pool_view into, from;
    if (!pool->has_cpus || !xb_view_pool(p->c, p->host, pool->name, &into) ||
        !xb_view_pool(p->c, p->host, XB_POOL_0, &from))
        return 0;
    const struct xb_units *units = into.whole_cores ? &into.units : &from.units;
    int missing = xb_units_missing(units, &pool->cpus);
    if (missing < 0)
        return 0;
    return refuse(p, pool->name, err,
                  "asks for only a part of a %s: CPU %d is missing, but under `sched_gran: %s`%s "
                  "all CPUs of a %s must be in one pool",
                  xb_units_place(units), missing, xb_sched_gran_words[units->gran],
                  into.whole_cores ? "" : ", which " XB_POOL_0 " has,", xb_units_place(units));
}

/* Xen looks only at the first CPU of each core, and refuses a mask that has none of these. */
static int check_mask(const struct places *p, const struct xb_view *view, const char *key,
                      const struct xb_cpus *mask, struct xb_err *err)
{
    const struct xb_units *units = &view->pool.units;
    struct xb_cpus firsts = xb_units_firsts(units, &view->pool.cpus);
    char text[XB_CPUS_TEXT_BYTES];
    if (xb_cpus_overlap(mask, &firsts))
        return 0;
    xb_cpus_format(&firsts, XB_CPUS_MAX, text, sizeof(text));
    return refuse(p, view->pool.name, err,
                  "places whole %ss (`sched_gran: %s`), each by its first CPU (%.60s): `%s` of %s "
                  "names none of these",
                  xb_units_place(units), xb_sched_gran_words[units->gran], text, key, view->name);
}

/* vcpus that are placed together share one affinity, the one that was set last. */
static int check_together(const struct places *p, const struct xb_view *view, const char *key,
                          const struct xb_cpus *masks, size_t count, struct xb_err *err)
{
    uint32_t size = xb_units_size(&view->pool.units);
    for (size_t v = 1; v < count; v++)
        if (v % size != 0 && !xb_cpus_equal(&masks[v], &masks[v - 1], XB_CPUS_MAX))
            return refuse(p, view->pool.name, err,
                          "places vcpus %zu and %zu of %s together (`sched_gran: %s`), so that "
                          "`%s` must be the same for both",
                          v - 1, v, view->name, xb_sched_gran_words[view->pool.units.gran], key);
    return 0;
}

static int check_masks(const struct places *p, const struct xb_view *view, struct xb_err *err)
{
    const struct xb_allocation *a = view->alloc;
    if (!view->pool.name || xb_units_size(&view->pool.units) < 2)
        return 0;
    for (size_t v = 0; v < a->hard_count; v++)
        if (check_mask(p, view, "hard", &a->hard[v], err) < 0)
            return -1;
    return check_together(p, view, "hard", a->hard, a->hard_count, err) < 0 ||
                   check_together(p, view, "soft", a->soft, a->soft_count, err) < 0
               ? -1
               : 0;
}

static int check_pool(const struct places *p, const struct xb_pool_view *pool, struct xb_err *err)
{
    switch (xb_scheduler_of(pool->scheduler)) {
    case XB_SCHED_NULL:
        return check_null(p, pool, err);
    case XB_SCHED_ARINC653:
        return check_schedule(p, pool, err);
    default:
        return 0;
    }
}

/* What the case asks of a pool, whether any domain is in it or not. */
static int check_asked(const struct places *p, const struct xb_exp_pool *pool, struct xb_err *err)
{
    struct xb_pool_view view;
    if (check_only(p, pool, err) < 0 || check_cores(p, pool, err) < 0 ||
        check_rtds_end(p, pool, err) < 0)
        return -1;
    return xb_view_pool(p->c, p->host, pool->name, &view) ? check_pool(p, &view, err) : 0;
}

int xb_view_placeable(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      struct xb_err *err)
{
    struct places p = {.c = c, .host = host};
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    for (size_t i = 0; i < ec->pool_count; i++)
        if (check_asked(&p, &ec->pools[i], err) < 0)
            return -1;
    for (int g = -1; g < (int)c->exp->guest_count; g++) {
        struct xb_view view;
        if (g >= 0 && c->exp->guests[g].socket)
            continue;
        xb_view_domain(c, host, g, &view);
        if (view.pool.name &&
            (check_pool(&p, &view.pool, err) < 0 || check_masks(&p, &view, err) < 0))
            return -1;
    }
    return 0;
}
