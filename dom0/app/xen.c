/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xen.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <xenctrl.h>
#include <xentoollog.h>

struct xb_xen_log {
    xentoollog_logger vtable; /* first: the libraries hold a pointer to it */
    bool verbose;
    char first_error[512];
};

/* libxl reports a hotplug script's exit status first, and only then the script's message. */
static bool says_more(const char *text, const char *before)
{
    return strstr(text, "script: ") && strstr(before, "exited with error status");
}

/* Keep the first error: libxl's layers report the deepest cause first, and it says most. */
static void __attribute__((format(printf, 5, 0)))
log_message(xentoollog_logger *logger, xentoollog_level level, int errnoval, const char *context,
            const char *format, va_list al)
{
    struct xb_xen_log *log = (struct xb_xen_log *)logger;
    char text[sizeof(log->first_error)];
    vsnprintf(text, sizeof(text), format, al);
    if (log->verbose)
        fprintf(stderr, "%s: %s%s%s\n", context ? context : "xen", text, errnoval > 0 ? ": " : "",
                errnoval > 0 ? strerror(errnoval) : "");
    if (level < XTL_ERROR || (log->first_error[0] && !says_more(text, log->first_error)))
        return;
    text[strcspn(text, "\n")] = '\0';
    const char *said = text;
    if (strncmp(said, "libxl", 5) == 0 && strchr(said, ':')) /* libxl_create.c:123:function: */
        for (int colons = 0; colons < 3 && strchr(said, ':'); colons++)
            said = strchr(said, ':') + 1;
    snprintf(log->first_error, sizeof(log->first_error), "%.400s%s%s", said + strspn(said, " "),
             errnoval > 0 ? ": " : "", errnoval > 0 ? strerror(errnoval) : "");
}

static void log_destroy(xentoollog_logger *logger)
{
    free(logger);
}

static struct xb_xen_log *log_new(bool verbose)
{
    struct xb_xen_log *log = xb_calloc(1, sizeof(*log));
    log->vtable = (xentoollog_logger){.vmessage = log_message, .destroy = log_destroy};
    log->verbose = verbose;
    return log;
}

/* Other parts of this process have children too, so libxl must reap only its own. */
static const libxl_childproc_hooks own_children_only = {
    .chldowner = libxl_sigchld_owner_libxl_always_selective_reap,
};

int xb_xen_open(struct xb_xen **out, bool verbose, struct xb_err *err)
{
    struct xb_xen *xen = xb_calloc(1, sizeof(*xen));
    xen->log = log_new(verbose);
    const char *what = "/dev/xen/privcmd";
    if (access(what, R_OK | W_OK) < 0)
        goto fail;
    what = "the hypervisor (libxenctrl)";
    xen->xc = xc_interface_open(&xen->log->vtable, &xen->log->vtable, 0);
    if (!xen->xc)
        goto fail;
    what = "libxenlight";
    if (libxl_ctx_alloc(&xen->ctx, LIBXL_VERSION, 0, &xen->log->vtable) != 0)
        goto fail;
    libxl_childproc_setmode(xen->ctx, &own_children_only, NULL);
    what = "xenstored";
    xen->xs = xs_open(0);
    if (!xen->xs)
        goto fail;
    *out = xen;
    return 0;
fail:
    xb_fail(
        err, XB_E_HOST, errno,
        "cannot talk to Xen through %s (is this a Dom0, and are you root? `xenbench doctor` tells)",
        what);
    xb_xen_close(xen);
    return -1;
}

struct xb_xen *xb_xen_get(struct xb_app *app, struct xb_err *err)
{
    if (!app->xen && xb_xen_open(&app->xen, app->verbose, err) < 0)
        return NULL;
    return app->xen;
}

void xb_xen_close(struct xb_xen *xen)
{
    if (!xen)
        return;
    if (xen->xs)
        xs_close(xen->xs);
    if (xen->ctx)
        libxl_ctx_free(xen->ctx);
    if (xen->xc)
        xc_interface_close(xen->xc);
    log_destroy(&xen->log->vtable);
    free(xen);
}

void xb_xen_forget(struct xb_xen *xen)
{
    xen->log->first_error[0] = '\0';
}

static const char *rc_meaning(int rc)
{
    switch (rc) {
    case ERROR_NOMEM:
        return "out of memory";
    case ERROR_INVAL:
        return "invalid value";
    case ERROR_TIMEDOUT:
        return "timed out";
    case ERROR_DOMAIN_NOTFOUND:
        return "no such domain";
    case ERROR_NOPARAVIRT:
        return "the guest's kernel does not respond";
    default:
        return "failed";
    }
}

int xb_xen_fail(struct xb_xen *xen, struct xb_err *err, enum xb_err_class class, int rc,
                const char *fmt, ...)
{
    char what[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    if (xen->log->first_error[0])
        xb_fail(err, class, 0, "%s: %s", what, xen->log->first_error);
    else
        xb_fail(err, class, 0, "%s: libxl error %d, %s (`xenbench -v` shows more)", what, rc,
                rc_meaning(rc));
    xb_xen_forget(xen);
    return -1;
}

bool xb_xen_read_key(struct xb_xen *xen, uint32_t domid, const char *key, char *out,
                     size_t out_bytes)
{
    char path[128];
    unsigned int bytes = 0;
    if ((size_t)snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, key) >= sizeof(path))
        return false;
    xb_auto_free char *value = xs_read(xen->xs, XBT_NULL, path, &bytes);
    if (!value || bytes == 0 || bytes >= out_bytes)
        return false;
    for (unsigned int i = 0; i < bytes; i++)
        if (value[i] < 0x20 || value[i] > 0x7e)
            return false;
    memcpy(out, value, bytes);
    out[bytes] = '\0';
    return true;
}
