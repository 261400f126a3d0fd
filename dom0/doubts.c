#include "doubts.h"

#include "base.h"

#include <string.h>

#define DEFAULT_WEIGHT 256
#define DEFAULT_POOL "Pool-0"
#define MESSAGE_BYTES 640

/* A pool as it will be while the case is measured. */
struct pool_view {
    const char *name;
    const char *scheduler;
    struct xb_cpus cpus;
};

/* One domain as it will be. */
struct view {
    const char *name;
    const struct xb_allocation *alloc;
    uint32_t vcpus;
    int weight;
    struct pool_view pool;
    struct xb_cpus cpus; /* where any of its vcpus may run: affinity and pool together */
    bool pinned;         /* to less than its pool */
};

static struct xb_cpus both(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus out;
    for (size_t i = 0; i < XB_ARRAY_LEN(out.bits); i++)
        out.bits[i] = a->bits[i] & b->bits[i];
    return out;
}

static bool overlap(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus common = both(a, b);
    return xb_cpus_count(&common, XB_CPUS_MAX) > 0;
}

static bool within(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus common = both(a, b);
    return xb_cpus_equal(&common, a, XB_CPUS_MAX);
}

static const struct xb_exp_pool *pool_of_case(const struct xb_doubt_case *c, const char *name)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    for (size_t i = 0; i < ec->pool_count; i++)
        if (strcmp(ec->pools[i].name, name) == 0)
            return &ec->pools[i];
    return NULL;
}

/* The pool as the case leaves it: CPUs that its own new pools take are gone from the others. */
static bool view_pool(const struct xb_doubt_case *c, const struct xb_doubt_host *host,
                      const char *name, struct pool_view *out)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    const struct xb_exp_pool *asked = pool_of_case(c, name);
    const struct xb_pool *found = NULL;
    for (size_t i = 0; i < host->pool_count; i++)
        if (strcmp(host->pools[i].name, name) == 0)
            found = &host->pools[i];
    if (!asked && !found)
        return false;
    *out = (struct pool_view){.name = name, .scheduler = "credit2"};
    if (found) {
        out->scheduler = found->scheduler;
        out->cpus = found->cpus;
    }
    if (asked && asked->has_cpus)
        out->cpus = asked->cpus;
    if (asked && asked->scheduler[0])
        out->scheduler = asked->scheduler;
    for (size_t i = 0; i < ec->pool_count; i++)
        for (size_t w = 0; &ec->pools[i] != asked && w < XB_ARRAY_LEN(out->cpus.bits); w++)
            out->cpus.bits[w] &= ~ec->pools[i].cpus.bits[w];
    return true;
}

static void view_domain(const struct xb_doubt_case *c, const struct xb_doubt_host *host, int guest,
                        struct view *out)
{
    const struct xb_allocation *alloc = guest < 0 ? c->dom0 : &c->guests[guest];
    *out = (struct view){
        .name = guest < 0 ? "Dom0" : c->exp->guests[guest].name,
        .alloc = alloc,
        .vcpus = alloc->vcpus ? alloc->vcpus : 1,
        .weight = alloc->weight >= 0 ? alloc->weight : DEFAULT_WEIGHT,
    };
    if (!view_pool(c, host, alloc->pool[0] ? alloc->pool : DEFAULT_POOL, &out->pool))
        return;
    for (size_t v = 0; v < alloc->hard_count && (v == 0 || v < out->vcpus); v++)
        for (size_t w = 0; w < XB_ARRAY_LEN(out->cpus.bits); w++)
            out->cpus.bits[w] |= alloc->hard[v].bits[w];
    out->cpus = alloc->hard_count ? both(&out->cpus, &out->pool.cpus) : out->pool.cpus;
    out->pinned = !xb_cpus_equal(&out->cpus, &out->pool.cpus, XB_CPUS_MAX);
}

static int refuse(const struct xb_doubt_case *c, struct xb_err *err, const char *domain,
                  const char *why)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: case `%s`, %s: %s", c->exp->path, ec->line, ec->name,
                   domain, why);
}

/*
 * A CPU that is named and not there. "all" names every number there can be, so it is told by the
 * last one.
 */
static int first_missing(const struct xb_cpus *cpus, uint32_t host_cpus)
{
    if (xb_cpus_has(cpus, XB_CPUS_MAX - 1))
        return -1;
    for (uint32_t cpu = host_cpus; cpu < XB_CPUS_MAX; cpu++)
        if (xb_cpus_has(cpus, cpu))
            return (int)cpu;
    return -1;
}

