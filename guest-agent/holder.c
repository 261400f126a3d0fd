/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "holder.h"

#include "base.h"
#include "descriptors.h"
#include "xenstore_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define CLOSED_IN_ORDER 'c'

bool xa_incarnation_is_over(const struct xa_incarnation *incarnation, struct xa_store *store)
{
    char domid[sizeof(incarnation->domid)] = "";
    xa_store_read(store, "domid", domid, sizeof(domid));
    return strcmp(domid, incarnation->domid) != 0 || !xa_store_exists(store, incarnation->key);
}

static void show_name(const struct xa_name_area *name)
{
    prctl(PR_SET_NAME, XA_HOLDER_NAME);
    memset(name->start, 0, name->bytes);
    strncpy(name->start, XA_HOLDER_NAME, name->bytes - 1);
}

static void ignore_signals(void)
{
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_IGN);
}

static void let_go_of_agent(int rings_fd, int told_fd)
{
    const int keep[] = {rings_fd, told_fd};
    xa_close_all_but(keep, XB_ARRAY_LEN(keep));
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (chdir("/") < 0)
        return; /* harmless: the holder only keeps a directory busy */
}

/* The agent is dead. If xenstore cannot be asked about a restore, stay, which is always safe. */
static bool may_end(const struct xa_incarnation *incarnation)
{
    struct xa_store *store;
    return xa_store_open(&store, NULL) == 0 && !xa_incarnation_is_over(incarnation, store);
}

static __attribute__((noreturn)) void holder_main(int told_fd,
                                                  const struct xa_incarnation *incarnation)
{
    char what;
    ssize_t n;
    do
        n = read(told_fd, &what, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1 || may_end(incarnation))
        _exit(0);
    for (;;)
        pause();
}

int xa_holder_start(struct xa_holder *out, const struct xb_channel *ch,
                    const struct xa_incarnation *incarnation, const struct xa_name_area *name,
                    struct xb_err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a pipe to a holder");
    pid_t pid = fork();
    if (pid == 0) {
        ignore_signals();
        show_name(name);
        let_go_of_agent(ch->fd, ends[0]);
        holder_main(ends[0], incarnation);
    }
    close(ends[0]);
    if (pid < 0) {
        xb_fail(err, XB_E_HOST, errno, "fork a holder");
        close(ends[1]);
        return -1;
    }
    *out = (struct xa_holder){.pid = pid, .fd = ends[1]};
    return 0;
}

void xa_holder_end(struct xa_holder *holder)
{
    if (holder->pid == 0)
        return;
    char what = CLOSED_IN_ORDER;
    if (write(holder->fd, &what, 1) == 1)
        waitpid(holder->pid, NULL, 0);
    close(holder->fd);
    *holder = (struct xa_holder){.fd = -1};
}

void xa_holder_leave(struct xa_holder *holder)
{
    /* Keep our end of the pipe open, so that the holder checks nothing before we die. */
    *holder = (struct xa_holder){.fd = -1};
}
