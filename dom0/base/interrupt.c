/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "interrupt.h"

#include "base.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

/*
 * The signals that stop a command. Signals ignored at our start stay ignored (nohup(1), a shell's
 * `&`).
 */
static sigset_t interrupts(void)
{
    static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < XB_ARRAY_LEN(stopping); i++) {
        struct sigaction now;
        if (sigaction(stopping[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(&set, stopping[i]);
    }
    return set;
}

int xb_interrupt_open(struct xb_err *err)
{
    sigset_t set = interrupts();
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot make a descriptor for signals");
    sigprocmask(SIG_BLOCK, &set, NULL);
    return fd;
}

int xb_stop_fd(void)
{
    sigset_t set = interrupts();
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int xb_interrupt_next(int fd)
{
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

int xb_interrupt_take(int fd)
{
    int signal = xb_interrupt_next(fd);
    if (signal != 0)
        xb_interrupt_unblock();
    return signal;
}

void xb_interrupt_unblock(void)
{
    sigset_t set = interrupts();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void xb_interrupt_close(int fd)
{
    if (fd < 0)
        return;
    close(fd);
    xb_interrupt_unblock();
}

void xb_interrupt_heed_parent(void)
{
    signal(SIGTERM, SIG_DFL);
}

static void pass_over(int signal XB_UNUSED)
{
}

void xb_signals_prepare(void)
{
    struct sigaction now, closed = {.sa_handler = pass_over, .sa_flags = SA_RESTART};
    signal(SIGCHLD, SIG_DFL);
    /* A handler instead of SIG_IGN, which the programs that we start would inherit. */
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        sigaction(SIGPIPE, &closed, NULL);
}