static int check_domain(const struct xb_doubt_case *c, const struct xb_doubt_host *host, int guest,
                        struct xb_err *err)
{
    char why[256];
    struct view view;
    view_domain(c, host, guest, &view);
    if (!view.pool.name) {
        snprintf(why, sizeof(why),
                 "there is no cpupool `%s` on this host, and `pools` does not make it",
                 view.alloc->pool);
        return refuse(c, err, view.name, why);
    }
    for (size_t v = 0; v < view.alloc->hard_count; v++) {
        int missing = first_missing(&view.alloc->hard[v], host->cpus);
        if (missing >= 0) {
            snprintf(why, sizeof(why), "`hard` names CPU %d; this host has CPUs 0 to %u", missing,
                     host->cpus - 1);
            return refuse(c, err, view.name, why);
        }
        if (!overlap(&view.alloc->hard[v], &view.pool.cpus)) {
            snprintf(why, sizeof(why), "`hard` names no CPU of cpupool %s, in which the domain is",
                     view.pool.name);
            return refuse(c, err, view.name, why);
        }
    }
    if (xb_cpus_count(&view.pool.cpus, host->cpus) == 0) {
        snprintf(why, sizeof(why), "cpupool %s is left without a CPU", view.pool.name);
        return refuse(c, err, view.name, why);
    }
    return 0;
}

static int check_pools(const struct xb_doubt_case *c, const struct xb_doubt_host *host,
                       struct xb_err *err)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    for (size_t i = 0; i < ec->pool_count; i++) {
        const struct xb_exp_pool *pool = &ec->pools[i];
        int missing = pool->has_cpus ? first_missing(&pool->cpus, host->cpus) : -1;
        if (missing >= 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: cpupool %s asks for CPU %d; this host has CPUs 0 to %u",
                           c->exp->path, pool->line, pool->name, missing, host->cpus - 1);
        for (size_t j = 0; j < i; j++)
            if (pool->has_cpus && ec->pools[j].has_cpus && overlap(&pool->cpus, &ec->pools[j].cpus))
                return xb_fail(err, XB_E_INPUT, 0, "%s:%u: cpupools %s and %s ask for the same CPU",
                               c->exp->path, pool->line, pool->name, ec->pools[j].name);
    }
    return 0;
}

int xb_doubts_possible(const struct xb_doubt_case *c, const struct xb_doubt_host *host,
                       struct xb_err *err)
{
    if (check_pools(c, host, err) < 0)
        return -1;
    for (int g = -1; g < (int)c->exp->guest_count; g++)
        if ((g < 0 || !c->exp->guests[g].socket) && check_domain(c, host, g, err) < 0)
            return -1;
    return 0;
}

/* What a judgement works with. */
struct judge {
    const struct xb_doubt_case *c;
    const struct xb_doubt_host *host;
    struct view *guests; /* domains only */
    size_t count;
    struct view dom0;
    xb_doubt_fn *tell;
    void *arg;
};

static const char *cpus_text(const struct judge *j, const struct xb_cpus *cpus, char *buf)
{
    xb_cpus_format(cpus, j->host->cpus, buf, XB_CPUS_TEXT_BYTES);
    return buf;
}

/* A guest of another weight that may run where this one may; NULL where there is none. */
static const struct view *rival_of(const struct judge *j, const struct view *guest)
{
    for (size_t g = 0; g < j->count; g++)
        if (j->guests[g].weight != guest->weight &&
            strcmp(j->guests[g].pool.name, guest->pool.name) == 0 &&
            overlap(&j->guests[g].cpus, &guest->cpus))
            return &j->guests[g];
    return NULL;
}

static int judge_weight(const struct judge *j, const struct view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES], text[XB_CPUS_TEXT_BYTES];
    if (guest->weight == DEFAULT_WEIGHT)
        return 0;
    const struct view *rival = rival_of(j, guest);
    if (!rival) {
        bool alone = true;
        for (size_t g = 0; g < j->count; g++)
            alone = alone && (&j->guests[g] == guest || !overlap(&j->guests[g].cpus, &guest->cpus));
        snprintf(message, sizeof(message),
                 alone ? "%s has weight %d, but shares its CPUs with no other guest: it has "
                         "nothing to bind against"
                       : "%s has weight %d, and so has every guest that it shares CPUs with: they "
                         "are equals",
                 guest->name, guest->weight);
        return j->tell(j->arg, guest->name, "weight-alone", message, err);
    }
    if (strcmp(guest->pool.scheduler, "credit") != 0 || !(guest->pinned || rival->pinned))
        return 0;
    snprintf(message, sizeof(message),
             "under credit the weight of %s (%d, against %d of %s) cannot bind: credit hands out "
             "shares over all %u "
             "CPUs of cpupool %s, and pinning (here to CPUs %.60s) does not shrink the pool. A "
             "cpupool of these CPUs "
             "alone, or credit2, makes it bind",
             guest->name, guest->weight, rival->weight, rival->name,
             xb_cpus_count(&guest->pool.cpus, j->host->cpus), guest->pool.name,
             cpus_text(j, guest->pinned ? &guest->cpus : &rival->cpus, text));
    return j->tell(j->arg, guest->name, "weight-unbound", message, err);
}

