/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The toolstack's handles.
 */
#ifndef XB_XEN_H
#define XB_XEN_H

#include "app.h"
#include "err.h"

#include <libxl.h>
#include <stdbool.h>
#include <xenstore.h>

struct xb_xen_log;
struct xc_interface_core;

struct xb_xen {
    struct xb_xen_log *log; /* collects the toolstack's messages; see xb_xen_fail */
    libxl_ctx *ctx;
    struct xs_handle *xs;
    struct xc_interface_core *xc; /* libxenctrl, for what libxl does not provide */
};

/*
 * Open libxl and xenstore. verbose sends the toolstack's messages to stderr; otherwise xb_xen_fail
 * quotes the cause. Outside Dom0: XB_E_HOST with a remedy.
 */
int xb_xen_open(struct xb_xen **out, bool verbose, struct xb_err *err);
void xb_xen_close(struct xb_xen *xen); /* NULL is allowed */

/* This process's handles, opened on first use and owned by app; a failure goes to err. */
struct xb_xen *xb_xen_get(struct xb_app *app, struct xb_err *err);

/* Discard the toolstack's earlier messages, at the start of an operation that may fail. */
void xb_xen_forget(struct xb_xen *xen);

/*
 * xb_fail for a libxl call that returned rc: adds the first error that the toolstack logged since
 * xb_xen_forget, else the meaning of rc. Always returns -1.
 */
int xb_xen_fail(struct xb_xen *xen, struct xb_err *err, enum xb_err_class class, int rc,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Read `/local/domain/<domid>/<key>`, which the domain may have written: at most out_bytes - 1
 * bytes of printable ASCII. False if the key is absent or malformed.
 */
bool xb_xen_read_key(struct xb_xen *xen, uint32_t domid, const char *key, char *out,
                     size_t out_bytes);

#endif
