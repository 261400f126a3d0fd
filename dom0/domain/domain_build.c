/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain_build.h"

#include "xen_domains.h"

int xb_domain_build(struct xb_xen *xen, libxl_domain_config *config, uint32_t *domid,
                    struct xb_err *err)
{
    xb_xen_forget(xen);
    *domid = 0;
    int rc = libxl_domain_create_new(xen->ctx, config, domid, NULL, NULL);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "guest %s: cannot build its domain",
                           config->c_info.name);
    return 0;
}

int xb_domain_destroy(struct xb_xen *xen, uint32_t domid, struct xb_err *err)
{
    xb_xen_forget(xen);
    int rc = libxl_domain_destroy(xen->ctx, domid, NULL);
    if (rc && rc != ERROR_DOMAIN_NOTFOUND && xb_domain_alive(xen, domid))
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot destroy domain %u", domid);
    return 0;
}
