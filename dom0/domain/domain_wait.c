/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain_wait.h"

#include "alloc.h"
#include "base.h"
#include "guest_def.h"
#include "keys.h"
#include "waits.h"
#include "xen_domains.h"
#include "xswait.h"

#include <inttypes.h>
#include <string.h>

#define PATH_BYTES 80

struct agents {
    struct xb_app *app;
    const char *const *names;
    size_t count;
    struct xb_guest_started *started;
    size_t missing; /* the index of an agent that has not published its rings */
    struct xb_waits waits;
};

/* A dead domain may be preserved (on_crash, on_poweroff). */
static bool has_ended(struct xb_xen *xen, uint32_t domid)
{
    struct xb_domain now;
    return xb_domain_look(xen, domid, &now) != 0 || now.dying || (now.shutdown && !now.suspended);
}

static bool has_answered(const void *arg, size_t i)
{
    const struct agents *agents = arg;
    return agents->started[i].agent_ns;
}

static int look_for_agents(void *arg, struct xb_err *err)
{
    struct agents *agents = arg;
    bool all = true;
    for (size_t i = 0; i < agents->count; i++) {
        struct xb_guest_started *guest = &agents->started[i];
        if (guest->agent_ns)
            continue;
        if (xb_guest_agent_published(agents->app, guest->domid)) {
            guest->agent_ns = xb_now_ns();
            continue;
        }
        if (has_ended(agents->app->xen, guest->domid))
            return xb_fail(err, XB_E_BENCH, 0,
                           "guest %s stopped before its agent came (`xenbench guest console %s` "
                           "shows its boot)",
                           agents->names[i], agents->names[i]);
        agents->missing = i;
        all = false;
    }
    xb_waits_tell(&agents->waits, has_answered, agents);
    return all;
}

static int wait_for_keys(struct agents *agents, uint64_t deadline_ns, struct xb_err *err)
{
    xb_auto_free char(*keys)[PATH_BYTES] = xb_calloc(agents->count + 1, sizeof(*keys));
    xb_auto_free const char **paths = xb_calloc(agents->count + 1, sizeof(*paths));
    for (size_t i = 0; i < agents->count; i++) {
        snprintf(keys[i], sizeof(keys[i]), "/local/domain/%u/" XB_KEY_GENERATION,
                 agents->started[i].domid);
        paths[i] = keys[i];
    }
    paths[agents->count] = XB_XS_DOMAIN_GONE;
    return xb_xs_wait(paths, agents->count + 1, deadline_ns, look_for_agents, agents, err);
}

int xb_guest_wait_started(struct xb_app *app, const char *const *names, size_t count,
                          uint64_t deadline_ns, struct xb_guest_started *started,
                          struct xb_err *err)
{
    uint64_t begun_ns = xb_now_ns();
    struct agents agents = {.app = app, .names = names, .count = count, .started = started};
    agents.waits = XB_WAITS(app, "agents answer", names, count, deadline_ns);
    int found = wait_for_keys(&agents, deadline_ns, err);
    xb_waits_end(&agents.waits);
    if (found > 0)
        return 0;
    const char *name = names[agents.missing];
    if (found == 0)
        xb_fail(err, XB_E_BENCH, 0,
                "guest %s: no agent after %" PRIu64
                " s (`xenbench guest console %s` shows its boot; is "
                "the agent in its image?)",
                name, ((xb_now_ns() - begun_ns) / XB_NS_PER_S), name);
    return -1;
}

int xb_guest_wait_agents(struct xb_app *app, const char *const *names, size_t count,
                         uint64_t deadline_ns, struct xb_err *err)
{
    xb_auto_free struct xb_guest_started *started = xb_calloc(count + 1, sizeof(*started));
    for (size_t i = 0; i < count; i++) {
        struct xb_guest guest;
        if (xb_guest_find(app, names[i], &guest, err) < 0)
            return -1;
        started[i].domid = guest.domid;
    }
    return xb_guest_wait_started(app, names, count, deadline_ns, started, err);
}
