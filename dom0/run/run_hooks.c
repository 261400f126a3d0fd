/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_hooks.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "escape.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static const char *const hook_words[] = {"before", "after"};
static const enum xb_warning hook_warnings[] = {XB_WARN_HOOK_BEFORE, XB_WARN_HOOK_AFTER};

/* The hook gets a process group of its own, so that a time-out also ends what it has started. */
static int start(const struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row,
                 const struct xb_texts *command, int out, struct xb_child *child,
                 struct xb_err *err)
{
    struct xb_texts env;
    xb_run_env(run, row, -1, &env);
    env.v = xb_reallocarray(env.v, env.count + 2, sizeof(*env.v));
    env.v[env.count++] = xb_asprintf("XENBENCH_HOOK=%s", hook_words[hook]);
    env.v[env.count] = NULL;
    const struct xb_child_spec spec = {
        .argv = (const char *const *)command->v,
        .env = (const char *const *)env.v,
        .dir = run->exp->folder,
        .in = XB_CHILD_NULL,
        .out = out,
        .err = out,
        .group = true,
    };
    int r = xb_child_start(child, &spec, err);
    xb_texts_free(&env);
    return r;
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
    struct xb_about about = {.case_no = row->case_no, .cell = row->cell};
    if (hooks->on_failure == XB_POLICY_STOP)
        return xb_fail(err, XB_E_BENCH, 0, "%s:%u: cell %u, case `%s`: the hook `%s` %s",
                       run->exp->path, hooks->line, row->cell + 1,
                       run->exp->cases[row->case_no].name, hook_words[hook], why);
    if (hooks->on_failure == XB_POLICY_KEEP)
        return 0;
    *again = hooks->on_failure == XB_POLICY_DISCARD && row->attempt < run->exp->max_attempts;
    return xb_run_warn(run, about, hook_warnings[hook], err,
                       "cell %u, attempt %u: the hook `%s` %s; %s", row->cell + 1, row->attempt,
                       hook_words[hook], why,
                       *again ? "the cell is repeated" : "its samples count, with this warning");
}

/*
 * Wait for the hook to end. why: how it failed, "" if it did not. -1 if the run was asked to stop.
 */
static int follow(struct xb_run *run, enum xb_hook hook, struct xb_child *child, char *why,
                  size_t bytes, struct xb_err *err)
{
    uint64_t timeout_ns = run->exp->hooks.timeout_ns;
    /* `after` undoes the work of `before`, so it may finish even where the run is stopped. */
    int stop_fd = hook == XB_HOOK_BEFORE ? run->stop_fd : -1, signal;
    enum xb_child_wait end = xb_child_await(child, xb_now_ns() + timeout_ns, stop_fd);
    if (end != XB_CHILD_ENDED)
        xb_child_kill(child, SIGKILL);
    int status = xb_child_reap(child, &signal);
    if (end == XB_CHILD_STOP)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted");
    if (end == XB_CHILD_DEADLINE)
        snprintf(why, bytes, "did not end within %.1f s and was killed", (double)timeout_ns / 1e9);
    else if (signal)
        snprintf(why, bytes, "ended by signal %d", signal);
    else if (status != 0)
        snprintf(why, bytes, "ended with status %d", status);
    return 0;
}

int xb_run_hook(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row, bool *again,
                struct xb_err *err)
{
    const struct xb_exp_hooks *hooks = &run->exp->hooks;
    const struct xb_texts *command = hook == XB_HOOK_BEFORE ? &hooks->before : &hooks->after;
    char why[420] = "", said[256];
    struct xb_child child;
    struct xb_err cause = {0};
    if (command->count == 0)
        return 0;
    xb_auto_close int out = memfd_create("hook", MFD_CLOEXEC);
    if (out < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot start the hook `%s`", hook_words[hook]);
    if (start(run, hook, row, command, out, &child, &cause) < 0) {
        snprintf(why, sizeof(why), "did not run: %.380s", cause.msg);
        return judge(run, hook, row, why, again, err);
    }
    if (follow(run, hook, &child, why, sizeof(why), err) < 0)
        return -1;
    if (!why[0])
        return 0;
    size_t used = strlen(why);
    last_words(out, said, sizeof(said));
    if (said[0])
        snprintf(why + used, sizeof(why) - used, "; it last said: %.200s", said);
    return judge(run, hook, row, why, again, err);
}
