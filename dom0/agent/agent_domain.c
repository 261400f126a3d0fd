/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The domain beneath a session. vchan does not report a dead peer, so the session waits for
 * xenstore's word of the domain's end. Domain ids are reused, so it also compares the UUID.
 */
#include "agent_i.h"

#include "base.h"
#include "xen_domains.h"

#include <errno.h>
#include <string.h>

/* An honest agent writes the key only once for each connection. */
#define KEY_EVENTS_MAX 200

/* How a domain ended, in words for messages. */
static const char *const endings[] = {
    [XB_ENDED_OTHERWISE] = "it shut down",
    [XB_ENDED_POWEROFF] = "it powered off",
    [XB_ENDED_REBOOT] = "it is rebooting",
    [XB_ENDED_WATCHDOG] = "its watchdog ended it",
    [XB_ENDED_CRASH] = "it crashed (its console may show why)",
};

static bool is_same(const struct xb_agent *agent, const struct xb_domain *domain)
{
    return strcasecmp(domain->uuid, agent->guest.uuid) == 0;
}

static int judge(struct xb_agent *agent, const struct xb_domain *domain, struct xb_err *err)
{
    if (domain->dying || !is_same(agent, domain)) {
        agent->may_return = agent->suspended;
        return xb_fail(err, XB_E_BENCH, 0, "%s",
                       agent->suspended ? "it was saved or migrated" : "its domain was destroyed");
    }
    if (domain->suspended) {
        /*
         * After a checkpoint or a failed migration, the domain may continue under the same id and
         * with the same rings.
         */
        agent->suspended = true;
        return 0;
    }
    if (domain->shutdown) {
        agent->may_return = false;
        return xb_fail(err, XB_E_BENCH, 0, "%s", endings[domain->ending]);
    }
    agent->suspended = false;
    return 0;
}

int xb_agent_domain_check(struct xb_agent *agent, struct xb_err *err)
{
    struct xb_xen *xen = xb_app_xen(agent->app);
    if (!xen)
        return xb_fail(err, XB_E_HOST, 0, "the toolstack is closed");
    struct xb_domain domain;
    if (xb_domain_look(xen, agent->guest.domid, &domain) != 0)
        domain.dying = true;
    return judge(agent, &domain, err);
}

static bool can_run(const struct xb_agent *agent, const struct xb_domain *domain)
{
    return !domain->dying && !domain->shutdown && is_same(agent, domain);
}

int xb_agent_domain_find(struct xb_agent *agent, struct xb_err *err)
{
    struct xb_xen *xen = xb_app_xen(agent->app);
    if (!xen)
        return xb_fail(err, XB_E_HOST, 0, "the toolstack is closed");
    /* It is nearly always the one that the guest had a moment ago. */
    struct xb_domain known;
    if (agent->guest.domid != 0 && xb_domain_look(xen, agent->guest.domid, &known) == 0 &&
        can_run(agent, &known))
        return 1;
    size_t count;
    xb_auto_free struct xb_domain *domains = xb_domain_list(xen, &count, err);
    for (size_t i = 0; i < count; i++) {
        /* During a migration within a host two domains have this UUID; the old one is suspended. */
        if (!can_run(agent, &domains[i]))
            continue;
        if (agent->guest.domid != domains[i].domid)
            agent->short_lives = agent->failures = 0; /* it was restored, or started anew */
        agent->guest.domid = domains[i].domid;
        return 1;
    }
    return domains ? 0 : -1;
}

/* Each event wakes Dom0, and a guest can write its key as fast as xenstored takes it. */
static void count_key_events(struct xb_agent *agent, uint32_t count)
{
    agent->key_events += count;
    if (agent->unwatched || agent->key_events <= KEY_EVENTS_MAX)
        return;
    xb_agent_unwatch_generation(agent);
    agent->unwatched = true;
    fprintf(stderr,
            "xenbench: guest %s: writes its key in xenstore without pause, so it is looked at "
            "now and then instead of being watched\n",
            agent->name);
}

int xb_agent_domain_events(struct xb_agent *agent, bool *seek, struct xb_err *err)
{
    bool ended;
    uint32_t key_events;
    int r = xb_agent_events_take(agent, &ended, &key_events, err);
    *seek = key_events > 0;
    count_key_events(agent, key_events);
    /* While we are still looking for the domain, its absence is expected. */
    return r == 0 && ended && agent->state > XB_AGENT_SEEKING ? xb_agent_domain_check(agent, err)
                                                              : r;
}
