/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hyperthreads: two vcpus on the threads of one core share that core's execution units. */
#include "alloc.h"
#include "base.h"
#include "doubts_judge.h"

#include <string.h>

#define NAMES_BYTES 160

/* Two threads of a core, and who may be on each of them at the same time. */
struct pair {
    uint32_t a, b;
    const struct xb_view *who; /* the guest that the doubt is about */
    char on_a[NAMES_BYTES], on_b[NAMES_BYTES];
    uint32_t alike; /* further pairs with the same domains */
};

/* held and tied: computed once for each domain, Dom0 last. */
struct smt {
    const struct xb_judge *j;
    bool *held, *tied;
};

static bool siblings(const struct smt *s, uint32_t a, uint32_t b)
{
    const struct xb_pcpu *p = s->j->host->pcpus;
    return a != b && p[a].online && p[b].online && p[a].core == p[b].core &&
           p[a].socket == p[b].socket;
}

/* d -1 is Dom0. */
static const struct xb_view *domain(const struct smt *s, int d)
{
    return d < 0 ? &s->j->dom0 : &s->j->guests[d];
}

static size_t at(const struct smt *s, int d)
{
    return d < 0 ? s->j->count : (size_t)d;
}

/* Is the domain limited to a part of the host? Those that may run anywhere are judged below. */
static bool is_held(const struct smt *s, const struct xb_view *view)
{
    for (uint32_t cpu = 0; cpu < s->j->host->cpus; cpu++)
        if (s->j->host->pcpus[cpu].online && !xb_cpus_has(&view->cpus, cpu))
            return true;
    return false;
}

/* Is the domain unable to move to another core, because it has only one or needs all its CPUs? */
static bool is_tied(const struct smt *s, const struct xb_view *view)
{
    uint32_t first = 0;
    if (view->vcpus >= xb_cpus_count(&view->cpus, s->j->host->cpus))
        return true;
    while (first < s->j->host->cpus && !xb_cpus_has(&view->cpus, first))
        first++;
    for (uint32_t cpu = first + 1; cpu < s->j->host->cpus; cpu++)
        if (xb_cpus_has(&view->cpus, cpu) && !siblings(s, first, cpu))
            return false;
    return true;
}

/* May x be on CPU a while y is on CPU b, where at least one of the two is tied? */
static bool meet(const struct smt *s, int x, uint32_t a, int y, uint32_t b)
{
    const struct xb_view *p = domain(s, x), *q = domain(s, y);
    if ((x < 0 && y < 0) || !xb_cpus_has(&p->cpus, a) || !xb_cpus_has(&q->cpus, b) ||
        (x == y && p->vcpus < 2) || (x != y && p->pool.whole_cores))
        return false;
    return s->held[at(s, x)] && s->held[at(s, y)] && (s->tied[at(s, x)] || s->tied[at(s, y)]);
}

static bool meets_any(const struct smt *s, int x, uint32_t a, uint32_t b)
{
    for (int y = -1; y < (int)s->j->count; y++)
        if (meet(s, x, a, y, b))
            return true;
    return false;
}

/* List the domains that may be on a while another is on b; return the first guest, NULL: none. */
static const struct xb_view *name(const struct smt *s, uint32_t a, uint32_t b, char *out)
{
    const struct xb_view *who = NULL;
    size_t used = 0;
    out[0] = '\0';
    for (int d = 0; d <= (int)s->j->count; d++) {
        int x = d < (int)s->j->count ? d : -1; /* Dom0 comes last */
        if (!meets_any(s, x, a, b))
            continue;
        if (used < NAMES_BYTES)
            used += (size_t)snprintf(out + used, NAMES_BYTES - used, "%s%s", used ? ", " : "",
                                     domain(s, x)->name);
        if (!who && x >= 0)
            who = domain(s, x);
    }
    return who;
}

