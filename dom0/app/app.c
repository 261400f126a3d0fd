/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"

#include "xen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct xb_xen *xb_app_xen(struct xb_app *app)
{
    if (!app->xen && xb_xen_open(&app->xen, app->verbose, &app->err) < 0)
        return NULL;
    return app->xen;
}

int xb_app_program(const struct xb_app *app, const char *name, char out[PATH_MAX],
                   struct xb_err *err)
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    char *slash = n > 0 ? memrchr(out, '/', (size_t)n) : NULL;
    size_t room = slash ? (size_t)(out + PATH_MAX - slash - 1) : 0;
    if (slash && (size_t)snprintf(slash + 1, room, "%s", name) < room && access(out, X_OK) == 0)
        return 0;
    if (!app->lib_dir || snprintf(out, PATH_MAX, "%s/%s", app->lib_dir, name) >= PATH_MAX ||
        access(out, X_OK) < 0)
        return xb_fail(err, XB_E_HOST, ENOENT, "find the program %s", name);
    return 0;
}
