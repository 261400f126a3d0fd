/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job_pty.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

int xa_pty_resize(int master, uint32_t rows, uint32_t columns, struct xb_err *err)
{
    if (rows > UINT16_MAX || columns > UINT16_MAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "a terminal of %u by %u", columns, rows);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    if (ioctl(master, TIOCSWINSZ, &size) < 0)
        return xb_fail(err, XB_E_HOST, errno, "set the size of the job's terminal");
    return 0;
}

/* Jobs get a UTF-8 LANG, so that erasing a character may have to erase several bytes. */
static void set_utf8(int slave)
{
    struct termios modes;
    if (tcgetattr(slave, &modes) < 0)
        return;
    modes.c_iflag |= IUTF8;
    tcsetattr(slave, TCSANOW, &modes);
}

int xa_pty_open(struct xa_pty *out, const Xb__Terminal *terminal, struct xb_err *err)
{
    xb_auto_close int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || unlockpt(master) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a terminal for the job (is /dev/pts mounted?)");
    /* Open the slave through the master: its name may belong to another /dev/pts. */
    xb_auto_close int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return xb_fail(err, XB_E_HOST, errno, "open the job's terminal");
    if (xa_pty_resize(master, terminal->rows, terminal->columns, err) < 0)
        return -1;
    set_utf8(slave);
    *out = (struct xa_pty){.master = xb_steal_fd(&master), .slave = xb_steal_fd(&slave)};
    return 0;
}
