/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job_prepare.h"

#include "base.h"
#include "rlimit.h"
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static char *string_of(const ProtobufCBinaryData *bytes)
{
    return bytes->len ? strndup((const char *)bytes->data, bytes->len) : strdup("");
}

char **xa_prepare_argv(const Xb__Arm *arm)
{
    char **argv = calloc(arm->n_argv + 1, sizeof(*argv));
    for (size_t i = 0; argv && i < arm->n_argv; i++) {
        argv[i] = string_of(&arm->argv[i]);
        if (!argv[i])
            return NULL;
    }
    return argv;
}

/*
 * Use the system call itself: glibc refuses to touch its two internal signals, but our parent may
 * have left them ignored (GNU make does), and the job would inherit that.
 */
static void reset_signal(int sig)
{
    const struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action = {.handler = (void *)SIG_DFL};
    syscall(SYS_rt_sigaction, sig, &action, NULL, sizeof(action.mask));
}

static int reset_signals(struct xb_err *err)
{
    for (int sig = 1; sig < NSIG; sig++)
        reset_signal(sig); /* fails for KILL and STOP, whose action cannot change */
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        return xb_fail(err, XB_E_HOST, errno, "unblock signals");
    return 0;
}

/* The job already leads a session, so the terminal becomes its controlling terminal. */
static int take_terminal(const struct xa_gate_plan *plan, struct xb_err *err)
{
    if (plan->arm->terminal && ioctl(plan->stdin_fd, TIOCSCTTY, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "take the terminal");
    return 0;
}

static int set_output(const int *job_fds, struct xb_err *err)
{
    if (dup2(job_fds[0], STDOUT_FILENO) < 0 || dup2(job_fds[1], STDERR_FILENO) < 0)
        return xb_fail(err, XB_E_HOST, errno, "connect the job's output");
    return 0;
}

/* The kernel must not choose the agent when memory runs out, but may choose jobs. */
static void become_killable(void)
{
    xb_auto_close int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "0", 1) < 0)
        return; /* without rights the agent never had another value */
}

static int set_limits(const Xb__Arm *arm, struct xb_err *err)
{
    for (size_t i = 0; i < arm->n_rlimits; i++) {
        const Xb__Rlimit *limit = arm->rlimits[i];
        int resource = xa_rlimit_by_name(limit->name);
        if (resource < 0)
            return xb_fail(err, XB_E_INPUT, EINVAL, "set limit '%s', which is not known",
                           limit->name);
        struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
        if (setrlimit(resource, &value) < 0)
            return xb_fail(err, XB_E_INPUT, errno, "set limit %s to %llu:%llu", limit->name,
                           (unsigned long long)limit->soft, (unsigned long long)limit->hard);
    }
    return 0;
}

static int become_user(const struct xa_gate_plan *plan, struct xa_user *user, struct xb_err *err)
{
    const Xb__Arm *arm = plan->arm;
    if (arm->user.len == 0) {
        xa_user_self(user);
        return 0;
    }
    xb_auto_free char *name = string_of(&arm->user);
    if (!name)
        return xb_fail(err, XB_E_HOST, ENOMEM, "become the job's user");
    if (xa_user_by_name(user, name, err) < 0)
        return -1;
    if (user->uid == geteuid() && user->gid == getegid())
        return 0;
    /* Let the user open /dev/stdin and /dev/tty. */
    if (plan->stdin_fd >= 0 && fchown(plan->stdin_fd, user->uid, (gid_t)-1) < 0)
        return xb_fail(err, XB_E_HOST, errno, "give the job's input to user %s", name);
    if (setgroups(user->groups_count, user->groups) < 0 || setgid(user->gid) < 0 ||
        setuid(user->uid) < 0)
        return xb_fail(err, XB_E_HOST, errno, "become user %s", name);
    return 0;
}

static int set_environment(const struct xa_gate_plan *plan, const struct xa_user *user,
                           struct xb_err *err)
{
    clearenv();
    int r = setenv("PATH", DEFAULT_PATH, 1) | setenv("HOME", user->home, 1) |
            setenv("USER", user->name, 1) | setenv("LOGNAME", user->name, 1) |
            setenv("SHELL", user->shell, 1) | setenv("LANG", "C.UTF-8", 1) |
            setenv(XA_GATE_TAG_VARIABLE, plan->tag, 1);
    if (r == 0 && plan->arm->terminal && plan->arm->terminal->type.len > 0) {
        xb_auto_free char *type = string_of(&plan->arm->terminal->type);
        r = type ? setenv("TERM", type, 1) : -1;
    }
    for (size_t i = 0; r == 0 && i < plan->arm->n_env; i++) {
        char *entry = string_of(&plan->arm->env[i]);
        r = entry ? putenv(entry) : -1;
    }
    return r == 0 ? 0 : xb_fail(err, XB_E_HOST, ENOMEM, "set the environment");
}

static int change_directory(const Xb__Arm *arm, const struct xa_user *user, struct xb_err *err)
{
    if (arm->cwd.len == 0) {
        /* The job did not ask for its home directory, so its absence is no failure. */
        if (chdir(user->home) < 0 && chdir("/") < 0)
            return xb_fail(err, XB_E_HOST, errno, "change to directory /");
        return 0;
    }
    xb_auto_free char *cwd = string_of(&arm->cwd);
    if (!cwd || chdir(cwd) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "change to directory %s", cwd ? cwd : "?");
    return 0;
}

static int open_stdin(const struct xa_gate_plan *plan, struct xb_err *err)
{
    const Xb__Arm *arm = plan->arm;
    if (plan->stdin_fd >= 0)
        return dup2(plan->stdin_fd, STDIN_FILENO) < 0
                   ? xb_fail(err, XB_E_HOST, errno, "connect the job's input")
                   : 0;
    xb_auto_free char *path =
        arm->stdin_path.len ? string_of(&arm->stdin_path) : strdup("/dev/null");
    xb_auto_close int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || (arm->stdin_remove && unlink(path) < 0))
        return xb_fail(err, XB_E_INPUT, errno, "open standard input %s", path ? path : "?");
    if (fd == STDIN_FILENO) {
        xb_steal_fd(&fd);
        fcntl(STDIN_FILENO, F_SETFD, 0);
    }
    return 0;
}

/*
 * Kill the job if the agent dies, because it would disturb the next benchmark. Changing the user
 * clears this, so it comes last. (If the agent died earlier, the gate sees end of file.)
 */
static int die_with_agent(struct xb_err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return xb_fail(err, XB_E_HOST, errno, "be bound to the agent's life");
    return 0;
}

int xa_prepare_session(const struct xa_gate_plan *plan, struct xb_err *err)
{
    if (setsid() < 0)
        return xb_fail(err, XB_E_HOST, errno, "start a session");
    if (reset_signals(err) < 0 || take_terminal(plan, err) < 0)
        return -1;
    return set_output(plan->job_fds, err);
}

int xa_prepare_job(const struct xa_gate_plan *plan, struct xb_err *err)
{
    struct xa_user user;
    become_killable();
    /* A file that was pushed for this job belongs to the agent's user: open it as that user. */
    if (plan->arm->stdin_remove && open_stdin(plan, err) < 0)
        return -1;
    if (set_limits(plan->arm, err) < 0 || become_user(plan, &user, err) < 0 ||
        set_environment(plan, &user, err) < 0 || change_directory(plan->arm, &user, err) < 0 ||
        (!plan->arm->stdin_remove && open_stdin(plan, err) < 0))
        return -1;
    return die_with_agent(err);
}
