/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"

#include "xen.h"

#include <stddef.h>

struct xb_xen *xb_app_xen(struct xb_app *app)
{
    if (!app->xen && xb_xen_open(&app->xen, app->verbose, &app->err) < 0)
        return NULL;
    return app->xen;
}