static int judge_cap(const struct judge *j, const struct view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES];
    uint32_t most = guest->vcpus * 100;
    if (guest->alloc->cap <= 0)
        return 0;
    if ((uint32_t)guest->alloc->cap >= most) {
        snprintf(message, sizeof(message),
                 "%s has a cap of %d %%, and %u vcpu%s cannot use more than %u %%: it never binds",
                 guest->name, guest->alloc->cap, guest->vcpus, guest->vcpus == 1 ? "" : "s", most);
        return j->tell(j->arg, guest->name, "cap-unbound", message, err);
    }
    snprintf(message, sizeof(message),
             "%s has a cap of %d %%, below the %u %% that its vcpus could use: where CPUs are free "
             "it is the cap that "
             "is measured",
             guest->name, guest->alloc->cap, most);
    return j->tell(j->arg, guest->name, "note-cap", message, err);
}

/* The vcpus that have nowhere to run but in `cpus`. */
static uint32_t confined_to(const struct judge *j, const struct xb_cpus *cpus)
{
    uint32_t vcpus = 0;
    for (size_t g = 0; g < j->count; g++)
        if (within(&j->guests[g].cpus, cpus))
            vcpus += j->guests[g].vcpus;
    return vcpus;
}

static int judge_crowd(const struct judge *j, const struct view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES], text[XB_CPUS_TEXT_BYTES];
    uint32_t cpus = xb_cpus_count(&guest->cpus, j->host->cpus),
             vcpus = confined_to(j, &guest->cpus);
    for (const struct view *before = j->guests; before < guest; before++)
        if (xb_cpus_equal(&before->cpus, &guest->cpus, XB_CPUS_MAX))
            return 0; /* said already */
    if (vcpus <= cpus)
        return 0;
    snprintf(message, sizeof(message),
             "%u vcpus of guests have %u CPU%s (%.60s) to run on: they take turns", vcpus, cpus,
             cpus == 1 ? "" : "s", cpus_text(j, &guest->cpus, text));
    return j->tell(j->arg, NULL, "note-more-vcpus", message, err);
}

static int judge_dom0(const struct judge *j, struct xb_err *err)
{
    char message[MESSAGE_BYTES], names[200] = "";
    size_t sharing = 0, used = 0;
    for (size_t g = 0; g < j->count; g++) {
        if (!overlap(&j->guests[g].cpus, &j->dom0.cpus))
            continue;
        if (used < sizeof(names))
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                     sharing ? ", " : "", j->guests[g].name);
        sharing++;
    }
    if (sharing == 0)
        return 0;
    snprintf(message, sizeof(message),
             "Dom0 may run on the CPUs of %s: what it does meanwhile shows in %s", names,
             sharing == 1 ? "its times" : "their times");
    return j->tell(j->arg, NULL, "note-dom0-shares", message, err);
}

/*
 * Is a hyperthread of the same core in use by another guest, or by Dom0, that is pinned apart from
 * this one?
 */
static int judge_siblings(const struct judge *j, const struct view *guest, struct xb_err *err)
{
    const struct xb_pcpu *p = j->host->pcpus;
    for (uint32_t a = 0; p && guest->pinned && a < j->host->cpus; a++) {
        for (uint32_t b = 0; xb_cpus_has(&guest->cpus, a) && b < j->host->cpus; b++) {
            if (a == b || !p[a].online || !p[b].online || p[a].core != p[b].core ||
                p[a].socket != p[b].socket || xb_cpus_has(&guest->cpus, b))
                continue;
            for (int o = -1; o < (int)j->count; o++) {
                const struct view *other = o < 0 ? &j->dom0 : &j->guests[o];
                char message[MESSAGE_BYTES];
                if (other == guest || !other->pinned || !xb_cpus_has(&other->cpus, b))
                    continue;
                snprintf(message, sizeof(message),
                         "CPUs %u (%s) and %u (%s) are hyperthreads of one core: each slows the "
                         "other down",
                         a, guest->name, b, other->name);
                return j->tell(j->arg, guest->name, "smt-sibling", message, err);
            }
        }
    }
    return 0;
}

static int judge_all(const struct judge *j, struct xb_err *err)
{
    for (size_t g = 0; g < j->count; g++)
        if (judge_weight(j, &j->guests[g], err) < 0 || judge_cap(j, &j->guests[g], err) < 0 ||
            judge_crowd(j, &j->guests[g], err) < 0 || judge_siblings(j, &j->guests[g], err) < 0)
            return -1;
    return judge_dom0(j, err);
}

int xb_doubts_tell(const struct xb_doubt_case *c, const struct xb_doubt_host *host,
                   xb_doubt_fn *tell, void *arg, struct xb_err *err)
{
    struct judge j = {.c = c, .host = host, .tell = tell, .arg = arg};
    struct view *views xb_auto_free = calloc(c->exp->guest_count, sizeof(*views));
    if (!views)
        return xb_fail(err, XB_E_HOST, 0, "no memory to look at %zu guests", c->exp->guest_count);
    for (size_t g = 0; g < c->exp->guest_count; g++)
        if (!c->exp->guests[g].socket)
            view_domain(c, host, (int)g, &views[j.count++]);
    j.guests = views;
    view_domain(c, host, -1, &j.dom0);
    return judge_all(&j, err);
}
