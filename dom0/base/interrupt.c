#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    return set;
}

int xb_interrupt_open(struct xb_err *err)
{
    sigset_t set = interrupts();
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a descriptor for signals");
    sigprocmask(SIG_BLOCK, &set, NULL);
    return fd;
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
