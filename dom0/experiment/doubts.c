#include "base.h"
#include "doubts_view.h"

#include <string.h>

#define MESSAGE_BYTES 640

/* What a judgement works with. */
struct judge {
    const struct xb_doubt_case *c;
    const struct xb_host_facts *host;
    struct xb_view *guests; /* domains only */
    size_t count;
    struct xb_view dom0;
    xb_doubt_fn *tell;
    void *arg;
};

static const char *cpus_text(const struct judge *j, const struct xb_cpus *cpus, char *buf)
{
    xb_cpus_format(cpus, j->host->cpus, buf, XB_CPUS_TEXT_BYTES);
    return buf;
}

/* A guest of another weight that may run where this one may; NULL where there is none. */
static const struct xb_view *rival_of(const struct judge *j, const struct xb_view *guest)
{
    for (size_t g = 0; g < j->count; g++)
        if (j->guests[g].weight != guest->weight &&
            strcmp(j->guests[g].pool.name, guest->pool.name) == 0 &&
            xb_cpus_overlap(&j->guests[g].cpus, &guest->cpus))
            return &j->guests[g];
    return NULL;
}

static int judge_weight(const struct judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES], text[XB_CPUS_TEXT_BYTES];
    if (guest->weight == XB_DEFAULT_WEIGHT || strncmp(guest->pool.scheduler, "credit", 6) != 0)
        return 0;
    const struct xb_view *rival = rival_of(j, guest);
    if (!rival) {
        bool alone = true;
        for (size_t g = 0; g < j->count; g++)
            alone = alone &&
                    (&j->guests[g] == guest || !xb_cpus_overlap(&j->guests[g].cpus, &guest->cpus));
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

static int judge_cap(const struct judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES];
    uint32_t most = guest->vcpus * 100;
    if (guest->alloc->cap <= 0 || strncmp(guest->pool.scheduler, "credit", 6) != 0)
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
        if (xb_cpus_within(&j->guests[g].cpus, cpus))
            vcpus += j->guests[g].vcpus;
    return vcpus;
}

