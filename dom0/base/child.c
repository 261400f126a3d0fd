/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "child.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;

#define STATUS_NOT_STARTED 127

/* Why the child could not start: it writes this to a pipe, and nothing if it did start. */
struct word {
    int errnum;
    bool dir; /* it could not enter its folder */
};

static bool is_replaced(const char *variable, const char *const *env)
{
    size_t bytes = strcspn(variable, "=") + 1;
    for (; *env; env++)
        if (strncmp(*env, variable, bytes) == 0)
            return true;
    return false;
}

/* Made before the fork: the child shares our memory, or its allocator may be locked for good. */
static const char **make_environment(const char *const *env)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; environ[i]; i++)
        count++;
    for (size_t i = 0; env[i]; i++)
        count++;
    const char **made = xb_calloc(count + 1, sizeof(*made));
    for (size_t i = 0; environ[i]; i++)
        if (!is_replaced(environ[i], env))
            made[kept++] = environ[i];
    for (size_t i = 0; env[i]; i++)
        made[kept++] = env[i];
    return made;
}

static int place(int from, int to)
{
    if (from == XB_CHILD_OURS)
        return 0;
    if (from == XB_CHILD_NULL)
        from = open("/dev/null", O_RDWR | O_CLOEXEC);
    return from < 0 ? -1 : dup2(from, to);
}

static int take_place(const struct xb_child_spec *spec, pid_t parent)
{
    if (spec->group)
        setpgid(0, 0);
    if (spec->session)
        setsid();
    if (spec->death_signal) {
        signal(spec->death_signal, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, spec->death_signal);
        if (getppid() != parent) /* the parent died before we could watch it */
            _exit(STATUS_NOT_STARTED);
    }
    return place(spec->in, STDIN_FILENO) < 0 || place(spec->out, STDOUT_FILENO) < 0 ||
                   place(spec->err, STDERR_FILENO) < 0
               ? -1
               : 0;
}

/*
 * Returns in a new child. The process left in between only waits; it shares our open files and so
 * our locks: if we are killed, nobody takes the child's work for abandoned.
 */
static int leave_keeper(int tell_fd)
{
    int status = 0;
    pid_t pid = fork();
    if (pid <= 0)
        return pid;
    close(tell_fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : XB_CHILD_KILLED);
}

/* Returns only if it fails, with the cause. */
static int become_program(const struct xb_child_spec *spec, char *const *env)
{
    char path[128];
    char *const *argv = (char *const *)spec->argv;
    const char *program = spec->program ? spec->program : argv[0];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvpe(program, argv, env);
    int errnum = errno;
    /* After `su`, root's PATH may lack the folder of the administrator's tools. */
    if (!strchr(program, '/') &&
        (size_t)snprintf(path, sizeof(path), "/usr/sbin/%s", program) < sizeof(path)) {
        execve(path, argv, env);
        errnum = errno == ENOENT ? errnum : errno;
    }
    return errnum;
}

static __attribute__((noreturn)) void be_child(const struct xb_child_spec *spec, pid_t parent,
                                               const char **env, int tell_fd)
{
    struct word word = {0};
    if (take_place(spec, parent) < 0 || (spec->kept && leave_keeper(tell_fd) < 0)) {
        word.errnum = errno;
    } else if (!spec->argv) {
        close(tell_fd);
        _exit(spec->main(spec->arg));
    } else if (spec->dir && chdir(spec->dir) < 0) {
        word = (struct word){.errnum = errno, .dir = true};
    } else {
        word.errnum = become_program(spec, env ? (char *const *)env : environ);
    }
    _exit(write(tell_fd, &word, sizeof(word)) < 0 ? 126 : STATUS_NOT_STARTED);
}

/* Wait until the child has started its program or function. */
static int hear(int fd, const struct xb_child_spec *spec, struct xb_err *err)
{
    struct word word = {0};
    ssize_t n;
    do
        n = read(fd, &word, sizeof(word));
    while (n < 0 && errno == EINTR);
    if (n != sizeof(word))
        return 0;
    return word.dir ? xb_fail(err, XB_E_HOST, word.errnum, "cannot enter the folder %s", spec->dir)
                    : xb_fail(err, XB_E_HOST, word.errnum, "cannot start %s",
                              spec->program ? spec->program
                              : spec->argv  ? spec->argv[0]
                                            : "a process");
}

static int start(struct xb_child *out, const struct xb_child_spec *spec, const char **env,
                 struct xb_err *err)
{
    pid_t parent = getpid();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot start a process");
    /*
     * For a program without copying our page tables, which is slow in a PV Dom0: until the child
     * has executed the program, it runs in our memory while we wait, and changes only its own
     * descriptors, signals and folder. It must not leave this function.
     */
    pid_t pid = spec->argv && !spec->kept ? vfork() : fork();
    if (pid == 0)
        be_child(spec, parent, env, ends[1]);
    int errnum = errno;
    close(ends[1]);
    xb_auto_close int told = ends[0];
    if (pid < 0)
        return xb_fail(err, XB_E_HOST, errnum, "cannot start a process");
    if (spec->group)
        setpgid(pid, pid); /* here too: a signal for the group may follow at once */
    *out = (struct xb_child){.pid = pid, .fd = pidfd_open(pid, 0), .group = spec->group};
    if (out->fd >= 0 && hear(told, spec, err) == 0)
        return 0;
    xb_fail(err, XB_E_HOST, errno, "cannot watch a process");
    xb_child_kill(out, SIGKILL);
    xb_child_reap(out, NULL);
    return -1;
}

int xb_child_start(struct xb_child *out, const struct xb_child_spec *spec, struct xb_err *err)
{
    xb_auto_free const char **env = spec->env ? make_environment(spec->env) : NULL;
    *out = (struct xb_child){.fd = -1};
    return start(out, spec, env, err);
}

enum xb_child_wait xb_child_await(const struct xb_child *child, uint64_t deadline_ns, int stop_fd)
{
    for (;;) {
        uint64_t now_ns = xb_now_ns();
        struct pollfd fds[] = {{.fd = child->fd, .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN}};
        struct timespec left = xb_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
        ppoll(fds, XB_ARRAY_LEN(fds), deadline_ns == UINT64_MAX ? NULL : &left, NULL);
        if (fds[0].revents)
            return XB_CHILD_ENDED;
        if (fds[1].revents)
            return XB_CHILD_STOP;
        if (xb_now_ns() >= deadline_ns)
            return XB_CHILD_DEADLINE;
    }
}

void xb_child_kill(const struct xb_child *child, int signal)
{
    if (child->pid > 0)
        kill(child->group ? -child->pid : child->pid, signal);
}

void xb_child_end(const struct xb_child *child, uint64_t grace_ns)
{
    xb_child_kill(child, SIGTERM);
    if (xb_child_await(child, xb_now_ns() + grace_ns, -1) != XB_CHILD_ENDED)
        xb_child_kill(child, SIGKILL);
}

int xb_child_reap(struct xb_child *child, int *signal)
{
    int status = 0;
    pid_t pid = -1;
    while (child->pid > 0 && (pid = waitpid(child->pid, &status, 0)) < 0 && errno == EINTR)
        continue;
    xb_cleanup_close(&child->fd);
    *child = (struct xb_child){.fd = -1};
    if (signal)
        *signal = pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (pid < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : XB_CHILD_KILLED;
}

int xb_child_run(const struct xb_child_spec *spec, struct xb_err *err)
{
    struct xb_child child;
    if (xb_child_start(&child, spec, err) < 0)
        return -1;
    int status = xb_child_reap(&child, NULL);
    return status < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot wait for a process") : status;
}
