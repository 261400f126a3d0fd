/*
 * The domain beneath a session. vchan says nothing when its peer dies, so xenstore's word for it is
 * watched; and a domain id is used again, so the UUID is looked at too.
 */
#include "agent_i.h"

#include "base.h"
#include "xen.h"

#include <errno.h>
#include <inttypes.h>
#include <libxl_utils.h>
#include <string.h>

#define TOKEN_ENDED "domain-ended"
#define TOKEN_GENERATION "generation"
#define EVENTS_PER_TURN 256

int xb_agent_watch_domains(struct xb_agent *agent, struct xb_err *err)
{
    /* A handle of its own: events of a shared one could be taken by somebody else's wait. */
    agent->xs = xs_open(0);
    if (!agent->xs || !xs_watch(agent->xs, "@releaseDomain", TOKEN_ENDED))
        return xb_fail(err, XB_E_HOST, errno,
                       "watch xenstore for the end of guest %s (is xenstored running?)",
                       agent->name);
    return 0;
}

int xb_agent_watch_generation(struct xb_agent *agent, struct xb_err *err)
{
    char path[XB_WATCH_PATH_MAX];
    snprintf(path, sizeof(path), "/local/domain/%" PRIu32 "/" XB_KEY_GENERATION,
             agent->guest.domid);
    if (strcmp(path, agent->watched) == 0)
        return 0;
    xb_agent_unwatch_generation(agent);
    if (!xs_watch(agent->xs, path, TOKEN_GENERATION))
        return xb_fail(err, XB_E_HOST, errno, "watch xenstore key %s", path);
    strcpy(agent->watched, path);
    return 0;
}

void xb_agent_unwatch_generation(struct xb_agent *agent)
{
    if (agent->watched[0])
        xs_unwatch(agent->xs, agent->watched, TOKEN_GENERATION);
    agent->watched[0] = '\0';
}

static bool same_uuid(const struct xb_agent *agent, const libxl_dominfo *info)
{
    char uuid[37];
    snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info->uuid));
    return strcasecmp(uuid, agent->guest.uuid) == 0;
}

static bool is_suspended(const libxl_dominfo *info)
{
    return info->shutdown && info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND;
}

/* How a domain ended, for people. */
static const char *ending(const libxl_dominfo *info)
{
    switch (info->shutdown_reason) {
    case LIBXL_SHUTDOWN_REASON_POWEROFF:
        return "it powered off";
    case LIBXL_SHUTDOWN_REASON_REBOOT:
        return "it is rebooting";
    case LIBXL_SHUTDOWN_REASON_WATCHDOG:
        return "its watchdog ended it";
    case LIBXL_SHUTDOWN_REASON_CRASH:
        return "it crashed (its console may show why)";
    default:
        return "it shut down";
    }
}

static int judge(struct xb_agent *agent, const libxl_dominfo *info, struct xb_err *err)
{
    if (info->dying || !same_uuid(agent, info)) {
        agent->may_return = agent->suspended;
        return xb_fail(err, XB_E_BENCH, 0, "%s",
                       agent->suspended ? "it was saved or migrated" : "its domain was destroyed");
    }
    if (is_suspended(info)) {
        /*
         * It may go on under the same id and with the same rings, after a checkpoint or a failed
         * migration.
         */
        agent->suspended = true;
        return 0;
    }
    if (info->shutdown) {
        agent->may_return = false;
        return xb_fail(err, XB_E_BENCH, 0, "%s", ending(info));
    }
    agent->suspended = false;
    return 0;
}

int xb_agent_domain_check(struct xb_agent *agent, struct xb_err *err)
{
    struct xb_xen *xen = xb_app_xen(agent->app);
    if (!xen)
        return xb_fail(err, XB_E_HOST, 0, "the toolstack is closed");
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(xen->ctx, &info, agent->guest.domid);
    if (rc) {
        info.dying = true;
        memset(&info.uuid, 0, sizeof(info.uuid));
    }
    int result = judge(agent, &info, err);
    libxl_dominfo_dispose(&info);
    return result;
}

int xb_agent_domain_find(struct xb_agent *agent, struct xb_err *err)
{
    struct xb_xen *xen = xb_app_xen(agent->app);
    int count = 0;
    libxl_dominfo *list = xen ? libxl_list_domain(xen->ctx, &count) : NULL;
    if (!list)
        return xb_fail(err, XB_E_HOST, 0, "cannot list domains");
    int found = 0;
    for (int i = 0; i < count && !found; i++) {
        /* During a migration on one host two domains have this UUID; the old one is suspended. */
        if (list[i].dying || list[i].shutdown || !same_uuid(agent, &list[i]))
            continue;
        agent->guest.domid = list[i].domid;
        found = 1;
    }
    libxl_dominfo_list_free(list, count);
    return found;
}

int xb_agent_domain_events(struct xb_agent *agent, bool *seek, struct xb_err *err)
{
    bool ended = false;
    char **event = NULL;
    *seek = false;
    /*
     * A guest can write its key faster than we read: what is left makes the descriptor readable
     * again.
     */
    for (int i = 0; i < EVENTS_PER_TURN && (event = xs_check_watch(agent->xs)) != NULL; i++) {
        ended |= strcmp(event[XS_WATCH_TOKEN], TOKEN_ENDED) == 0;
        *seek |= strcmp(event[XS_WATCH_TOKEN], TOKEN_GENERATION) == 0;
        free(event);
    }
    if (!event && errno != EAGAIN)
        return xb_fail(err, XB_E_HOST, errno, "read xenstore's events");
    /* Before there is a domain to stand on, its absence is no news. */
    return ended && agent->state > XB_AGENT_SEEKING ? xb_agent_domain_check(agent, err) : 0;
}
