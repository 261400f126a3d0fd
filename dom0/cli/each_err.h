/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_EACH_ERR_H
#define XB_EACH_ERR_H

#include "app.h"
#include "err.h"
#include "guest_names.h"

/*
 * For work on several guests or parts, each with an err of its own: first, which main prints at the
 * end, becomes the first error; others are printed now.
 */
void xb_each_err(struct xb_err *first, const struct xb_err *why);

/* Do something to each guest, whatever comes of the others. app->err has the first error. */
typedef int xb_each_fn(struct xb_app *app, const char *guest, struct xb_err *err);
void xb_each_guest(struct xb_app *app, const struct xb_guest_names *names, xb_each_fn *fn);

#endif
