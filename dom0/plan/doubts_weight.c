/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do weights bind? Compares the promises with and without weights. */
#include "alloc.h"
#include "base.h"
#include "doubts_judge.h"
#include "promise.h"

#include <string.h>

/* A weight that changes no share by more than this part of the share does not bind. */
#define BOUND 0.02
/* sched_credit2_max_cpus_runqueue, if Xen's command line gives no other. */
#define RUNQUEUE_CPUS 16

struct xb_weights {
    struct xb_promise *with, *without; /* one for each guest that runs something */
};

void xb_judge_weights_free(struct xb_weights *w)
{
    if (!w)
        return;
    free(w->with);
    free(w->without);
    free(w);
}

static size_t collect_pools(const struct xb_judge *j, struct xb_pool *pools)
{
    size_t count = 0;
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_pool_view *view = &j->guests[g].pool;
        size_t p = 0;
        while (view->name && p < count && strcmp(pools[p].name, view->name) != 0)
            p++;
        if (!view->name || p < count)
            continue;
        snprintf(pools[count].name, sizeof(pools[count].name), "%s", view->name);
        snprintf(pools[count].scheduler, sizeof(pools[count].scheduler), "%s", view->scheduler);
        pools[count].units = view->units;
        pools[count++].cpus = view->cpus;
    }
    return count;
}

static void promise(const struct xb_judge *j, bool weights, struct xb_promise *out)
{
    xb_auto_free struct xb_pool *pools = xb_calloc(j->count + 1, sizeof(*pools));
    xb_auto_free struct xb_allocation *allocs = xb_calloc(j->count + 1, sizeof(*allocs));
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_view *view = &j->guests[g];
        allocs[g] = *view->alloc; /* the view still owns what its pointers point to */
        allocs[g].vcpus = view->vcpus;
        allocs[g].weight = weights ? view->weight : XB_DEFAULT_WEIGHT;
        snprintf(allocs[g].pool, sizeof(allocs[g].pool), "%s",
                 view->pool.name ? view->pool.name : "");
    }
    xb_promises(pools, collect_pools(j, pools), allocs, j->count, out);
}

static bool has_weights(const struct xb_judge *j)
{
    for (size_t g = 0; g < j->count; g++)
        if (j->guests[g].weight != XB_DEFAULT_WEIGHT)
            return true;
    return false;
}

struct xb_weights *xb_judge_weights_new(const struct xb_judge *j)
{
    struct xb_weights *w = xb_calloc(1, sizeof(*w));
    w->with = xb_calloc(j->count + 1, sizeof(*w->with));
    w->without = xb_calloc(j->count + 1, sizeof(*w->without));
    if (has_weights(j)) {
        promise(j, true, w->with);
        promise(j, false, w->without);
    }
    return w;
}

static bool compete(const struct xb_view *a, const struct xb_view *b)
{
    return a->pool.name && b->pool.name && strcmp(a->pool.name, b->pool.name) == 0 &&
           xb_cpus_overlap(&a->cpus, &b->cpus);
}

/* A guest of another weight that shares CPUs with this one; NULL: none. */
static const struct xb_view *rival_of(const struct xb_judge *j, const struct xb_view *guest)
{
    for (size_t g = 0; g < j->count; g++)
        if (j->guests[g].weight != guest->weight && compete(&j->guests[g], guest))
            return &j->guests[g];
    return NULL;
}

static int tell_alone(const struct xb_judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    const char *what =
        "the same as every guest that it shares CPUs with: among these, it makes no difference";
    bool alone = true;
    for (size_t g = 0; g < j->count; g++)
        alone =
            alone && (&j->guests[g] == guest || !xb_cpus_overlap(&j->guests[g].cpus, &guest->cpus));
    if (alone && compete(&j->dom0, guest))
        what = "but it shares its CPUs with Dom0 alone, which does little while jobs run, so "
               "there is almost nothing to compete with";
    else if (alone)
        what = "but it shares its CPUs with no other guest, so there is nothing to compete with";
    snprintf(message, sizeof(message), "%s has weight %d, %s", guest->name, guest->weight, what);
    return j->tell(j->arg, guest->name, XB_WARN_WEIGHT_ALONE, message, err);
}

enum binds { BINDS, BINDS_NOT, NOT_KNOWN };

/* Would the share of the guest, or of any competitor, differ without the weights? */
static enum binds binds(const struct xb_judge *j, const struct xb_weights *w, size_t guest)
{
    enum binds answer = BINDS_NOT;
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_promise *with = &w->with[g], *without = &w->without[g];
        if (!compete(&j->guests[g], &j->guests[guest]))
            continue;
        if (!with->known || !without->known)
            return NOT_KNOWN;
        double apart =
            with->cpus > without->cpus ? with->cpus - without->cpus : without->cpus - with->cpus;
        if (apart > BOUND * without->cpus)
            answer = BINDS;
    }
    return answer;
}

