/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "each_err.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"

#include <string.h>

void xb_each_err(struct xb_err *first, const struct xb_err *why)
{
    if (!why->class || strcmp(why->msg, first->msg) == 0)
        return;
    if (!first->class) {
        *first = *why;
        return;
    }
    xb_auto_free char *said = xb_escaped(why->msg); /* it may quote what a guest wrote */
    fprintf(stderr, "xenbench: %s\n", said);
}

void xb_each_guest(struct xb_app *app, const struct xb_guest_names *names, xb_each_fn *fn)
{
    for (size_t i = 0; i < names->count; i++) {
        struct xb_err why = {0};
        fn(app, names->name[i], &why);
        xb_each_err(&app->err, &why);
    }
}
