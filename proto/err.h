/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An error, filled where the cause is known and printed once, by main. */
#ifndef XB_ERR_H
#define XB_ERR_H

/* The classes are the documented exit statuses. */
enum xb_err_class {
    XB_E_NONE = 0,
    XB_E_BENCH = 1, /* a benchmark, a job or a guest failed */
    XB_E_INPUT = 2, /* usage, or the user's input */
    XB_E_HOST = 3,  /* the host or the toolstack failed */
};

struct xb_err {
    enum xb_err_class class;
    int errnum; /* errno of the cause, or 0 */
    char msg[1024];
};

/*
 * Fill err with a formatted message and, if errnum is not 0, ": strerror". An err that is already
 * filled stays as it is, because the first cause counts. err may be NULL. Always returns -1, for
 * `return xb_fail(...)`.
 */
int xb_fail(struct xb_err *err, enum xb_err_class class, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Prefix a filled err's message with "context: ". Always returns -1. */
int xb_fail_context(struct xb_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * For work that goes on after a failure: append the message of more to err's, after "; ". An empty
 * err becomes a copy of more. Always returns -1.
 */
int xb_fail_also(struct xb_err *err, const struct xb_err *more);

/* Empty err, so that it can be filled again, for example after a retry. */
void xb_err_clear(struct xb_err *err);

#endif
