/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest.h"

#include "base.h"
#include "guest_create.h"
#include "guest_def.h"
#include "keys.h"
#include "xen_domains.h"

#include <string.h>

static int not_running(struct xb_app *app, const char *name, struct xb_err *err)
{
    if (xb_guest_exists(app, name))
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s is not running (`xenbench guest start %s` starts it)", name, name);
    return xb_fail(err, XB_E_INPUT, 0,
                   "there is no guest `%.256s` (`xenbench guest list` shows them)", name);
}

int xb_guest_check_domain(struct xb_app *app, const char *name, uint32_t domid, struct xb_err *err)
{
    struct xb_domain domain;
    struct xb_guest_def def;
    if (!xb_guest_exists(app, name) || xb_guest_def_load(app, name, &def, NULL) < 0)
        return 0;
    if (xb_domain_look(app->xen, domid, &domain) != 0 || strcasecmp(domain.uuid, def.uuid) == 0)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "domain %u is called %s but is not xenbench's guest %s: its uuid is %s, the "
                   "guest's is %s (`xl rename` gives the domain another name)",
                   domid, name, name, domain.uuid, def.uuid);
}

int xb_guest_find(struct xb_app *app, const char *name, struct xb_guest *out, struct xb_err *err)
{
    struct xb_guest guest = {0};
    struct xb_domain domain;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen)
        return -1;
    if (strlen(name) > XB_GUEST_NAME_MAX || !xb_domain_named(xen, name, &guest.domid))
        return not_running(app, name, err);
    if (guest.domid == 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is Dom0, not a guest", name);
    snprintf(guest.name, sizeof(guest.name), "%s", name);
    if (xb_domain_look(xen, guest.domid, &domain) != 0 || domain.shutdown || domain.dying)
        return not_running(app, name, err);
    memcpy(guest.uuid, domain.uuid, sizeof(guest.uuid));
    if (xb_guest_check_domain(app, name, guest.domid, err) < 0)
        return -1;
    *out = guest;
    return 0;
}

static bool has_number(struct xb_app *app, uint32_t domid, const char *key)
{
    char value[XB_KEY_VALUE_MAX + 1];
    return xb_xen_read_key(app->xen, domid, key, value, sizeof(value)) &&
           strspn(value, "0123456789") == strlen(value) && strtoull(value, NULL, 10) > 0;
}

/* An agent that serves its maximum of controllers offers no rings, but it has published itself. */
bool xb_guest_agent_published(struct xb_app *app, uint32_t domid)
{
    return has_number(app, domid, XB_KEY_GENERATION) || has_number(app, domid, XB_KEY_LATEST);
}
