#include "run_hooks.h"

#include "base.h"
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

static const char *const hook_words[] = {"before", "after"};
static const char *const hook_codes[] = {"hook-before", "hook-after"};

static pid_t spawn(const struct xb_run *run, enum xb_hook hook, const struct xb_texts *command,
                   const struct xb_texts *env, int out)
{
    pid_t pid = fork();
    if (pid != 0) {
        setpgid(pid, pid); /* in both processes: either may run first */
        return pid;
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* so that a time-out ends its children too */
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(out, STDERR_FILENO) < 0)
        _exit(127);
    setenv("XENBENCH_HOOK", hook_words[hook], 1);
    for (size_t i = 0; i < env->count; i++)
        putenv(env->v[i]);
    if (chdir(run->exp->folder) < 0) {
        dprintf(STDERR_FILENO, "the experiment's folder %s: %s\n", run->exp->folder,
                strerror(errno));
        _exit(127);
    }
    execvp(command->v[0], command->v);
    dprintf(STDERR_FILENO, "%s: %s\n", command->v[0], strerror(errno));
    _exit(127);
}

/* 1: the hook has ended, 0: its time is up, -1: the run was asked to stop (stop_fd). */
static int wait_for(int stop_fd, pid_t pid, uint64_t timeout_ns)
{
    xb_auto_close int fd = pidfd_open(pid, 0);
    uint64_t deadline_ns = xb_now_ns() + timeout_ns;
    for (uint64_t now = xb_now_ns(); now < deadline_ns; now = xb_now_ns()) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
        poll(fds, XB_ARRAY_LEN(fds), (int)((deadline_ns - now) / XB_NS_PER_MS) + 1);
        if (fds[0].revents || fd < 0)
            return 1;
        if (fds[1].revents)
            return -1;
    }
    return 0;
}

static void last_words(int fd, char *out, size_t bytes)
{
    char text[4096], line[256] = "";
    struct xb_escape escape = {0};
    off_t end = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, text, sizeof(text) - 1,
                      end > (off_t)sizeof(text) - 1 ? end - (off_t)sizeof(text) + 1 : 0);
    text[n > 0 ? n : 0] = '\0';
    while (n > 0 && strchr("\n\r \t", text[n - 1]))
        text[--n] = '\0';
    const char *newline = strrchr(text, '\n');
    snprintf(line, sizeof(line), "%.255s", newline ? newline + 1 : text);
    char shown[XB_ESCAPE_MAX(sizeof(line))];
    size_t used = xb_escape(&escape, (const uint8_t *)line, strlen(line), true, shown);
    snprintf(out, bytes, "%.*s", (int)used, shown);
}

/* Judge what a hook's failure means for the run. */
static int judge(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row,
                 const char *why, bool *again, struct xb_err *err)
{
    const struct xb_exp_hooks *hooks = &run->exp->hooks;
    struct xb_about about = {row->case_no, row->cell, NULL};
    if (hooks->on_failure == XB_POLICY_STOP)
        return xb_fail(err, XB_E_BENCH, 0, "%s:%u: cell %" PRIu32 ", case `%s`: the hook `%s` %s",
                       run->exp->path, hooks->line, row->cell + 1,
                       run->exp->cases[row->case_no].name, hook_words[hook], why);
    if (hooks->on_failure == XB_POLICY_KEEP)
        return 0;
    *again = hooks->on_failure == XB_POLICY_DISCARD && row->attempt < run->exp->max_attempts;
    return xb_run_warn(run, about, hook_codes[hook], err,
                       "cell %" PRIu32 ", attempt %" PRIu32 ": the hook `%s` %s; %s", row->cell + 1,
                       row->attempt, hook_words[hook], why,
                       *again ? "the cell is repeated" : "its samples count, with this warning");
}

int xb_run_hook(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row, bool *again,
                struct xb_err *err)
{
    const struct xb_exp_hooks *hooks = &run->exp->hooks;
    const struct xb_texts *command = hook == XB_HOOK_BEFORE ? &hooks->before : &hooks->after;
    char why[420] = "", said[256];
    int status = 0;
    if (command->count == 0)
        return 0;
    struct xb_texts env;
    xb_run_env(run, row, -1, &env);
    xb_auto_close int out = memfd_create("hook", MFD_CLOEXEC);
    pid_t pid = out < 0 ? -1 : spawn(run, hook, command, &env, out);
    xb_texts_free(&env);
    if (pid < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot start the hook `%s`", hook_words[hook]);
    /* `after` undoes the work of `before`, so it may finish even where the run is stopped. */
    int ended = wait_for(hook == XB_HOOK_BEFORE ? run->stop_fd : -1, pid, hooks->timeout_ns);
    if (ended < 1)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (ended < 0)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted");
    last_words(out, said, sizeof(said));
    if (ended == 0)
        snprintf(why, sizeof(why), "did not end within %.1f s and was killed",
                 (double)hooks->timeout_ns / 1e9);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        snprintf(why, sizeof(why), "ended with status %d", WEXITSTATUS(status));
    if (!why[0])
        return 0;
    size_t used = strlen(why);
    if (said[0])
        snprintf(why + used, sizeof(why) - used, "; it last said: %.200s", said);
    return judge(run, hook, row, why, again, err);
}
