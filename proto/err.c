/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int xb_fail(struct xb_err *err, enum xb_err_class class, int errnum, const char *fmt, ...)
{
    if (!err || err->class != XB_E_NONE)
        return -1;
    err->class = class;
    err->errnum = errnum;

    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    if (errnum && n >= 0 && (size_t)n < sizeof(err->msg))
        snprintf(err->msg + n, sizeof(err->msg) - (size_t)n, ": %s", strerror(errnum));
    return -1;
}

int xb_fail_context(struct xb_err *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char context[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(context, sizeof(context), fmt, ap);
    va_end(ap);

    size_t used = strlen(context);
    if (used > sizeof(err->msg) / 2)
        used = sizeof(err->msg) / 2;
    size_t kept = strlen(err->msg);
    if (kept > sizeof(err->msg) - used - 3)
        kept = sizeof(err->msg) - used - 3;
    memmove(err->msg + used + 2, err->msg, kept);
    err->msg[used + 2 + kept] = '\0';
    memcpy(err->msg, context, used);
    memcpy(err->msg + used, ": ", 2);
    return -1;
}

int xb_fail_also(struct xb_err *err, const struct xb_err *more)
{
    if (!err)
        return -1;
    size_t used = strlen(err->msg);
    if (err->class == XB_E_NONE)
        *err = *more;
    else
        snprintf(err->msg + used, sizeof(err->msg) - used, "; %s", more->msg);
    return -1;
}

void xb_err_clear(struct xb_err *err)
{
    err->class = XB_E_NONE;
    err->errnum = 0;
    err->msg[0] = '\0';
}