static int tell_pair(const struct smt *s, const struct pair *p, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], more[80] = "";
    if (p->alike)
        snprintf(more, sizeof(more), " (and so with %u other pair%s of CPUs)", p->alike,
                 xb_plural(p->alike));
    if (strcmp(p->on_a, p->on_b) != 0)
        snprintf(
            message, sizeof(message),
            "CPUs %u (%s) and %u (%s) are hyperthreads of one core: each slows the other down%s",
            p->a, p->on_a, p->b, p->on_b, more);
    else
        snprintf(
            message, sizeof(message),
            "CPUs %u and %u, on which vcpus of %s run at the same time, are hyperthreads of one core: each "
            "slows the other down%s",
            p->a, p->b, p->on_a, more);
    return s->j->tell(s->j->arg, p->who->name, XB_WARN_SMT_SIBLING, message, err);
}

/* Pairs of threads with the same domains are reported once. */
static void add_pair(struct pair *pairs, size_t *count, const struct pair *new)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(pairs[i].on_a, new->on_a) != 0 || strcmp(pairs[i].on_b, new->on_b) != 0)
            continue;
        pairs[i].alike++;
        return;
    }
    pairs[(*count)++] = *new;
}

/* The most threads of a core on any machine that Xen knows. */
#define THREADS_MAX 8

static size_t find_pairs(const struct smt *s, struct pair *pairs)
{
    uint32_t cpus = s->j->host->cpus;
    size_t count = 0;
    for (uint32_t a = 0; a < cpus; a++) {
        for (uint32_t b = a + 1; b < cpus && count < (size_t)cpus * THREADS_MAX; b++) {
            struct pair new = {.a = a, .b = b};
            if (!siblings(s, a, b))
                continue;
            const struct xb_view *on_a = name(s, a, b, new.on_a), *on_b = name(s, b, a, new.on_b);
            if (!on_a && on_b) { /* Dom0 goes second */
                struct pair turned = {.a = b, .b = a};
                memcpy(turned.on_a, new.on_b, sizeof(turned.on_a));
                memcpy(turned.on_b, new.on_a, sizeof(turned.on_b));
                new = turned;
            }
            new.who = on_a ? on_a : on_b;
            if (new.who)
                add_pair(pairs, &count, &new);
        }
    }
    return count;
}

int xb_judge_siblings(const struct xb_judge *j, struct xb_err *err)
{
    xb_auto_free bool *known = xb_calloc(2 * j->count + 2, sizeof(*known));
    xb_auto_free struct pair *pairs =
        xb_calloc((size_t)j->host->cpus * THREADS_MAX + 1, sizeof(*pairs));
    if (!j->host->pcpus)
        return 0;
    struct smt s = {.j = j, .held = known, .tied = known + j->count + 1};
    for (int d = -1; d < (int)j->count; d++) {
        s.held[at(&s, d)] = is_held(&s, domain(&s, d));
        s.tied[at(&s, d)] = is_tied(&s, domain(&s, d));
    }
    size_t count = find_pairs(&s, pairs);
    for (size_t i = 0; i < count; i++)
        if (tell_pair(&s, &pairs[i], err) < 0)
            return -1;
    return 0;
}

/* May the domain run on two threads of one core, and also on another core? */
static bool may_choose(const struct smt *s, const struct xb_view *view)
{
    bool threads = false, cores = false;
    if (view->pool.whole_cores)
        return false;
    if (!s->j->host->pcpus)
        return !view->pinned;
    for (uint32_t a = 0; a < s->j->host->cpus; a++) {
        for (uint32_t b = 0; xb_cpus_has(&view->cpus, a) && b < a; b++) {
            if (!xb_cpus_has(&view->cpus, b))
                continue;
            threads = threads || siblings(s, a, b);
            cores = cores || !siblings(s, a, b);
        }
    }
    return threads && cores;
}

int xb_judge_smt(const struct xb_judge *j, struct xb_err *err)
{
    struct smt s = {.j = j};
    if (j->host->smt != XB_YES)
        return 0;
    for (size_t g = 0; g < j->count; g++)
        if (may_choose(&s, &j->guests[g]))
            return j->tell(
                j->arg, NULL, XB_NOTE_SMT,
                "SMT is on, so guests that may run on several cores can meet on two threads of "
                "one core while another core is idle: times then depend on luck (remedies: "
                "`smt: off` under `host`, pinning each guest to a core of its own, or "
                "`sched_gran: core`)",
                err);
    return 0;
}
