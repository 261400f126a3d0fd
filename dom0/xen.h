/*
 * The toolstack's handles.
 */
#ifndef XB_XEN_H
#define XB_XEN_H

#include "err.h"

#include <libxl.h>
#include <stdbool.h>
#include <xenstore.h>
#include <xentoollog.h>

struct xb_xen {
    xentoollog_logger_stdiostream *logger;
    libxl_ctx *ctx;
    struct xs_handle *xs;
};

/*
 * Open libxl and xenstore. verbose lets libxl's messages through; otherwise only its errors are kept out of
 * people's sight. XB_E_HOST where this is no Dom0, with what to do.
 */
int xb_xen_open(struct xb_xen **out, bool verbose, struct xb_err *err);
void xb_xen_close(struct xb_xen *xen); /* NULL is allowed */

#endif
