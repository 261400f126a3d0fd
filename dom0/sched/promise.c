/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "promise.h"

#include "alloc.h"
#include "base.h"
#include "schedule.h"

#include <stdarg.h>
#include <string.h>

/* An online vcpu of a guest, or those that the scheduler places together (units.h). */
struct claim {
    size_t guest;
    uint32_t vcpus;      /* that are placed together; each gets what the claim gets */
    struct xb_cpus cpus; /* where the vcpus may run: hard affinity within the pool's places */
    double weight;
    double limit; /* of one CPU: 1, or the vcpu's part of a cap, or under rtds budget / period */
    struct xb_rtds rtds;
    double entitled; /* under credit: the share of the pool, whatever the affinity */
    double given;
    size_t component; /* claims with overlapping CPUs have the same number */
};

struct pool_claims {
    const struct xb_pool *pool; /* its CPUs are places: under core scheduling one of each core */
    struct claim *claims;
    size_t count;
};

void xb_share_out(double capacity, const double *weights, const double *limits, size_t count,
                  double *out)
{
    xb_auto_free bool *full = xb_calloc(count + 1, sizeof(*full));
    for (size_t i = 0; i < count; i++)
        out[i] = 0;
    for (bool again = true; again;) {
        double left = capacity, weight = 0;
        again = false;
        for (size_t i = 0; i < count; i++) {
            if (full[i])
                left -= limits[i];
            else
                weight += weights ? weights[i] : 1;
        }
        for (size_t i = 0; i < count; i++) {
            if (full[i])
                continue;
            out[i] = left > 0 ? left * (weights ? weights[i] : 1) / weight : 0;
            if (out[i] < limits[i])
                continue;
            out[i] = limits[i];
            again = true;
        }
        for (size_t i = 0; again && i < count; i++)
            full[i] = full[i] || out[i] >= limits[i];
    }
}

/* Number the claims: those that can meet on a CPU, even through others, get the same number. */
static void find_components(struct pool_claims *p)
{
    for (size_t i = 0; i < p->count; i++)
        p->claims[i].component = i;
    for (size_t i = 0; i < p->count; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t from = p->claims[i].component, to = p->claims[j].component;
            if (from == to || !xb_cpus_overlap(&p->claims[i].cpus, &p->claims[j].cpus))
                continue;
            for (size_t k = 0; k <= i; k++)
                if (p->claims[k].component == from)
                    p->claims[k].component = to;
        }
    }
}

/* Find a CPU for claim i, moving other claims if needed (augmenting paths in a bipartite graph). */
static bool find_cpu(struct pool_claims *p, size_t i, size_t *owner, bool *seen)
{
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++) {
        if (seen[cpu] || !xb_cpus_has(&p->claims[i].cpus, cpu))
            continue;
        seen[cpu] = true;
        if (owner[cpu] == SIZE_MAX || find_cpu(p, owner[cpu], owner, seen)) {
            owner[cpu] = i;
            return true;
        }
    }
    return false;
}

