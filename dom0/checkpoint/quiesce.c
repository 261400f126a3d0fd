/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quiesce.h"

#include "agent_keys.h"
#include "base.h"
#include "domain_wait.h"
#include "xen_domains.h"
#include "xswait.h"

#include <errno.h>
#include <string.h>

#define ANSWER_NS (10 * XB_NS_PER_S) /* a guest with busy vcpus answers late */

/* The first minor version whose agents know the request. */
#define MINOR_THAT_LISTENS 1

static bool listens(struct xb_app *app, uint32_t domid)
{
    char protocol[XB_KEY_VALUE_MAX + 1];
    if (!xb_guest_agent_published(app, domid) ||
        !xb_xen_read_key(app->xen, domid, XB_KEY_PROTOCOL, protocol, sizeof(protocol)) ||
        xb_key_protocol(protocol, strlen(protocol), NULL) < 0)
        return false;
    const char *dot = strchr(protocol, '.');
    return dot && strtoul(dot + 1, NULL, 10) >= MINOR_THAT_LISTENS;
}

static bool state_is(struct xb_app *app, uint32_t domid, const char *word)
{
    char state[XB_KEY_VALUE_MAX + 1];
    return xb_xen_read_key(app->xen, domid, XB_KEY_STATE, state, sizeof(state)) &&
           strncmp(state, word, strlen(word)) == 0;
}

static bool write_state(struct xb_app *app, uint32_t domid, const char *word)
{
    char path[96];
    snprintf(path, sizeof(path), "/local/domain/%u/" XB_KEY_STATE, domid);
    return xs_write(app->xen->xs, XBT_NULL, path, word, (unsigned)strlen(word));
}

struct look {
    struct xb_app *app;
    uint32_t domid;
};

static int look_for_quiet(void *arg, struct xb_err *err)
{
    struct look *look = arg;
    if (!xb_domain_alive(look->app->xen, look->domid))
        return xb_fail(err, XB_E_BENCH, 0, "its domain ended");
    return state_is(look->app, look->domid, XB_STATE_QUIESCED);
}

int xb_agent_quiesce(struct xb_app *app, uint32_t domid, unsigned for_s, bool *quiet,
                     struct xb_err *err)
{
    char word[48], path[96];
    const char *paths[] = {path, XB_XS_DOMAIN_GONE};
    struct look look = {.app = app, .domid = domid};
    *quiet = false;
    if (!listens(app, domid))
        return 0;
    snprintf(path, sizeof(path), "/local/domain/%u/" XB_KEY_STATE, domid);
    snprintf(word, sizeof(word), XB_STATE_QUIESCE " %u", for_s);
    if (!write_state(app, domid, word))
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s in xenstore", path);
    int r = xb_xs_wait(paths, 2, xb_now_ns() + ANSWER_NS, look_for_quiet, &look, err);
    *quiet = r > 0;
    return r < 0 ? -1 : 0;
}

void xb_agent_wake(struct xb_app *app, uint32_t domid)
{
    if (state_is(app, domid, XB_STATE_QUIESCE)) /* or quiesced */
        write_state(app, domid, XB_STATE_RESUME);
}
