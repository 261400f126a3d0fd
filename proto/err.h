/*
 * One error, filled at the depth that knows the cause and printed once at the top.
 */
#ifndef XB_ERR_H
#define XB_ERR_H

/* The classes are the exit statuses that the manual documents. */
enum xb_err_class {
    XB_E_NONE = 0,
    XB_E_BENCH = 1, /* a benchmark, a job or a guest failed */
    XB_E_INPUT = 2, /* usage, or a file that the user wrote */
    XB_E_HOST = 3,  /* the host or the toolstack failed */
};

struct xb_err {
    enum xb_err_class class;
    int errnum; /* errno at the cause, 0 where none applies */
    char msg[1024];
};

/*
 * Fill err with a formatted message; errnum, when not 0, adds ": strerror". The first cause wins: an err that
 * is already filled is left alone. A NULL err is allowed and ignored. Always returns -1, so that a
 * function can end with `return xb_fail(...)`.
 */
int xb_fail(struct xb_err *err, enum xb_err_class class, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Put "context: " before the message of a filled err. Always returns -1. */
int xb_fail_context(struct xb_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Empty err, so that it can be filled again (after a retry, say). */
void xb_err_clear(struct xb_err *err);

#endif
