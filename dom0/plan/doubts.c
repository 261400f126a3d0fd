/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "base.h"
#include "doubts_judge.h"

#include <inttypes.h>
#include <string.h>

static int judge_cap(const struct xb_judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    struct xb_cpus firsts = xb_units_firsts(&guest->pool.units, &guest->cpus);
    uint32_t cpus = xb_cpus_count(&guest->cpus, j->host->cpus);
    uint32_t places = xb_cpus_count(&firsts, j->host->cpus);
    uint32_t units = xb_units_for(&guest->pool.units, guest->vcpus);
    uint32_t most = (units < places ? units : places) * 100; /* Xen caps units, not vcpus */
    if (guest->alloc->cap <= 0 || !xb_scheduler_has_weights(guest->pool.scheduler))
        return 0;
    if ((uint32_t)guest->alloc->cap >= most) {
        snprintf(message, sizeof(message),
                 "%s has a cap of %d %%, and %u vcpu%s on %u CPU%s cannot use more than %u %%: the "
                 "cap never binds",
                 guest->name, guest->alloc->cap, guest->vcpus, xb_plural(guest->vcpus), cpus,
                 xb_plural(cpus), most);
        return j->tell(j->arg, guest->name, XB_WARN_CAP_UNBOUND, message, err);
    }
    snprintf(message, sizeof(message),
             "%s has a cap of %d %%, below the %u %% that its vcpus could use: while CPUs are "
             "free, the cap limits what you measure",
             guest->name, guest->alloc->cap, most);
    return j->tell(j->arg, guest->name, XB_NOTE_CAP, message, err);
}

/* The number of vcpus that can run only on `cpus`, and of the scheduling units that they form. */
static uint32_t confined_to(const struct xb_judge *j, const struct xb_cpus *cpus, uint32_t *units)
{
    uint32_t vcpus = 0;
    *units = 0;
    for (size_t g = 0; g < j->count; g++) {
        if (!xb_cpus_within(&j->guests[g].cpus, cpus))
            continue;
        vcpus += j->guests[g].vcpus;
        *units += xb_units_for(&j->guests[g].pool.units, j->guests[g].vcpus);
    }
    return vcpus;
}

/* Under core scheduling another domain's vcpu does not get the other thread of a core. */
static int tell_crowd_of_units(const struct xb_judge *j, const struct xb_view *guest,
                               uint32_t vcpus, uint32_t places, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], text[XB_CPUS_TEXT_BYTES];
    const char *place = xb_units_place(&guest->pool.units);
    snprintf(message, sizeof(message),
             "%u vcpus of guests have %u %s%s (CPUs %.60s) to run on, and two guests never share a "
             "%s under `sched_gran: %s`: they take turns when all of them have work",
             vcpus, places, place, xb_plural(places), xb_judge_cpus(j, &guest->cpus, text), place,
             xb_sched_gran_words[guest->pool.units.gran]);
    return j->tell(j->arg, NULL, XB_NOTE_MORE_VCPUS, message, err);
}

static int judge_crowd(const struct xb_judge *j, const struct xb_view *guest, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], text[XB_CPUS_TEXT_BYTES];
    struct xb_cpus firsts = xb_units_firsts(&guest->pool.units, &guest->cpus);
    uint32_t cpus = xb_cpus_count(&guest->cpus, j->host->cpus), units,
             vcpus = confined_to(j, &guest->cpus, &units),
             places = xb_cpus_count(&firsts, j->host->cpus);
    for (const struct xb_view *before = j->guests; before < guest; before++)
        if (xb_cpus_equal(&before->cpus, &guest->cpus, XB_CPUS_MAX))
            return 0; /* reported already */
    /* Under null and arinc653 vcpus do not take turns: doubts_sched.c judges these. */
    bool turns = strcmp(guest->pool.scheduler, "null") != 0 &&
                 strcmp(guest->pool.scheduler, "arinc653") != 0;
    if (units <= places || !turns)
        return 0;
    if (xb_units_size(&guest->pool.units) > 1)
        return tell_crowd_of_units(j, guest, vcpus, places, err);
    snprintf(message, sizeof(message),
             "%u vcpus of guests have %u CPU%s (%.60s) to run on: they take turns when all of them "
             "have work",
             vcpus, cpus, xb_plural(cpus), xb_judge_cpus(j, &guest->cpus, text));
    return j->tell(j->arg, NULL, XB_NOTE_MORE_VCPUS, message, err);
}