/* Can each vcpu of the component have a CPU of its own? */
static bool has_room(struct pool_claims *p, size_t component)
{
    size_t owner[XB_CPUS_MAX];
    for (size_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
        owner[cpu] = SIZE_MAX;
    for (size_t i = 0; i < p->count; i++) {
        bool seen[XB_CPUS_MAX] = {false};
        if (p->claims[i].component == component && !find_cpu(p, i, owner, seen))
            return false;
    }
    return true;
}

/* The component's members as arrays for xb_share_out. */
struct members {
    size_t *index;
    double *weights, *limits, *entitled, *given;
    size_t count;
    bool same_cpus;
};

static void free_members(struct members *m)
{
    free(m->index);
    free(m->weights);
}

static void collect(const struct pool_claims *p, size_t component, struct members *m)
{
    *m = (struct members){.same_cpus = true};
    m->index = xb_calloc(p->count + 1, sizeof(*m->index));
    m->weights = xb_calloc(4 * p->count + 1, sizeof(*m->weights));
    m->limits = m->weights + p->count;
    m->entitled = m->limits + p->count;
    m->given = m->entitled + p->count;
    for (size_t i = 0; i < p->count; i++) {
        const struct claim *c = &p->claims[i];
        if (component != SIZE_MAX && c->component != component)
            continue;
        if (m->count > 0 && !xb_cpus_equal(&c->cpus, &p->claims[m->index[0]].cpus, XB_CPUS_MAX))
            m->same_cpus = false;
        m->weights[m->count] = c->weight;
        m->limits[m->count] = c->limit;
        m->entitled[m->count] = c->entitled;
        m->index[m->count++] = i;
    }
}

/*
 * Credit distributes credits over the whole pool by weight (csched_acct in
 * xen/common/sched/credit.c). On a CPU, vcpus with credits left take equal turns. So on fewer CPUs
 * than the pool has, each vcpu gets an equal share up to its entitlement, and all share the rest
 * equally.
 */
static void share_by_credit(struct members *m, double cpus)
{
    double left = cpus, sum = 0;
    xb_share_out(cpus, NULL, m->entitled, m->count, m->given);
    for (size_t i = 0; i < m->count; i++) {
        left -= m->given[i];
        sum += m->given[i];
        m->limits[i] -= m->given[i];
    }
    if (left <= 1e-9 * sum)
        return;
    double *more = m->entitled; /* not needed any more */
    xb_share_out(left, NULL, m->limits, m->count, more);
    for (size_t i = 0; i < m->count; i++)
        m->given[i] += more[i];
}

static bool rules(const struct xb_pool *pool, enum xb_scheduler scheduler)
{
    return xb_scheduler_of(pool->scheduler) == scheduler;
}

static bool is_credit(const struct xb_pool *pool)
{
    return rules(pool, XB_SCHED_CREDIT);
}

/* Compute each vcpu's entitlement in the pool by credit's accounting. */
static void entitle(struct pool_claims *p)
{
    struct members all;
    collect(p, SIZE_MAX, &all);
    xb_share_out(xb_cpus_count(&p->pool->cpus, XB_CPUS_MAX), all.weights, all.limits, all.count,
                 all.given);
    for (size_t i = 0; i < all.count; i++)
        p->claims[all.index[i]].entitled = all.given[i];
    free_members(&all);
}

static void __attribute__((format(printf, 3, 4)))
say(struct xb_promise *promise, bool known, const char *fmt, ...)
{
    va_list ap;
    promise->known = promise->known && known;
    if (promise->how[0] && known)
        return; /* a guest's first part speaks for it, unless a later part is not known */
    va_start(ap, fmt);
    vsnprintf(promise->how, sizeof(promise->how), fmt, ap);
    va_end(ap);
}

/*
 * Can Xen keep the reservations of a component? For the CPUs of each claim, and for all CPUs:
 * claims confined to these CPUs must not add up to more than there are.
 */
static bool fits(const struct pool_claims *p, size_t component)
{
    for (size_t i = 0; i <= p->count; i++) {
        double sum = 0;
        struct xb_cpus cpus = {.nodes = 0};
        if (i < p->count && p->claims[i].component != component)
            continue;
        for (size_t j = 0; j < p->count; j++) {
            const struct claim *c = &p->claims[j];
            bool inside = c->component == component;
            for (size_t w = 0; inside && w < XB_ARRAY_LEN(cpus.bits); w++) {
                if (i == p->count)
                    cpus.bits[w] |= c->cpus.bits[w];
                else if (c->cpus.bits[w] & ~p->claims[i].cpus.bits[w])
                    inside = false;
            }
            sum += inside ? c->limit : 0;
        }
        if (i < p->count)
            cpus = p->claims[i].cpus;
        if (sum > xb_cpus_count(&cpus, XB_CPUS_MAX) + 1e-9)
            return false;
    }
    return true;
}

/* Under rtds each vcpu has its budget in each period, whatever the weights and the other vcpus. */
static void reserve(struct pool_claims *p, size_t component, struct xb_promise *out)
{
    bool kept = fits(p, component);
    for (size_t i = 0; i < p->count; i++) {
        struct claim *c = &p->claims[i];
        if (c->component != component)
            continue;
        c->given = kept ? c->limit : 0;
        if (!kept)
            say(&out[c->guest], false, "not computed: the budgets are more than its CPUs can give");
        else
            say(&out[c->guest], true, "rtds: %u us of each %u us%s", c->rtds.budget_us,
                c->rtds.period_us, c->rtds.extratime ? ", and more where CPUs are idle" : "");
    }
}

/* What has a claim: a vcpu, or a unit of those that are placed together. */
static const char *claimant(const struct xb_pool *pool)
{
    return xb_units_size(&pool->units) > 1 ? "unit" : "vcpu";
}

/* Under null a vcpu has a CPU of its own, or none. */
static void place(struct pool_claims *p, size_t component, struct xb_promise *out)
{
    bool room = has_room(p, component);
    for (size_t i = 0; i < p->count; i++) {
        struct claim *c = &p->claims[i];
        if (c->component != component)
            continue;
        c->given = room ? 1 : 0;
        if (room)
            say(&out[c->guest], true, "null: a %s for each %s", xb_units_place(&p->pool->units),
                claimant(p->pool));
        else
            say(&out[c->guest], false, "not computed: null leaves some of the %ss without a %s",
                claimant(p->pool), xb_units_place(&p->pool->units));
    }
}

static void say_room(const struct xb_pool *pool, const struct claim *c, struct xb_promise *out)
{
    if (c->limit < 1)
        say(out, true, "its cap");
    else
        say(out, true, "a %s for each %s", xb_units_place(&pool->units), claimant(pool));
}

static void share_component(struct pool_claims *p, size_t component, struct xb_promise *out)
{
    if (rules(p->pool, XB_SCHED_RTDS)) {
        reserve(p, component, out);
        return;
    }
    if (rules(p->pool, XB_SCHED_NULL)) {
        place(p, component, out);
        return;
    }
    struct members m;
    collect(p, component, &m);
    uint32_t cpus = m.count ? xb_cpus_count(&p->claims[m.index[0]].cpus, XB_CPUS_MAX) : 0;
    bool room = has_room(p, component);
    if (room)
        memcpy(m.given, m.limits, m.count * sizeof(*m.given));
    else if (m.same_cpus && is_credit(p->pool))
        share_by_credit(&m, cpus);
    else if (m.same_cpus)
        xb_share_out(cpus, m.weights, m.limits, m.count, m.given);
    for (size_t i = 0; i < m.count; i++) {
        struct claim *c = &p->claims[m.index[i]];
        c->given = m.given[i];
        if (room)
            say_room(p->pool, c, &out[c->guest]);
        else if (m.same_cpus)
            say(&out[c->guest], true, "%zu %ss on %u %s%s, by %s", m.count, claimant(p->pool), cpus,
                xb_units_place(&p->pool->units), xb_plural(cpus),
                is_credit(p->pool) ? "credit's weights over the pool" : "weights");
        else
            say(&out[c->guest], false,
                "not computed: its CPUs also belong to vcpus that may run elsewhere too");
    }
    free_members(&m);
}

static void share_pool(struct pool_claims *p, struct xb_promise *out)
{
    find_components(p);
    if (is_credit(p->pool))
        entitle(p);
    for (size_t i = 0; i < p->count; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first = first && p->claims[j].component != p->claims[i].component;
        if (first)
            share_component(p, p->claims[i].component, out);
    }
    for (size_t i = 0; i < p->count; i++)
        out[p->claims[i].guest].cpus += p->claims[i].given * p->claims[i].vcpus;
}

static void claim_guest(struct pool_claims *p, size_t guest, const struct xb_allocation *a)
{
    uint32_t size = xb_units_size(&p->pool->units), units = xb_units_for(&p->pool->units, a->vcpus);
    for (uint32_t v = 0; v < a->vcpus; v += size) {
        struct claim *c = &p->claims[p->count++];
        const struct xb_cpus *hard = xb_mask_of_vcpu(a->hard, a->hard_count, v);
        *c = (struct claim){.guest = guest,
                            .vcpus = a->vcpus - v < size ? a->vcpus - v : size,
                            .weight = a->weight > 0 ? a->weight : 1,
                            .limit = 1};
        for (size_t w = 0; w < XB_ARRAY_LEN(c->cpus.bits); w++)
            c->cpus.bits[w] = p->pool->cpus.bits[w] & (hard ? hard->bits[w] : UINT64_MAX);
        c->rtds = xb_allocation_rtds(a, v);
        if (rules(p->pool, XB_SCHED_RTDS))
            c->limit = (double)c->rtds.budget_us / c->rtds.period_us;
        else if (a->cap > 0 && a->cap < 100 * (int)units)
            c->limit = a->cap / 100.0 / units;
    }
}

static bool is_known_scheduler(const struct xb_pool *pool)
{
    return xb_scheduler_has_weights(pool->scheduler) || rules(pool, XB_SCHED_RTDS) ||
           rules(pool, XB_SCHED_NULL);
}

static void promise_in_pool(const struct xb_pool *pool, const struct xb_allocation *guests,
                            size_t count, struct xb_promise *out)
{
    struct xb_pool places = *pool;
    struct pool_claims p = {.pool = &places};
    size_t most = 0;
    places.cpus = xb_units_firsts(&pool->units, &pool->cpus);
    for (size_t g = 0; g < count; g++)
        most += guests[g].vcpus;
    p.claims = xb_calloc(most + 1, sizeof(*p.claims));
    for (size_t g = 0; g < count; g++) {
        if (strcmp(guests[g].pool, pool->name) != 0)
            continue;
        out[g] = (struct xb_promise){.known = guests[g].vcpus > 0};
        if (is_known_scheduler(pool))
            claim_guest(&p, g, &guests[g]);
        else
            say(&out[g], false, "not computed for the scheduler %s", pool->scheduler);
    }
    share_pool(&p, out);
    free(p.claims);
}

void xb_promises(const struct xb_pool *pools, size_t pool_count, const struct xb_allocation *guests,
                 size_t count, struct xb_promise *out)
{
    for (size_t g = 0; g < count; g++)
        out[g] = (struct xb_promise){.how = "not computed: its cpupool is not known"};
    for (size_t i = 0; i < pool_count; i++)
        promise_in_pool(&pools[i], guests, count, out);
}

void xb_promise_by_schedule(const struct xb_pool *pool, const char *guest, uint32_t vcpus,
                            struct xb_promise *out)
{
    struct xb_schedule schedule;
    struct xb_err ignored = {0};
    uint64_t run_ns = 0;
    if (!rules(pool, XB_SCHED_ARINC653) || !pool->params.schedule[0] ||
        xb_schedule_parse(pool->params.schedule, &schedule, &ignored) < 0)
        return;
    for (uint32_t v = 0; v < vcpus; v++)
        run_ns += xb_schedule_run_ns(&schedule, guest, v);
    *out = (struct xb_promise){.known = true};
    out->cpus = (double)run_ns / (double)xb_schedule_frame_ns(&schedule);
    snprintf(out->how, sizeof(out->how), "arinc653: %g ms of each %g ms", (double)run_ns / 1e6,
             (double)xb_schedule_frame_ns(&schedule) / 1e6);
}
