/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refuses what a host cannot do, before anything is touched. */
#include "base.h"
#include "doubts_view.h"
#include "xen_host.h"

#include <inttypes.h>
#include <string.h>

/* Refuse with the line of the key, if that is known, else the line of the case. */
static int refuse(const struct xb_doubt_case *c, struct xb_err *err, const struct xb_view *view,
                  const char *key, const char *why)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    unsigned line =
        xb_exp_line_of(view->guest < 0 ? &ec->dom0_lines : &ec->parts[view->guest].lines, key);
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: case `%s`, %s: %s", c->exp->path,
                   line ? line : ec->line, ec->name, view->name, why);
}

static int refuse_pool(const struct xb_doubt_case *c, const struct xb_exp_pool *pool,
                       struct xb_err *err, const char *why)
{
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: cpupool %s %s", c->exp->path, pool->line, pool->name,
                   why);
}

/* "all" contains every possible number, so the highest number identifies it. */
static bool is_open_ended(const struct xb_cpus *cpus, uint32_t host_cpus)
{
    return xb_cpus_has(cpus, XB_CPUS_MAX - 1) || xb_cpus_count(cpus, host_cpus) == host_cpus;
}

/* The first named CPU that is offline or that the host does not have; -1: none. */
static int first_missing(const struct xb_cpus *cpus, const struct xb_host_facts *host)
{
    if (is_open_ended(cpus, host->cpus))
        return -1;
    bool none = xb_cpus_count(cpus, XB_CPUS_MAX) == 0; /* a range without an online CPU */
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
        if ((none && (cpus->ranged[cpu / 64] >> (cpu % 64) & 1)) ||
            (xb_cpus_has(cpus, cpu) &&
             (cpu >= host->cpus || (host->pcpus && !host->pcpus[cpu].online))))
            return (int)cpu;
    return -1;
}

static void say_missing(const struct xb_host_facts *host, const char *what, int cpu, char *why)
{
    if ((uint32_t)cpu < host->cpus)
        snprintf(why, XB_WHY_BYTES, "%s CPU %d, which is offline", what, cpu);
    else
        snprintf(why, XB_WHY_BYTES, "%s CPU %d; this host has CPUs 0 to %u", what, cpu,
                 host->cpus - 1);
}

static int check_mask(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      const struct xb_view *view, const char *key, const struct xb_cpus *mask,
                      struct xb_err *err)
{
    char why[XB_WHY_BYTES], what[32], members[XB_CPUS_TEXT_BYTES];
    int missing = first_missing(mask, host);
    if (missing >= 0) {
        snprintf(what, sizeof(what), "`%s` names", key);
        say_missing(host, what, missing, why);
        return refuse(c, err, view, key, why);
    }
    if (!xb_cpus_overlap(mask, &view->pool.cpus)) {
        snprintf(why, sizeof(why), "`%s` names no CPU of cpupool %s, in which the domain is", key,
                 view->pool.name);
        return refuse(c, err, view, key, why);
    }
    for (uint32_t cpu = 0; cpu < host->cpus && !is_open_ended(mask, host->cpus); cpu++) {
        if (!xb_cpus_has(mask, cpu) || xb_cpus_has(&view->pool.cpus, cpu))
            continue;
        xb_cpus_format(&view->pool.cpus, XB_CPUS_MAX, members, sizeof(members));
        snprintf(why, sizeof(why), "`%s` names CPU %u, which is not in cpupool %s (it has %.60s)",
                 key, cpu, view->pool.name, members);
        return refuse(c, err, view, key, why);
    }
    return 0;
}

static int check_masks(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       const struct xb_view *view, struct xb_err *err)
{
    for (size_t v = 0; v < view->alloc->hard_count; v++)
        if (check_mask(c, host, view, "hard", &view->alloc->hard[v], err) < 0)
            return -1;
    for (size_t v = 0; v < view->alloc->soft_count; v++)
        if (check_mask(c, host, view, "soft", &view->alloc->soft[v], err) < 0)
            return -1;
    return 0;
}