static int judge_crowd(const struct judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[MESSAGE_BYTES], text[XB_CPUS_TEXT_BYTES];
    uint32_t cpus = xb_cpus_count(&guest->cpus, j->host->cpus),
             vcpus = confined_to(j, &guest->cpus);
    for (const struct xb_view *before = j->guests; before < guest; before++)
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
        if (!xb_cpus_overlap(&j->guests[g].cpus, &j->dom0.cpus))
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
static int judge_siblings(const struct judge *j, const struct xb_view *guest, struct xb_err *err)
{
    const struct xb_pcpu *p = j->host->pcpus;
    for (uint32_t a = 0; p && guest->pinned && a < j->host->cpus; a++) {
        for (uint32_t b = 0; xb_cpus_has(&guest->cpus, a) && b < j->host->cpus; b++) {
            if (a == b || !p[a].online || !p[b].online || p[a].core != p[b].core ||
                p[a].socket != p[b].socket || xb_cpus_has(&guest->cpus, b))
                continue;
            for (int o = -1; o < (int)j->count; o++) {
                const struct xb_view *other = o < 0 ? &j->dom0 : &j->guests[o];
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

/* Threads of one core are one CPU's worth of units, whoever runs on them. */
static int judge_smt(const struct judge *j, struct xb_err *err)
{
    if (j->host->smt != XB_YES)
        return 0;
    for (size_t g = 0; g < j->count; g++)
        if (!j->guests[g].pinned)
            return j->tell(
                j->arg, NULL, "note-smt",
                "SMT is on, and guests that are not pinned may meet on two threads of one "
                "core while another core is idle: times then depend on luck (`smt: off` "
                "under `host`, or pinning, or `sched_gran: core`)",
                err);
    return 0;
}

static int judge_memory(const struct judge *j, struct xb_err *err)
{
    char message[MESSAGE_BYTES];
    uint64_t need = xb_view_memory_needed(j->c, j->host);
    if (!j->host->free_bytes || need <= j->host->free_bytes)
        return 0;
    snprintf(message, sizeof(message),
             "the guests need %llu MiB, Xen has %llu MiB free: Dom0 will be asked to give up the "
             "rest, and may not be able to",
             (unsigned long long)need >> 20, (unsigned long long)j->host->free_bytes >> 20);
    return j->tell(j->arg, NULL, "memory", message, err);
}

/* What the guests are to run must have been put into their images. */
static int judge_images(const struct judge *j, struct xb_err *err)
{
    const struct xb_experiment *exp = j->c->exp;
    for (size_t g = 0; g < exp->guest_count; g++) {
        const struct xb_exp_part *part = &exp->cases[j->c->case_no].parts[g];
        const struct xb_host_image *image =
            exp->guests[g].image ? xb_host_image(j->host, exp->guests[g].image) : NULL;
        char message[MESSAGE_BYTES];
        bool has = false;
        if (part->role == XB_ROLE_IDLE || exp->workloads[part->workload].own || !image ||
            !image->workloads || xb_host_guest(j->host, exp->guests[g].name))
            continue;
        const char *name = exp->workloads[part->workload].name;
        size_t i, n = strcspn(name, ":");
        json_t *entry;
        json_array_foreach(image->workloads, i, entry)
        {
            const char *text = json_string_value(entry);
            has = has || (text && strncmp(text, name, n) == 0 && text[n] == '\0');
        }
        if (has)
            continue;
        snprintf(
            message, sizeof(message),
            "image %s was not built for the workload %.60s (`xenbench image build %s --workload "
            "%.60s`)",
            image->name, name, image->name, name);
        if (j->tell(j->arg, exp->guests[g].name, "workload-missing", message, err) < 0)
            return -1;
    }
    return 0;
}

/* null gives each vcpu a CPU of its own; one too many waits for ever. */
static int judge_null(const struct judge *j, struct xb_err *err)
{
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_view *guest = &j->guests[g];
        char message[MESSAGE_BYTES];
        uint32_t vcpus = 0, cpus = xb_cpus_count(&guest->pool.cpus, j->host->cpus);
        if (strcmp(guest->pool.scheduler, "null") != 0)
            continue;
        for (size_t o = 0; o < j->count; o++)
            if (strcmp(j->guests[o].pool.name, guest->pool.name) == 0)
                vcpus += j->guests[o].vcpus;
        if (vcpus <= cpus)
            continue;
        snprintf(
            message, sizeof(message),
            "cpupool %s has %u CPUs for %u vcpus, and the scheduler null gives each vcpu one of "
            "its own: the last ones never run",
            guest->pool.name, cpus, vcpus);
        return j->tell(j->arg, NULL, "null-crowd", message, err);
    }
    return 0;
}

/* arinc653 runs what its schedule names, and nobody else; that of a new pool names nobody. */
static int judge_arinc653(const struct judge *j, struct xb_err *err)
{
    for (size_t g = 0; g < j->count; g++) {
        const struct xb_view *guest = &j->guests[g];
        char message[MESSAGE_BYTES];
        bool told = false;
        for (size_t o = 0; o < g; o++)
            told = told || strcmp(j->guests[o].pool.name, guest->pool.name) == 0;
        if (told || strcmp(guest->pool.scheduler, "arinc653") != 0)
            continue;
        snprintf(message, sizeof(message),
                 "cpupool %s has the scheduler arinc653, which runs no guest before a schedule is set that names it. "
                 "xenbench sets none; a hook may, but it comes when the guests that the run makes have booted, "
                 "and without a schedule they do not",
                 guest->pool.name);
        if (j->tell(j->arg, NULL, "arinc653-unset", message, err) < 0)
            return -1;
    }
    return 0;
}

static int judge_all(const struct judge *j, struct xb_err *err)
{
    for (size_t g = 0; g < j->count; g++)
        if (judge_weight(j, &j->guests[g], err) < 0 || judge_cap(j, &j->guests[g], err) < 0 ||
            judge_crowd(j, &j->guests[g], err) < 0 || judge_siblings(j, &j->guests[g], err) < 0)
            return -1;
    return judge_dom0(j, err) < 0 || judge_smt(j, err) < 0 || judge_memory(j, err) < 0 ||
                   judge_images(j, err) < 0 || judge_null(j, err) < 0 || judge_arinc653(j, err) < 0
               ? -1
               : 0;
}

int xb_doubts_tell(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                   xb_doubt_fn *tell, void *arg, struct xb_err *err)
{
    struct judge j = {.c = c, .host = host, .tell = tell, .arg = arg};
    struct xb_view *views xb_auto_free = calloc(c->exp->guest_count, sizeof(*views));
    if (!views)
        return xb_fail(err, XB_E_HOST, 0, "no memory to look at %zu guests", c->exp->guest_count);
    for (size_t g = 0; g < c->exp->guest_count; g++) {
        if (c->exp->guests[g].socket)
            continue;
        xb_view_domain(c, host, (int)g, &views[j.count]);
        j.count += views[j.count].busy; /* what does nothing competes with nobody */
    }
    j.guests = views;
    xb_view_domain(c, host, -1, &j.dom0);
    return judge_all(&j, err);
}
