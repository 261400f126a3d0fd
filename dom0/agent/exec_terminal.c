/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exec -t: connects our terminal with the command's in the guest. */
#include "exec_i.h"

#include "base.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>

#define ROWS_DEFAULT 24
#define COLUMNS_DEFAULT 80

static sigset_t watched(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGCONT);
    return set;
}

int xb_exec_terminal_open(struct xb_exec *exec, struct xb_err *err)
{
    struct xb_exec_terminal *terminal = &exec->terminal;
    if (!exec->options->terminal)
        return 0;
    sigset_t set = watched();
    terminal->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (terminal->signal_fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a descriptor for signals");
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (exec->input.own_stdin)
        xb_rawterm_enter(&terminal->raw);
    return 0;
}

void xb_exec_terminal_close(struct xb_exec *exec)
{
    struct xb_exec_terminal *terminal = &exec->terminal;
    xb_rawterm_leave(&terminal->raw);
    if (terminal->signal_fd < 0)
        return;
    close(terminal->signal_fd);
    terminal->signal_fd = -1;
    sigset_t set = watched();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The window size of the first standard descriptor that is a terminal. */
static struct winsize window_size(void)
{
    struct winsize size = {0};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
            return size;
    return (struct winsize){.ws_row = ROWS_DEFAULT, .ws_col = COLUMNS_DEFAULT};
}

void xb_exec_terminal_fill(Xb__Terminal *out)
{
    struct winsize size = window_size();
    const char *type = getenv("TERM");
    xb__terminal__init(out);
    out->rows = size.ws_row;
    out->columns = size.ws_col;
    if (type && strlen(type) <= XB_TOKEN_MAX)
        out->type = (ProtobufCBinaryData){.len = strlen(type), .data = (uint8_t *)type};
}

void xb_exec_terminal_tell(struct xb_exec *exec)
{
    struct xb_exec_guest *g = &exec->guests[0];
    struct winsize size = window_size();
    Xb__Resize msg = XB__RESIZE__INIT;
    msg.rows = size.ws_row;
    msg.columns = size.ws_col;
    if (exec->terminal.signal_fd >= 0 && !g->done && xb_agent_ready(g->agent))
        xb_agent_send(g->agent, XB_RESIZE, g->job_id, &msg.base, NULL);
}

int xb_exec_terminal_fd(void *arg)
{
    return ((const struct xb_exec *)arg)->terminal.signal_fd;
}

int xb_exec_terminal_event(void *arg, struct xb_err *err XB_UNUSED)
{
    struct xb_exec *exec = arg;
    struct signalfd_siginfo info;
    while (exec->terminal.signal_fd >= 0 &&
           read(exec->terminal.signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCONT)
            xb_rawterm_again(&exec->terminal.raw);
    }
    xb_exec_terminal_tell(exec);
    return 0;
}

bool xb_exec_terminal_leaves(struct xb_exec_terminal *terminal, const uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (terminal->typed == XB_TYPED_TILDE && data[i] == '.')
            return true;
        if (data[i] == '\r' || data[i] == '\n')
            terminal->typed = XB_TYPED_ENTER;
        else if (terminal->typed == XB_TYPED_ENTER && data[i] == '~')
            terminal->typed = XB_TYPED_TILDE;
        else
            terminal->typed = XB_TYPED_OTHER;
    }
    return false;
}