/* The pool's scheduler must have the parameters that the case sets. */
static int check_shares(const struct xb_doubt_case *c, const struct xb_view *view, int guest,
                        struct xb_err *err)
{
    /* Judge the file's settings, not those in force: the baseline has a weight, too. */
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    const struct xb_allocation *asked = guest < 0 ? &ec->dom0 : &ec->guests[guest];
    const struct xb_setting *unknown =
        xb_settings_unknown(xb_domain_settings, asked, view->pool.scheduler);
    char why[XB_WHY_BYTES], who[80];
    if (!unknown)
        return 0;
    snprintf(why, sizeof(why), "the scheduler %s of cpupool %s has no `%s` (%s)",
             view->pool.scheduler, view->pool.name, unknown->name,
             xb_setting_knowers(unknown, "does", "do", who, sizeof(who)));
    return refuse(c, err, view, unknown->name, why);
}

/* Refuse to move a running domain to another pool on a Xen that may crash from the move. */
static int check_move(const struct xb_doubt_case *c, const struct xb_host_facts *host, int guest,
                      const struct xb_view *view, struct xb_err *err)
{
    char why[XB_WHY_BYTES], quirk[XB_QUIRK_BYTES];
    if (guest < 0)
        return strcmp(view->pool.name, XB_POOL_0) == 0
                   ? 0
                   : refuse(c, err, view, "pool", "Xen does not let Dom0 leave " XB_POOL_0);
    const struct xb_host_guest *found = xb_host_present(host, view->name);
    const char *now = found && found->pool[0] ? found->pool : XB_POOL_0;
    bool born_there = c->exp->guests[guest].image && !found;
    if (born_there || host->risky_moves != XB_YES || strcmp(now, view->pool.name) == 0)
        return 0;
    xb_quirk_say(XB_QUIRK_POOL_MOVE, quirk);
    snprintf(
        why, sizeof(why),
        "it %s in cpupool %s, and %s (here to %s); let the run make the guest from an `image`, "
        "so that it is created there, or accept the risk with XENBENCH_RISK_POOLS=1",
        found && found->running ? "runs" : "starts", now, quirk, view->pool.name);
    return refuse(c, err, view, "pool", why);
}

/*
 * The domain's maximum of vcpus, and its source; 0: not known. Affinities are read for each vcpu
 * up to it, online or not.
 */
static size_t most_vcpus(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                         const struct xb_view *view, const char **by)
{
    const struct xb_host_guest *found = xb_host_present(host, view->name);
    *by = view->guest < 0 ? "it was started with"
          : found         ? "it is there already, and was made with at most"
                          : "it is made with";
    if (view->guest < 0)
        return host->dom0.hard_count;
    if (found)
        return found->now.hard_count ? found->now.hard_count : found->maxvcpus;
    return xb_exp_maxvcpus(c->exp, c->case_no, (size_t)view->guest);
}

/* An existing domain keeps the maximum of vcpus that it was made with. */
static int check_vcpus(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       const struct xb_view *view, struct xb_err *err)
{
    char why[XB_WHY_BYTES];
    const char *by, *key = NULL;
    size_t most = most_vcpus(c, host, view, &by);
    size_t named = xb_allocation_vcpus_named(view->alloc, &key);
    if (!most || (view->alloc->vcpus <= most && named <= most))
        return 0;
    const char *how = view->guest < 0                     ? "dom0_max_vcpus= on Xen's command line"
                      : xb_host_present(host, view->name) ? "`maxvcpus` in its xl.cfg"
                                                          : "`maxvcpus` when it is made";
    if (view->alloc->vcpus > most) {
        snprintf(why, sizeof(why), "%u vcpus requested, but %s %zu (%s)", view->alloc->vcpus, by,
                 most, how);
        return refuse(c, err, view, "vcpus", why);
    }
    snprintf(why, sizeof(why), "`%s` names vcpu %zu, but %s %zu (%s)", key, named - 1, by, most,
             how);
    return refuse(c, err, view, key, why);
}