/* A range leaves out offline CPUs; reported once, for the first mask. */
static int judge_offline(const struct xb_judge *j, const struct xb_view *view, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], out[XB_CPUS_TEXT_BYTES], kept[XB_CPUS_TEXT_BYTES];
    for (size_t v = 0; v < view->alloc->hard_count; v++) {
        const struct xb_cpus *mask = &view->alloc->hard[v];
        struct xb_cpus left_out = {.nodes = 0};
        for (size_t w = 0; w < XB_ARRAY_LEN(left_out.bits); w++)
            left_out.bits[w] = mask->ranged[w] & ~mask->bits[w];
        if (xb_cpus_has(mask, XB_CPUS_MAX - 1) || xb_cpus_count(&left_out, j->host->cpus) == 0)
            continue;
        snprintf(message, sizeof(message),
                 "the range in `hard` of %s includes offline CPUs (%.100s); only the online ones "
                 "are used (%.100s)",
                 view->name, xb_judge_cpus(j, &left_out, out), xb_judge_cpus(j, mask, kept));
        return j->tell(j->arg, view->guest < 0 ? NULL : view->name, XB_NOTE_OFFLINE, message, err);
    }
    return 0;
}

/* A list of CPU lists makes cases here, but in xl.cfg it has an entry for each vcpu. */
static int judge_list(const struct xb_judge *j, const struct xb_view *view, const char *key,
                      struct xb_err *err)
{
    const struct xb_exp_case *c = &j->c->exp->cases[j->c->case_no];
    const struct xb_exp_lines *lines =
        view->guest < 0 ? &c->dom0_lines : &c->parts[view->guest].lines;
    char message[XB_DOUBT_BYTES];
    unsigned entries = xb_exp_choices_of(lines, key);
    if (entries < 2 || entries != view->vcpus)
        return 0;
    snprintf(message, sizeof(message),
             "`%s` of %s in line %u is a list of %u entries, and %s has %u vcpus: `%s: [FIRST, "
             "SECOND]` makes a case of each entry, for all vcpus; to set each vcpu, as xl.cfg's "
             "list does, write `%s: {0: FIRST, 1: SECOND}`",
             key, view->name, xb_exp_line_of(lines, key), entries, view->name, view->vcpus, key,
             key);
    return j->tell(j->arg, view->guest < 0 ? NULL : view->name, XB_NOTE_LIST_BY_VCPU, message, err);
}

static int judge_masks(const struct xb_judge *j, const struct xb_view *view, struct xb_err *err)
{
    return judge_offline(j, view, err) < 0 || judge_list(j, view, "hard", err) < 0 ||
                   judge_list(j, view, "soft", err) < 0
               ? -1
               : 0;
}

static int judge_dom0(const struct xb_judge *j, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], names[200] = "";
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
             "Dom0 may run on the CPUs of %s: Dom0's work then shows in %s", names,
             sharing == 1 ? "that guest's times" : "those guests' times");
    return j->tell(j->arg, NULL, XB_NOTE_DOM0_SHARES, message, err);
}

static int judge_dom0_crowd(const struct xb_judge *j, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES], text[XB_CPUS_TEXT_BYTES];
    uint32_t cpus = xb_cpus_count(&j->dom0.cpus, j->host->cpus);
    if (!j->dom0.pinned || cpus == 0 || j->dom0.vcpus <= cpus)
        return 0;
    snprintf(message, sizeof(message),
             "Dom0 has %u vcpus on %u CPU%s (%.60s): they wait for each other, so guests may learn "
             "the instant of their start too late; `dom0: {vcpus: %u}` mends that",
             j->dom0.vcpus, cpus, xb_plural(cpus), xb_judge_cpus(j, &j->dom0.cpus, text), cpus);
    return j->tell(j->arg, NULL, XB_NOTE_DOM0_CROWD, message, err);
}

