/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a locked-down process gives up: descriptors, user, capabilities, limits. */
#include "sandbox.h"

#include "base.h"
#include "child.h"
#include "sandbox_i.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

bool xb_sandbox_is_off(void)
{
    return getenv(XB_NO_SANDBOX_ENV) != NULL;
}

static int compare_fds(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/*
 * Close every descriptor but the kept ones, also those that other code left open without CLOEXEC.
 */
static int close_others(const struct xb_sandbox *sandbox, struct xb_err *err)
{
    int keep[XB_SANDBOX_KEEP_MAX] = {0};
    unsigned next = STDERR_FILENO + 1;
    if (sandbox->keep_all)
        return 0;
    if (sandbox->keep_count > XB_SANDBOX_KEEP_MAX)
        return xb_fail(err, XB_E_HOST, EINVAL, "keep %zu descriptors", sandbox->keep_count);
    if (sandbox->keep_count > 0)
        memcpy(keep, sandbox->keep, sandbox->keep_count * sizeof(*keep));
    qsort(keep, sandbox->keep_count, sizeof(*keep), compare_fds);
    for (size_t i = 0; i < sandbox->keep_count; i++) {
        if (keep[i] < (int)next)
            continue;
        if ((unsigned)keep[i] > next && close_range(next, (unsigned)keep[i] - 1, 0) < 0)
            return xb_fail(err, XB_E_HOST, errno, "close descriptors");
        next = (unsigned)keep[i] + 1;
    }
    return close_range(next, ~0U, 0) < 0 ? xb_fail(err, XB_E_HOST, errno, "close descriptors") : 0;
}

static int limit(__rlimit_resource_t resource, rlim_t most, struct xb_err *err)
{
    struct rlimit limits = {most, most};
    return setrlimit(resource, &limits) < 0 ? xb_fail(err, XB_E_HOST, errno, "set its limits") : 0;
}

static int set_limits(const struct xb_sandbox *sandbox, struct xb_err *err)
{
    if (limit(RLIMIT_CORE, 0, err) < 0 || limit(RLIMIT_NPROC, 0, err) < 0)
        return -1;
    if (sandbox->memory_bytes == 0 || XB_SANDBOX_SANITIZED)
        return 0;
    return limit(RLIMIT_AS, sandbox->memory_bytes, err);
}

static int drop_capabilities(struct xb_err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &head, none) < 0)
        return xb_fail(err, XB_E_HOST, errno, "give up its capabilities");
    return 0;
}

/* Root would regain these capabilities by executing a program. Only root can and must drop them. */
static void empty_bounding_set(void)
{
    for (unsigned long c = 0; prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0; c++)
        continue;
}

/* The user changes last: only root may do the rest. */
static int change_user(struct xb_err *err)
{
    uid_t uid = XB_SANDBOX_UID_FIRST + (uid_t)getpid();
    if (geteuid() != 0)
        return 0;
    empty_bounding_set();
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
        return xb_fail(err, XB_E_HOST, errno, "become user %u", (unsigned)uid);
    return 0;
}

/* Changing the user resets both settings, so they are made afterwards. */
static int tie_to_parent(pid_t parent, struct xb_err *err)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "tie it to its parent");
    if (getppid() != parent)
        return xb_fail(err, XB_E_HOST, 0, "its parent has ended");
    return 0;
}

int xb_sandbox_enter(const struct xb_sandbox *sandbox, struct xb_err *err)
{
    pid_t parent = getppid();
    if (close_others(sandbox, err) < 0)
        return xb_fail_context(err, "lock a process down");
    if (xb_sandbox_is_off())
        return 0;
    if (set_limits(sandbox, err) < 0 || change_user(err) < 0 || drop_capabilities(err) < 0 ||
        tie_to_parent(parent, err) < 0 || xb_sandbox_filter(sandbox->profile, err) < 0)
        return xb_fail_context(err, "lock a process down");
    return 0;
}

int xb_sandbox_confine(const char *program, const char *path, struct xb_err *err)
{
    if (xb_sandbox_is_off())
        return 0;
    empty_bounding_set();
    if (drop_capabilities(err) < 0 || xb_sandbox_filter_program(program, path, err) < 0)
        return xb_fail_context(err, "confine %s", program);
    return 0;
}

/* In a trial child: lock it down, and write the error, if there is one, to the parent. */
static int try_it(void *arg)
{
    const int *tell_fd = arg;
    struct xb_err err = {0};
    const struct xb_sandbox sandbox = {
        .profile = XB_SANDBOX_READER, .keep = tell_fd, .keep_count = 1};
    if (xb_sandbox_enter(&sandbox, &err) == 0)
        return 0;
    return write(*tell_fd, &err, sizeof(err)) == sizeof(err) ? 1 : 2;
}

void xb_sandbox_look(struct xb_sandbox_support *out)
{
    int ends[2];
    memset(out, 0, sizeof(*out));
    out->landlock = xb_sandbox_landlock();
    out->own_user = geteuid() == 0;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        xb_fail(&out->seccomp, XB_E_HOST, errno, "try the sandbox");
        return;
    }
    xb_auto_close int hear = ends[0], tell = ends[1];
    const struct xb_child_spec spec = {.main = try_it, .arg = &tell};
    int status = xb_child_run(&spec, &out->seccomp);
    if (status <= 0)
        return;
    if (status != 1 || read(hear, &out->seccomp, sizeof(out->seccomp)) != sizeof(out->seccomp))
        xb_fail(&out->seccomp, XB_E_HOST, 0, "a process that was locked down died (status %d)",
                status);
}

void xb_sandbox_words(char out[XB_SANDBOX_WORDS_BYTES])
{
    int landlock = xb_sandbox_landlock(), used;
    if (xb_sandbox_is_off()) {
        snprintf(out, XB_SANDBOX_WORDS_BYTES, "off");
        return;
    }
    used = snprintf(out, XB_SANDBOX_WORDS_BYTES, "seccomp");
    if (landlock > 0)
        used += snprintf(out + used, (size_t)(XB_SANDBOX_WORDS_BYTES - used), ", landlock %d",
                         landlock);
    if (geteuid() == 0)
        snprintf(out + used, (size_t)(XB_SANDBOX_WORDS_BYTES - used), ", own user");
}