/* Credit divides the whole pool's time, even among guests pinned to a part of the pool. */
static int tell_pinned(const struct xb_judge *j, const struct xb_view *guest,
                       const struct xb_view *rival, bool sure, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], text[XB_CPUS_TEXT_BYTES];
    snprintf(
        message, sizeof(message),
        "under credit the weight of %s (%d, against %d of %s) %s: credit divides time among "
        "all %u CPUs of cpupool %s, and pinning (here to CPUs %.60s) does not shrink the pool. "
        "In a cpupool of these CPUs alone, or under credit2, it binds",
        guest->name, guest->weight, rival->weight, rival->name,
        sure ? "cannot bind" : "may bind less than it seems",
        xb_cpus_count(&guest->pool.cpus, j->host->cpus), guest->pool.name,
        xb_judge_cpus(j, guest->pinned ? &guest->cpus : &rival->cpus, text));
    return j->tell(j->arg, guest->name, sure ? XB_WARN_WEIGHT_UNBOUND : XB_WARN_WEIGHT_UNSURE,
                   message, err);
}

static int tell_unbound(const struct xb_judge *j, const struct xb_view *guest,
                        const struct xb_view *rival, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    snprintf(
        message, sizeof(message),
        "the weight of %s (%d, against %d of %s) cannot bind: with every weight at %d, all guests "
        "that share CPUs with it are promised the same as now, because each already gets all that "
        "its vcpus, or its cap, allow",
        guest->name, guest->weight, rival->weight, rival->name, XB_DEFAULT_WEIGHT);
    return j->tell(j->arg, guest->name, XB_WARN_WEIGHT_UNBOUND, message, err);
}

/* The least number of credit2's runqueues that contain the CPUs; 1 if the host is not known. */
static uint32_t runqueues(const struct xb_judge *j, const struct xb_cpus *cpus)
{
    const struct xb_pcpu *p = j->host->pcpus;
    uint32_t queues = 0;
    for (uint32_t a = 0; p && a < j->host->cpus; a++) {
        uint32_t members = 0;
        bool first = xb_cpus_has(cpus, a);
        for (uint32_t b = 0; first && b < j->host->cpus; b++) {
            bool same = xb_cpus_has(cpus, b) && p[a].socket == p[b].socket;
            members += same;
            first = !same || b >= a;
        }
        if (first && xb_cpus_has(cpus, a))
            queues += (members + RUNQUEUE_CPUS - 1) / RUNQUEUE_CPUS;
    }
    return queues > 1 ? queues : 1;
}

/* A promise under credit2 holds within one runqueue. Reported once for guests on the same CPUs. */
static int tell_runqueues(const struct xb_judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], text[XB_CPUS_TEXT_BYTES];
    uint32_t queues = runqueues(j, &guest->cpus);
    for (const struct xb_view *before = j->guests; before < guest; before++)
        if (before->weight != XB_DEFAULT_WEIGHT &&
            xb_cpus_equal(&before->cpus, &guest->cpus, XB_CPUS_MAX))
            return 0;
    if (xb_scheduler_of(guest->pool.scheduler) != XB_SCHED_CREDIT2 || queues == 1)
        return 0;
    snprintf(message, sizeof(message),
             "credit2 applies weights within a runqueue, by default the CPUs of a socket and at "
             "most %d of them: CPUs %.60s of %s are in at least %u runqueues, so shares may differ "
             "from what the weights promise",
             RUNQUEUE_CPUS, xb_judge_cpus(j, &guest->cpus, text), guest->name, queues);
    return j->tell(j->arg, guest->name, XB_NOTE_RUNQUEUES, message, err);
}

int xb_judge_weight(const struct xb_judge *j, const struct xb_weights *w, size_t g,
                    struct xb_err *err)
{
    const struct xb_view *guest = &j->guests[g];
    if (guest->weight == XB_DEFAULT_WEIGHT || !xb_scheduler_has_weights(guest->pool.scheduler))
        return 0;
    const struct xb_view *rival = rival_of(j, guest);
    if (!rival)
        return tell_alone(j, guest, err);
    bool pinned = xb_scheduler_of(guest->pool.scheduler) == XB_SCHED_CREDIT &&
                  (guest->pinned || rival->pinned);
    switch (binds(j, w, g)) {
    case BINDS:
        return tell_runqueues(j, guest, err);
    case BINDS_NOT:
        return pinned ? tell_pinned(j, guest, rival, true, err)
                      : tell_unbound(j, guest, rival, err);
    default:
        return pinned ? tell_pinned(j, guest, rival, false, err) : 0;
    }
}

int xb_judge_dom0_weight(const struct xb_judge *j, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    const struct xb_view *rival = NULL;
    int asked = j->c->exp->cases[j->c->case_no].dom0.weight;
    if (asked < 0 || !xb_scheduler_has_weights(j->dom0.pool.scheduler))
        return 0;
    for (size_t g = 0; !rival && g < j->count; g++)
        rival = compete(&j->guests[g], &j->dom0) ? &j->guests[g] : NULL;
    if (!rival) {
        snprintf(
            message, sizeof(message),
            "Dom0 has weight %d, but no guest may run on its CPUs: there is nothing to compete "
            "with",
            asked);
        return j->tell(j->arg, NULL, XB_WARN_WEIGHT_ALONE, message, err);
    }
    snprintf(message, sizeof(message),
             "Dom0 has weight %d where it shares CPUs with %s (%d): Dom0 does little while jobs "
             "run, so its weight affects its work for the guests, not their shares",
             asked, rival->name, rival->weight);
    return j->tell(j->arg, NULL, XB_NOTE_DOM0_WEIGHT, message, err);
}
