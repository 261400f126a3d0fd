/*
 * The toolstack's handles.
 */
#ifndef XB_XEN_H
#define XB_XEN_H

#include "app.h"
#include "err.h"

#include <libxl.h>
#include <stdbool.h>
#include <xenctrl.h>
#include <xenstore.h>

struct xb_xen_log;

struct xb_xen {
    struct xb_xen_log *log; /* takes the toolstack's messages; see xb_xen_fail */
    libxl_ctx *ctx;
    struct xs_handle *xs;
    xc_interface *xc; /* for what libxl does not tell: idle times, frequency scaling */
};

/*
 * Open libxl and xenstore. verbose lets the toolstack's messages through to stderr; otherwise they
 * are kept out of people's sight, and xb_xen_fail quotes the cause. XB_E_HOST where this is no
 * Dom0, with what to do.
 */
int xb_xen_open(struct xb_xen **out, bool verbose, struct xb_err *err);
void xb_xen_close(struct xb_xen *xen); /* NULL is allowed */

/*
 * The handles of this process, opened on first use as xb_app_xen does, with the failure in err.
 * Owned by app.
 */
struct xb_xen *xb_xen_get(struct xb_app *app, struct xb_err *err);

/* Forget what the toolstack said so far: at the start of an operation whose failure is to be told.
 */
void xb_xen_forget(struct xb_xen *xen);

/*
 * xb_fail for a libxl call that returned rc: adds the first error that the toolstack logged since
 * xb_xen_forget, or else what rc means. Always returns -1.
 */
int xb_xen_fail(struct xb_xen *xen, struct xb_err *err, enum xb_err_class class, int rc,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Is the domain still there, dying ones excluded? */
bool xb_xen_domain_alive(struct xb_xen *xen, uint32_t domid);

/*
 * "pv", "pvh" or "hvm"; "" where there is no such domain. To the hypervisor, and so to
 * libxl_domain_info, PVH is HVM: the toolstack has noted which it is.
 */
#define XB_DOMAIN_TYPE_BYTES 8
void xb_xen_domain_type(struct xb_xen *xen, uint32_t domid, char out[XB_DOMAIN_TYPE_BYTES]);

/*
 * Read one key of a domain, `/local/domain/<domid>/<key>`, which the domain may have written: at
 * most out_bytes - 1 bytes that are all printable ASCII. False where there is none or it is not of
 * that form.
 */
bool xb_xen_read_key(struct xb_xen *xen, uint32_t domid, const char *key, char *out,
                     size_t out_bytes);

#endif