/* Xen refuses a budget longer than the period; a value that is not given keeps its own. */
static int check_rtds(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      const struct xb_view *view, struct xb_err *err)
{
    static const struct xb_allocation nothing = {.weight = -1, .cap = -1};
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    const struct xb_host_guest *found = xb_host_present(host, view->name);
    const struct xb_rtds given = xb_rtds_given();
    char why[XB_WHY_BYTES];
    if (view->alloc->rtds_count == 0)
        return 0;
    if (xb_exp_wanted(&c->exp->cases[c->case_no], host->pools, host->pool_count,
                      view->guest < 0 ? &host->dom0
                      : found         ? &found->now
                                      : &nothing,
                      view->alloc, &want, err) < 0)
        return -1;
    for (size_t v = 0; v < want.rtds_count; v++) {
        const struct xb_rtds *rtds = &want.rtds[v];
        if (!rtds->period_us || rtds->budget_us <= rtds->period_us)
            continue;
        snprintf(why, sizeof(why),
                 "`rtds` gives a budget of %u us in a period of %u us, but a vcpu cannot get more "
                 "than all of the time (a value that the file leaves out stays as it is now; a new "
                 "guest has %u us in %u us)",
                 rtds->budget_us, rtds->period_us, given.budget_us, given.period_us);
        return refuse(c, err, view, "rtds", why);
    }
    return 0;
}

/* Refuse settings that take effect when a guest is built, for a guest that already exists. */
static int check_build(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       const struct xb_view *view, struct xb_err *err)
{
    char why[XB_WHY_BYTES];
    if (view->guest < 0 || !xb_host_present(host, view->name))
        return 0;
    const struct xb_exp_build *build = &c->exp->cases[c->case_no].parts[view->guest].build;
    const char *key = build->nodes[0] ? "nodes" : build->tsc_mode >= 0 ? "tsc_mode" : NULL;
    for (uint32_t other = 0; !key && other < c->exp->case_count; other++)
        key = xb_exp_made_anew(c->exp, c->case_no, other, (size_t)view->guest);
    if (!key)
        return 0;
    snprintf(why, sizeof(why),
             "it exists already, and `%s` is set when a guest is built; let the run make the guest "
             "(`xenbench guest remove %s`), or leave the key out",
             key, view->name);
    return refuse(c, err, view, key, why);
}

/* If all cases have the same size, no case sets memory, and guest->memory_bytes has the size. */
static uint64_t built_memory(const struct xb_doubt_case *c, int guest)
{
    uint64_t asked = c->exp->cases[c->case_no].parts[guest].build.memory_bytes;
    return asked || xb_exp_sets_memory(c->exp, guest) ? asked : c->exp->guests[guest].memory_bytes;
}

/* The toolstack rounds a guest's memory and keeps some, so sizes within a 64th count as equal. */
static int check_given_memory(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                              const struct xb_view *view, struct xb_err *err)
{
    char why[XB_WHY_BYTES], make[160] = "";
    const struct xb_host_guest *found = view->guest < 0 ? NULL : xb_host_present(host, view->name);
    uint64_t asked = found ? built_memory(c, view->guest) : 0;
    uint64_t has = found ? found->memory_bytes : 0;
    if (!asked || !has || (asked > has ? asked - has : has - asked) <= asked / 64)
        return 0;
    if (c->exp->guests[view->guest].image)
        snprintf(make, sizeof(make), " let the run make it (`xenbench guest remove %s`),",
                 view->name);
    snprintf(why, sizeof(why),
             "%" PRIu64 " MiB of memory requested; the guest exists already, with %" PRIu64
             ", and its memory is "
             "set when it is built:%s set it in its xl.cfg, or leave `memory` out",
             asked >> 20, has >> 20, make);
    return refuse(c, err, view, "memory", why);
}

