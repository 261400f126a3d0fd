/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel refuses to a confined program of the host. */
#include "base.h"
#include "sandbox_i.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUNS (READS | LANDLOCK_ACCESS_FS_EXECUTE)
/* Truncation and ioctls became rights in later versions; older headers do not name them. */
#define WRITES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)
#define TRUNCATES (UINT64_C(1) << 14)
#define CONTROLS (UINT64_C(1) << 15)
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | WRITES | TRUNCATES | CONTROLS)

/* What programs read by themselves. Missing paths are skipped. */
static const struct {
    const char *path;
    uint64_t rights;
} common[] = {
    {"/usr", RUNS},
    {"/bin", RUNS},
    {"/sbin", RUNS},
    {"/lib", RUNS},
    {"/lib64", RUNS},
    {"/etc/ld.so.cache", READS},
    {"/etc/e2fsck.conf", READS},
    {"/etc/mke2fs.conf", READS},
    {"/proc", READS},
    {"/sys", READS},
    {"/dev/null", WRITES},
    {"/dev/urandom", READS},
};

/*
 * Programs need many calls, so here the harmful ones are named. Without capabilities root may still
 * change what belongs to root: other processes, and IPC objects.
 */
static const int refused[] = {
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(setpriority),
    SCMP_SYS(ioprio_set),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_setattr),
    SCMP_SYS(sched_setparam),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(shmget),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
    SCMP_SYS(mq_open),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(open_by_handle_at),
};

/* The C library needs these calls for the process itself (abort, getrlimit). */
static int refuse_for_others(scmp_filter_ctx filter)
{
    int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
                             SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
    return r < 0 ? r
                 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1,
                                    SCMP_A0(SCMP_CMP_NE, 0));
}

static int refuse_calls(struct xb_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r = filter ? refuse_for_others(filter) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < XB_ARRAY_LEN(refused); i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r < 0 ? xb_fail(err, XB_E_HOST, -r, "filter its system calls (seccomp)") : 0;
}

/* Allow these rights at and below path. */
static int allow(int rules, const char *path, uint64_t rights, uint64_t known, struct xb_err *err)
{
    struct stat st;
    xb_auto_close int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_HOST, errno, "open %s", path);
    rights &= known & (S_ISDIR(st.st_mode) ? UINT64_MAX : OF_FILES);
    struct landlock_path_beneath_attr beneath = {.allowed_access = rights, .parent_fd = fd};
    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "allow %s (Landlock)", path);
    return 0;
}

static int allow_all(int rules, const char *program, const char *path, uint64_t known,
                     struct xb_err *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", program);
    for (size_t i = 0; i < XB_ARRAY_LEN(common); i++)
        if (allow(rules, common[i].path, common[i].rights, known, err) < 0)
            return -1;
    if (program[0] == '/' && allow(rules, dirname(folder), RUNS, known, err) < 0)
        return -1;
    return allow(rules, path, WRITES | TRUNCATES | CONTROLS, known, err);
}

static int shut_files(const char *program, const char *path, struct xb_err *err)
{
    struct xb_landlock attributes = xb_sandbox_landlock_all();
    if (attributes.files == 0)
        return 0;
    xb_auto_close int rules =
        (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (rules < 0)
        return xb_fail(err, XB_E_HOST, errno, "shut the files (Landlock)");
    if (allow_all(rules, program, path, attributes.files, err) < 0)
        return -1;
    if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "shut the files (Landlock)");
    return 0;
}

int xb_sandbox_filter_program(const char *program, const char *path, struct xb_err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return xb_fail(err, XB_E_HOST, errno, "bar it from new privileges");
    return shut_files(program, path, err) < 0 ? -1 : refuse_calls(err);
}
