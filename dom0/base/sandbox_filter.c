/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel refuses to a locked-down process. */
#include "base.h"
#include "sandbox_i.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <xen/xen.h>

#include <xen/sys/evtchn.h>
#include <xen/sys/gntdev.h>

#define READER (1U << XB_SANDBOX_READER)
#define SESSION (1U << XB_SANDBOX_SESSION)
#define ALL (READER | SESSION)
/* Only for builds with sanitizers. */
#define SANITIZED (XB_SANDBOX_SANITIZED ? ALL : 0)

/* The rights to files that each version of Landlock knows, as a mask. */
static const uint64_t landlock_files[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
/* Since version 4: bind and connect. Since 6: abstract unix sockets and signals. */
#define LANDLOCK_NET UINT64_C(3)
#define LANDLOCK_SCOPES UINT64_C(3)

int xb_sandbox_landlock(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

struct xb_landlock xb_sandbox_landlock_all(void)
{
    int version = xb_sandbox_landlock();
    size_t last = XB_ARRAY_LEN(landlock_files) - 1;
    return (struct xb_landlock){
        .files = landlock_files[(size_t)version < last ? (size_t)version : last],
        .net = version >= 4 ? LANDLOCK_NET : 0,
        .scopes = version >= 6 ? LANDLOCK_SCOPES : 0,
    };
}

/* A ruleset without rules: everything that it knows is refused. */
static int shut_files(struct xb_err *err)
{
    struct xb_landlock attributes = xb_sandbox_landlock_all();
    if (attributes.files == 0)
        return 0; /* seccomp refuses the same; `doctor` warns */
    xb_auto_close int fd =
        (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "shut the files (Landlock)");
    return 0;
}

struct rule {
    int call;
    unsigned profiles;
    unsigned arg_count;
    struct scmp_arg_cmp args[2];
};

#define ARG_IS(n, value)                                                                           \
    {                                                                                              \
        .arg = (n), .op = SCMP_CMP_EQ, .datum_a = (value)                                          \
    }
#define ARG_LACKS(n, bits)                                                                         \
    {                                                                                              \
        .arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits), .datum_b = 0                      \
    }

/* Any other call ends the process with SIGSYS, unless it is among `refused`. */
static const struct rule allowed[] = {
    /* Using what it holds. Nothing here makes a descriptor or opens a file by name. */
    {SCMP_SYS(read), ALL, 0, {}},
    {SCMP_SYS(write), ALL, 0, {}},
    {SCMP_SYS(pread64), ALL, 0, {}},
    {SCMP_SYS(pwrite64), READER, 0, {}},
    {SCMP_SYS(lseek), READER, 0, {}},
    {SCMP_SYS(ftruncate), READER, 0, {}},
    {SCMP_SYS(fsync), READER, 0, {}},
    {SCMP_SYS(fstat), ALL, 0, {}},
    {SCMP_SYS(close), ALL, 0, {}},
    /* libblkid asks for the size of a device's sectors, and can do without other answers. */
    {SCMP_SYS(ioctl), READER, 1, {ARG_IS(1, BLKSSZGET)}},
    /* Its own memory, but none that can be executed. */
    {SCMP_SYS(brk), ALL, 0, {}},
    {SCMP_SYS(mmap), ALL, 1, {ARG_LACKS(2, PROT_EXEC)}},
    {SCMP_SYS(mprotect), ALL, 1, {ARG_LACKS(2, PROT_EXEC)}},
    {SCMP_SYS(mremap), ALL, 0, {}},
    {SCMP_SYS(munmap), ALL, 0, {}},
    {SCMP_SYS(madvise), ALL, 0, {}},
    {SCMP_SYS(futex), ALL, 0, {}},
    /* The clock, where reading it takes a system call, and the C library's own needs. */
    {SCMP_SYS(clock_gettime), ALL, 0, {}},
    {SCMP_SYS(gettimeofday), ALL, 0, {}},
    {SCMP_SYS(getpid), ALL, 0, {}},
    {SCMP_SYS(gettid), ALL, 0, {}},
    {SCMP_SYS(getrandom), ALL, 0, {}},
    {SCMP_SYS(sysinfo), ALL, 0, {}},
    {SCMP_SYS(sched_yield), ALL, 0, {}},
    {SCMP_SYS(rt_sigaction), ALL, 0, {}},
    {SCMP_SYS(rt_sigprocmask), ALL, 0, {}},
    {SCMP_SYS(rt_sigreturn), ALL, 0, {}},
    {SCMP_SYS(restart_syscall), ALL, 0, {}},
    {SCMP_SYS(exit), ALL, 0, {}},
    {SCMP_SYS(exit_group), ALL, 0, {}},
    /* A connected socket, without naming an address, and waiting for it. */
    {SCMP_SYS(recvfrom), SESSION, 1, {ARG_IS(4, 0)}},
    {SCMP_SYS(sendto), SESSION, 1, {ARG_IS(4, 0)}},
    {SCMP_SYS(poll), SESSION, 0, {}},
    {SCMP_SYS(ppoll), SESSION, 0, {}},
    /* libxenvchan: notify the guest, and release its pages. */
    {SCMP_SYS(ioctl), SESSION, 1, {ARG_IS(1, IOCTL_EVTCHN_NOTIFY)}},
    {SCMP_SYS(ioctl), SESSION, 1, {ARG_IS(1, IOCTL_EVTCHN_UNBIND)}},
    {SCMP_SYS(ioctl), SESSION, 1, {ARG_IS(1, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR)}},
    {SCMP_SYS(ioctl), SESSION, 1, {ARG_IS(1, IOCTL_GNTDEV_UNMAP_GRANT_REF)}},
    /* AddressSanitizer, for its memory and its report. */
    {SCMP_SYS(sigaltstack), SANITIZED, 0, {}},
    {SCMP_SYS(sched_getaffinity), SANITIZED, 0, {}},
    {SCMP_SYS(prctl), SANITIZED, 0, {}},
};

/* What the C library and sanitizers may try, and can do without. */
static const int refused[] = {
    SCMP_SYS(open),     SCMP_SYS(openat),     SCMP_SYS(access), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(stat),
};

static int add_rules(scmp_filter_ctx filter, enum xb_sandbox_profile profile)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < XB_ARRAY_LEN(allowed); i++)
        if (allowed[i].profiles & (1U << profile))
            r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, allowed[i].call,
                                       allowed[i].arg_count, allowed[i].args);
    /*
     * fstat of some C libraries. If a name is given, Landlock and the user limit what it can reach.
     */
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                             SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
    for (size_t i = 0; r == 0 && i < XB_ARRAY_LEN(refused); i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    if (r == 0 && profile == XB_SANDBOX_READER)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_NE, BLKSSZGET));
    /* abort: only a signal to the process itself */
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return r;
}

static int filter_calls(enum xb_sandbox_profile profile, struct xb_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return xb_fail(err, XB_E_HOST, 0, "make a filter of system calls");
    int r = add_rules(filter, profile);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r < 0 ? xb_fail(err, XB_E_HOST, -r, "filter its system calls (seccomp)") : 0;
}

int xb_sandbox_filter(enum xb_sandbox_profile profile, struct xb_err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "bar it from new privileges");
    return shut_files(err) < 0 ? -1 : filter_calls(profile, err);
}