/* No balloon exceeds the machine's memory; Dom0's can grow by Xen's free memory at most. */
static int check_balloon(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                         const struct xb_view *view, struct xb_err *err)
{
    char why[XB_WHY_BYTES];
    uint64_t asked = view->alloc->memory_bytes, most = host->memory_bytes;
    uint64_t dom0 = host->dom0.memory_bytes + host->free_bytes;
    for (size_t g = 0; g < host->guest_count; g++)
        if (host->guests[g].made && host->guests[g].running)
            dom0 += host->guests[g].memory_bytes; /* free again when the run needs it */
    bool beyond_free =
        view->guest < 0 && host->dom0.memory_bytes && host->free_bytes && asked > dom0;
    if (!asked || ((!most || asked <= most) && !beyond_free))
        return 0;
    if (most && asked > most)
        snprintf(why, sizeof(why),
                 "%" PRIu64 " MiB of memory requested, but this host has %" PRIu64, asked >> 20,
                 most >> 20);
    else
        snprintf(why, sizeof(why),
                 "%" PRIu64 " MiB of memory requested, but it has %" PRIu64
                 ", and Xen has only %" PRIu64 " free",
                 asked >> 20, host->dom0.memory_bytes >> 20,
                 (dom0 - host->dom0.memory_bytes) >> 20);
    return refuse(c, err, view, "memory", why);
}

static int check_domain(const struct xb_doubt_case *c, const struct xb_host_facts *host, int guest,
                        struct xb_err *err)
{
    char why[XB_WHY_BYTES];
    struct xb_view view;
    xb_view_domain(c, host, guest, &view);
    if (!view.pool.name) {
        snprintf(why, sizeof(why),
                 "there is no cpupool `%s` on this host, and `pools` does not create it",
                 view.alloc->pool);
        return refuse(c, err, &view, "pool", why);
    }
    if (xb_cpus_count(&view.pool.cpus, host->cpus) == 0) {
        snprintf(why, sizeof(why), "cpupool %s is left without a CPU", view.pool.name);
        return refuse(c, err, &view, "pool", why);
    }
    return check_masks(c, host, &view, err) < 0 || check_vcpus(c, host, &view, err) < 0 ||
                   check_shares(c, &view, guest, err) < 0 || check_rtds(c, host, &view, err) < 0 ||
                   check_build(c, host, &view, err) < 0 ||
                   check_given_memory(c, host, &view, err) < 0 ||
                   check_balloon(c, host, &view, err) < 0 ||
                   check_move(c, host, guest, &view, err) < 0
               ? -1
               : 0;
}

/* An existing pool keeps its scheduler; a new pool needs one that Xen has built in. */
static int check_scheduler(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                           const struct xb_exp_pool *pool, struct xb_err *err)
{
    char why[XB_WHY_BYTES];
    const struct xb_pool *found = xb_view_found_pool(host, pool->name);
    const char *asked = pool->scheduler;
    if (found && asked[0] && strcmp(asked, found->scheduler) != 0) {
        snprintf(why, sizeof(why),
                 "exists already and has the scheduler %s, which cannot be changed while Xen runs "
                 "(use sched= on its command line, or a pool of the run's own)",
                 found->scheduler);
        return refuse_pool(c, pool, err, why);
    }
    if (!found && !pool->has_cpus)
        return refuse_pool(c, pool, err, "does not exist, and has no `cpus` to be made of");
    if (asked[0] && xb_host_scheduler(host, asked) == XB_NO) {
        snprintf(why, sizeof(why),
                 "asks for the scheduler %s, which this hypervisor was built without (%s)", asked,
                 "Debian's has credit and credit2; `xenbench host show` lists them");
        return refuse_pool(c, pool, err, why);
    }
    const char *rules = found ? found->scheduler : asked[0] ? asked : XB_SCHEDULER_DEFAULT;
    const struct xb_setting *unknown = xb_settings_unknown(xb_pool_settings, &pool->params, rules);
    if (!unknown)
        return 0;
    char who[80];
    snprintf(why, sizeof(why), "has the scheduler %s, which has no `%s` (%s)", rules, unknown->name,
             xb_setting_knowers(unknown, "does", "do", who, sizeof(who)));
    return refuse_pool(c, pool, err, why);
}

