#include "guest.h"

#include "base.h"
#include "domain.h"
#include "guest_def.h"
#include "xen.h"

#include <libxl_utils.h>
#include <string.h>

static int not_running(struct xb_app *app, const char *name, struct xb_err *err)
{
    if (xb_guest_exists(app, name))
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s is not running (`xenbench guest start %s` starts it)", name, name);
    return xb_fail(err, XB_E_INPUT, 0,
                   "there is no guest `%.256s` (`xenbench guest list` shows those there are)",
                   name);
}

int xb_guest_check_domain(struct xb_app *app, const char *name, uint32_t domid, struct xb_err *err)
{
    char uuid[37];
    libxl_dominfo info;
    struct xb_guest_def def;
    if (!xb_guest_exists(app, name) || xb_guest_def_load(app, name, &def, NULL) < 0)
        return 0;
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(app->xen->ctx, &info, domid);
    snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info.uuid));
    libxl_dominfo_dispose(&info);
    if (rc || strcasecmp(uuid, def.uuid) == 0)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "domain %u, which is called %s, is not xenbench's guest %s: its uuid is %s, the "
                   "guest's is %s (`xl rename` gives the domain another name)",
                   domid, name, name, uuid, def.uuid);
}

int xb_guest_find(struct xb_app *app, const char *name, struct xb_guest *out, struct xb_err *err)
{
    struct xb_guest guest = {0};
    libxl_dominfo info;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen)
        return -1;
    if (strlen(name) > XB_GUEST_NAME_MAX || libxl_name_to_domid(xen->ctx, name, &guest.domid) != 0)
        return not_running(app, name, err);
    if (guest.domid == 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is Dom0, not a guest", name);
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(xen->ctx, &info, guest.domid);
    bool runs = rc == 0 && !info.shutdown && !info.dying;
    snprintf(guest.name, sizeof(guest.name), "%s", name);
    snprintf(guest.uuid, sizeof(guest.uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info.uuid));
    libxl_dominfo_dispose(&info);
    if (!runs)
        return not_running(app, name, err);
    if (xb_guest_check_domain(app, name, guest.domid, err) < 0)
        return -1;
    *out = guest;
    return 0;
}
