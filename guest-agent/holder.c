#include "holder.h"

#include "base.h"
#include "descriptors.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define CLOSED_IN_ORDER 'c'

bool xb_incarnation_is_over(const struct xb_incarnation *incarnation, struct xb_store *store)
{
    char domid[sizeof(incarnation->domid)] = "";
    xb_store_read(store, "domid", domid, sizeof(domid));
    return strcmp(domid, incarnation->domid) != 0 || !xb_store_exists(store, incarnation->key);
}

static void show_name(const struct xb_name_area *name)
{
    prctl(PR_SET_NAME, XB_HOLDER_NAME);
    memset(name->start, 0, name->bytes);
    strncpy(name->start, XB_HOLDER_NAME, name->bytes - 1);
}

static void ignore_signals(void)
{
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_IGN);
}

static void let_go_of_agent(int rings_fd, int told_fd)
{
    const int keep[] = {rings_fd, told_fd};
    xb_close_all_but(keep, XB_ARRAY_LEN(keep));
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (chdir("/") < 0)
        return; /* it only keeps a directory busy */
}

/* The agent has died. Without xenstore nothing is known, and to stay is what can do no harm. */
static bool may_end(const struct xb_incarnation *incarnation)
{
    struct xb_store *store;
    return xb_store_open(&store, NULL) == 0 && !xb_incarnation_is_over(incarnation, store);
}

static __attribute__((noreturn)) void holder_main(int told_fd,
                                                  const struct xb_incarnation *incarnation)
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

int xb_holder_start(struct xb_holder *out, const struct xb_channel *ch,
                    const struct xb_incarnation *incarnation, const struct xb_name_area *name,
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
    *out = (struct xb_holder){.pid = pid, .fd = ends[1]};
    return 0;
}

void xb_holder_end(struct xb_holder *holder)
{
    if (holder->pid == 0)
        return;
    char what = CLOSED_IN_ORDER;
    if (write(holder->fd, &what, 1) == 1)
        waitpid(holder->pid, NULL, 0);
    close(holder->fd);
    *holder = (struct xb_holder){.fd = -1};
}

void xb_holder_leave(struct xb_holder *holder)
{
    /* Our end of the pipe stays open, so that it has no reason to look around before we die. */
    *holder = (struct xb_holder){.fd = -1};
}