static int check_gran(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      const struct xb_exp_pool *pool, struct xb_err *err)
{
    if (pool->sched_gran < 0)
        return 0;
    if (xb_view_found_pool(host, pool->name))
        return refuse_pool(c, pool, err,
                           "exists already: its scheduling granularity cannot be changed while "
                           "it has CPUs (use sched-gran= on Xen's command line)");
    if (pool->sched_gran > 0 && host->pool_gran == XB_NO)
        return refuse_pool(c, pool, err,
                           "asks for a `sched_gran`, which this Xen does not support for "
                           "single pools");
    return 0;
}

static int check_pools(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       struct xb_err *err)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    for (size_t i = 0; i < ec->pool_count; i++) {
        const struct xb_exp_pool *pool = &ec->pools[i];
        char why[XB_WHY_BYTES];
        int missing = pool->has_cpus ? first_missing(&pool->cpus, host) : -1;
        if (missing >= 0) {
            say_missing(host, "asks for", missing, why);
            return refuse_pool(c, pool, err, why);
        }
        for (size_t j = 0; j < i; j++)
            if (pool->has_cpus && ec->pools[j].has_cpus &&
                xb_cpus_overlap(&pool->cpus, &ec->pools[j].cpus))
                return xb_fail(err, XB_E_INPUT, 0, "%s:%u: cpupools %s and %s ask for the same CPU",
                               c->exp->path, pool->line, pool->name, ec->pools[j].name);
        if (check_scheduler(c, host, pool, err) < 0 || check_gran(c, host, pool, err) < 0)
            return -1;
    }
    return 0;
}

static int refuse_host(const struct xb_doubt_case *c, struct xb_err *err, const char *why)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: case `%s`, host: %s", c->exp->path,
                   ec->host.line ? ec->host.line : ec->line, ec->name, why);
}

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static int check_host(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      struct xb_err *err)
{
    const struct xb_exp_host *want = &c->exp->cases[c->case_no].host;
    char why[XB_WHY_BYTES];
    if ((want->governor[0] || want->turbo >= 0) && host->cpufreq == XB_NO)
        return refuse_host(
            c, err,
            "Xen has no frequency driver here (`xenpm get-cpufreq-para` shows none): "
            "`governor` and `turbo` cannot be set");
    if (want->governor[0] && host->governors[0] && !has_word(host->governors, want->governor)) {
        snprintf(why, sizeof(why), "there is no governor %s; Xen has %.120s", want->governor,
                 host->governors);
        return refuse_host(c, err, why);
    }
    if (want->max_cstate >= 0 && host->cstates == XB_NO)
        return refuse_host(c, err,
                           "Xen has no C-states here (`xenpm get-cpuidle-states` shows none): "
                           "`max_cstate` would limit nothing");
    if (want->smt >= 0 && host->smt != XB_UNKNOWN && (host->smt == XB_YES) != (want->smt == 1)) {
        snprintf(
            why, sizeof(why),
            "`smt: %s` is required, but it is %s here (`xen-hptool smt-%s` changes it, for the "
            "whole host)",
            want->smt ? "on" : "off", host->smt == XB_YES ? "on" : "off",
            want->smt ? "enable" : "disable");
        return refuse_host(c, err, why);
    }
    if (want->sched_gran >= 0 && host->sched_gran[0] &&
        xb_sched_gran_of(host->sched_gran) != want->sched_gran) {
        snprintf(why, sizeof(why),
                 "`sched_gran: %s` is required, but Xen was booted with %s (sched-gran= on its "
                 "command line)",
                 xb_sched_gran_words[want->sched_gran], host->sched_gran);
        return refuse_host(c, err, why);
    }
    return 0;
}

int xb_doubts_possible(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                       struct xb_err *err)
{
    if (check_pools(c, host, err) < 0 || check_host(c, host, err) < 0)
        return -1;
    for (int g = -1; g < (int)c->exp->guest_count; g++)
        if ((g < 0 || !c->exp->guests[g].socket) && check_domain(c, host, g, err) < 0)
            return -1;
    return xb_view_placeable(c, host, err) < 0 ? -1 : xb_view_makeable(c, host, err);
}