static int judge_memory(const struct xb_judge *j, struct xb_err *err)
{
    char message[XB_DOUBT_BYTES];
    uint64_t need = xb_view_memory_needed(j->c, j->host);
    if (!j->host->free_bytes || need <= j->host->free_bytes)
        return 0;
    snprintf(message, sizeof(message),
             "the guests need %" PRIu64 " MiB, Xen has %" PRIu64
             " MiB free: Dom0 must give up the rest, and "
             "may not be able to",
             need >> 20, j->host->free_bytes >> 20);
    return j->tell(j->arg, NULL, XB_WARN_MEMORY, message, err);
}

/* The guests' images must contain their workloads. */
static int judge_images(const struct xb_judge *j, struct xb_err *err)
{
    const struct xb_experiment *exp = j->c->exp;
    for (size_t g = 0; g < exp->guest_count; g++) {
        const struct xb_exp_part *part = &exp->cases[j->c->case_no].parts[g];
        const struct xb_host_image *image = xb_host_image(j->host, part->build.image);
        char message[XB_DOUBT_BYTES];
        bool has = false;
        if (part->role == XB_ROLE_IDLE || exp->workloads[part->workload].own ||
            exp->workloads[part->workload].bare || !image || !image->workloads ||
            xb_host_guest(j->host, exp->guests[g].name))
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
        if (j->tell(j->arg, exp->guests[g].name, XB_WARN_WORKLOAD_MISSING, message, err) < 0)
            return -1;
    }
    return 0;
}

static int judge_guests(const struct xb_judge *j, struct xb_err *err)
{
    struct xb_weights *weights = xb_judge_weights_new(j);
    int r = 0;
    for (size_t g = 0; r == 0 && g < j->count; g++)
        if (xb_judge_weight(j, weights, g, err) < 0 || judge_cap(j, &j->guests[g], err) < 0 ||
            judge_crowd(j, &j->guests[g], err) < 0 || judge_masks(j, &j->guests[g], err) < 0)
            r = -1;
    xb_judge_weights_free(weights);
    return r;
}

static int judge_all(const struct xb_judge *j, struct xb_err *err)
{
    return judge_guests(j, err) < 0 || xb_judge_siblings(j, err) < 0 || judge_dom0(j, err) < 0 ||
                   judge_dom0_crowd(j, err) < 0 || judge_masks(j, &j->dom0, err) < 0 ||
                   xb_judge_dom0_weight(j, err) < 0 || xb_judge_smt(j, err) < 0 ||
                   judge_memory(j, err) < 0 || judge_images(j, err) < 0 ||
                   xb_judge_schedulers(j, err) < 0
               ? -1
               : 0;
}

/* Sort idle guests last: they exist, but compete with no guest. */
static void sort_views(struct xb_judge *j)
{
    for (size_t i = 0; i < j->all_count; i++) {
        if (!j->guests[i].busy)
            continue;
        struct xb_view view = j->guests[i];
        for (size_t k = i; k > j->count; k--)
            j->guests[k] = j->guests[k - 1];
        j->guests[j->count++] = view;
    }
}

int xb_doubts_tell(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                   xb_doubt_fn *tell, void *arg, struct xb_err *err)
{
    struct xb_judge j = {.c = c, .host = host, .tell = tell, .arg = arg};
    xb_auto_free struct xb_view *views = xb_calloc(c->exp->guest_count, sizeof(*views));
    for (size_t g = 0; g < c->exp->guest_count; g++)
        if (!c->exp->guests[g].socket)
            xb_view_domain(c, host, (int)g, &views[j.all_count++]);
    j.guests = views;
    sort_views(&j);
    xb_view_domain(c, host, -1, &j.dom0);
    return judge_all(&j, err);
}
