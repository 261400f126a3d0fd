/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "streams.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>

/*
 * stdio forgets why an earlier write failed; another write fails for the same reason. 0: it does
 * not.
 */
static int reason_now(FILE *out)
{
    return write(fileno(out), "\n", 1) < 0 ? errno : 0;
}

int xb_stream_flush(FILE *out, const char *what, struct xb_err *err)
{
    int errnum = fflush(out) != 0 ? errno : 0;
    if (!errnum && !ferror(out))
        return 0;
    if (!errnum)
        errnum = reason_now(out);
    clearerr(out);
    return xb_fail(err, XB_E_HOST, errnum, "cannot write %s", what);
}

static void check_stdout(void)
{
    struct xb_err err = {0};
    if (xb_stream_flush(stdout, "to the standard output", &err) == 0)
        return;
    fprintf(stderr, "xenbench: %s\n", err.msg);
    _exit(XB_E_HOST);
}

void xb_streams_prepare(void)
{
    /* Opened in the wrong direction, so that use fails as it does on a closed descriptor. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < (int)XB_ARRAY_LEN(modes); fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[fd]) < 0)
            _exit(XB_E_HOST);
    if (atexit(check_stdout) != 0)
        _exit(XB_E_HOST);
}
