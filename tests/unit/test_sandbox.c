/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hostile process in the sandbox: what it tries, and what happens to it. */
#include "base.h"
#include "child.h"
#include "sandbox.h"
#include "tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* How a child ends: by SIGSYS, or with one of these. */
#define REFUSED 10
#define ESCAPED 11
#define NOT_LOCKED 12

struct attempt {
    enum xb_sandbox_profile profile;
    int (*try)(int fd); /* 0: it succeeded */
    int fd;             /* the descriptor that the process is given */
};

static int attempt(void *arg)
{
    const struct attempt *a = arg;
    struct xb_err err = {0};
    const struct xb_sandbox sandbox = {.profile = a->profile, .keep = &a->fd, .keep_count = 1};
    if (xb_sandbox_enter(&sandbox, &err) < 0)
        return NOT_LOCKED;
    return a->try(a->fd) == 0 ? ESCAPED : REFUSED;
}

/* The signal that ended the attempt, or its status if none did. */
static int outcome(enum xb_sandbox_profile profile, int (*try)(int fd), int fd, int *signal)
{
    struct xb_err err = {0};
    struct xb_child child;
    struct attempt a = {profile, try, fd};
    const struct xb_child_spec spec = {.main = attempt, .arg = &a};
    assert_int_equal(xb_child_start(&child, &spec, &err), 0);
    return xb_child_reap(&child, signal);
}

static int open_a_file(int fd XB_UNUSED)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int make_a_file(int fd XB_UNUSED)
{
    return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) < 0 ? -1 : 0;
}

static int open_anew(int fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDWR | O_CLOEXEC) < 0 ? -1 : 0;
}

static int open_new_way(int fd XB_UNUSED)
{
    uint64_t how[3] = {O_RDONLY, 0, 0};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how)) < 0 ? -1 : 0;
}

static int remove_a_file(int fd XB_UNUSED)
{
    return unlink("/nonexistent");
}

static int make_a_socket(int fd XB_UNUSED)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int make_a_unix_socket(int fd XB_UNUSED)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int execute(int fd XB_UNUSED)
{
    char *const argv[] = {"true", NULL}, *const env[] = {NULL};
    return execve("/bin/true", argv, env);
}

static int make_a_process(int fd XB_UNUSED)
{
    return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? -1 : 0;
}

static int trace_the_parent(int fd XB_UNUSED)
{
    return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int read_the_parent(int fd XB_UNUSED)
{
    static char theirs;
    char byte;
    struct {
        void *base;
        size_t bytes;
    } here = {&byte, 1}, there = {&theirs, 1};
    return syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0) == 1 ? 0 : -1;
}

static int kill_the_parent(int fd XB_UNUSED)
{
    return kill(getppid(), 0);
}

static int kill_a_thread(int fd XB_UNUSED)
{
    return (int)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int become_root(int fd XB_UNUSED)
{
    return setuid(0);
}

static int make_code(int fd XB_UNUSED)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? -1
               : 0;
}

static int mount_something(int fd XB_UNUSED)
{
    return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static int type_into_terminal(int fd)
{
    return ioctl(fd, TIOCSTI, "x");
}

static int send_to_address(int fd XB_UNUSED)
{
    struct sockaddr none = {.sa_family = AF_UNIX};
    return sendto(fd, "x", 1, MSG_NOSIGNAL, &none, sizeof(none)) == 1 ? 0 : -1;
}

static int pass_a_descriptor(int fd)
{
    struct iovec one = {"x", 1};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
    return sendmsg(fd, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/*
 * `kills`: the filter ends the process, or but for readers; otherwise the call fails, as libraries
 * may try it.
 */
static const struct {
    const char *name;
    int (*try)(int fd);
    bool kills, fails_for_readers;
} attempts[] = {
    {"open a file", open_a_file, false, false},
    {"make a file", make_a_file, false, false},
    {"open a descriptor anew", open_anew, false, false},
    {"openat2", open_new_way, true, false},
    {"unlink", remove_a_file, true, false},
    {"a socket", make_a_socket, true, false},
    {"a unix socket", make_a_unix_socket, true, false},
    {"execve", execute, true, false},
    {"clone", make_a_process, true, false},
    {"ptrace", trace_the_parent, true, false},
    {"read another's memory", read_the_parent, true, false},
    {"kill", kill_the_parent, true, false},
    {"tgkill of another", kill_a_thread, true, false},
    {"setuid", become_root, true, false},
    {"writable code", make_code, true, false},
    {"mount", mount_something, true, false},
    {"TIOCSTI", type_into_terminal, true, true},
    {"sendto an address", send_to_address, true, false},
    {"sendmsg", pass_a_descriptor, true, false},
};

static void every_way_out_is_shut(void **state XB_UNUSED)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    for (enum xb_sandbox_profile p = XB_SANDBOX_READER; p <= XB_SANDBOX_SESSION; p++) {
        for (size_t i = 0; i < XB_ARRAY_LEN(attempts); i++) {
            int signal = 0, status = outcome(p, attempts[i].try, ends[0], &signal);
            print_message("# profile %d, %s: status %d, signal %d\n", (int)p, attempts[i].name,
                          status, signal);
            bool kills =
                attempts[i].kills && !(p == XB_SANDBOX_READER && attempts[i].fails_for_readers);
            assert_int_equal(status, kills ? XB_CHILD_KILLED : REFUSED);
            assert_int_equal(signal, kills ? SIGSYS : 0);
        }
    }
    close(ends[0]);
    close(ends[1]);
}

/* A number from the process's /proc/PID/status, read by its parent. */
static uint64_t status_number(pid_t pid, const char *key, int base)
{
    char path[40], text[8192];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof(text) - 1);
    assert_true(n > 0);
    text[n] = '\0';
    char *at = strstr(text, key);
    assert_non_null(at);
    return strtoull(at + strlen(key), NULL, base);
}

struct waiter {
    int tell[2], go[2];
};

static int wait_locked(void *arg)
{
    struct waiter *w = arg;
    struct xb_err err = {0};
    int keep[] = {w->tell[1], w->go[0]};
    const struct xb_sandbox sandbox = {
        .profile = XB_SANDBOX_SESSION, .keep = keep, .keep_count = 2};
    char byte = (char)(xb_sandbox_enter(&sandbox, &err) == 0);
    if (write(w->tell[1], &byte, 1) != 1)
        return 1;
    return read(w->go[0], &byte, 1) == 1 ? 0 : 1;
}

static void what_proc_says_of_it(void **state XB_UNUSED)
{
    struct waiter w;
    struct xb_err err = {0};
    struct xb_child child;
    char locked = 0;
    const struct xb_child_spec spec = {.main = wait_locked, .arg = &w};
    assert_int_equal(pipe2(w.tell, O_CLOEXEC), 0);
    assert_int_equal(pipe2(w.go, O_CLOEXEC), 0);
    assert_int_equal(xb_child_start(&child, &spec, &err), 0);
    assert_int_equal(read(w.tell[0], &locked, 1), 1);
    assert_int_equal(locked, 1);
    assert_int_equal(status_number(child.pid, "\nSeccomp:", 10), 2);
    assert_int_equal(status_number(child.pid, "\nNoNewPrivs:", 10), 1);
    assert_int_equal(status_number(child.pid, "\nCapEff:", 16), 0);
    assert_int_equal(status_number(child.pid, "\nCapPrm:", 16), 0);
    if (geteuid() == 0) {
        assert_int_equal(status_number(child.pid, "\nCapBnd:", 16), 0);
        assert_int_equal(status_number(child.pid, "\nUid:", 10), XB_SANDBOX_UID_FIRST + child.pid);
        assert_int_equal(status_number(child.pid, "\nGid:", 10), XB_SANDBOX_UID_FIRST + child.pid);
    }
    assert_int_equal(write(w.go[1], "", 1), 1);
    assert_int_equal(xb_child_reap(&child, NULL), 0);
}

/* Count the open descriptors above 2: only those that the process was given. */
static int count_descriptors(void *arg)
{
    struct xb_err err = {0};
    int keep[2] = {*(int *)arg, 40}, open_count = 0;
    const struct xb_sandbox sandbox = {
        .profile = XB_SANDBOX_SESSION, .keep = keep, .keep_count = 2};
    dup2(keep[0], 40);
    dup2(keep[0], 60);
    if (xb_sandbox_enter(&sandbox, &err) < 0)
        return NOT_LOCKED;
    for (int fd = 3; fd < 100; fd++) {
        struct pollfd one = {.fd = fd};
        open_count += poll(&one, 1, 0) >= 0 && !(one.revents & POLLNVAL);
    }
    return open_count;
}

static void others_descriptors_are_closed(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const struct xb_child_spec spec = {.main = count_descriptors, .arg = &ends[0]};
    assert_int_equal(xb_child_run(&spec, &err), 2);
}

/* What the process must still be able to do: use memory, the clock, and its descriptors. */
static int work(int fd)
{
    char *bytes = malloc(XB_MIB * 8), text[64];
    memset(bytes, 1, XB_MIB * 8);
    snprintf(text, sizeof(text), "%d %s\n", bytes[5], strerror(xb_now_ns() > 0 ? EIO : 0));
    free(bytes);
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

static void its_own_work_goes_on(void **state XB_UNUSED)
{
    xb_auto_close int fd = memfd_create("work", MFD_CLOEXEC);
    int signal = 0;
    for (enum xb_sandbox_profile p = XB_SANDBOX_READER; p <= XB_SANDBOX_SESSION; p++)
        assert_int_equal(outcome(p, work, fd, &signal), ESCAPED);
}

/* Make a file in dir; out gets its path. */
static void make_file(const char *dir, const char *name, char out[96])
{
    snprintf(out, 96, "%s/%s", dir, name);
    xb_auto_close int fd = open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "old\n", 4), 4);
}

/* A program that a guest's disk has compromised can write only that disk. */
static void a_program_reaches_its_disk_alone(void **state XB_UNUSED)
{
    static const char script[] =
        "echo new >\"$1\" || exit 1; (echo x >\"$2\") 2>/dev/null && exit 2\n"
        "(cat \"$2\") 2>/dev/null && exit 3; kill -0 $PPID 2>/dev/null && exit 4\n"
        "grep -qE 'CapEff:.0+$' /proc/self/status || exit 5\n"
        "grep -qE 'NoNewPrivs:.1$' /proc/self/status || exit 6; (echo x >\"$2.new\") 2>/dev/null && exit 7\n"
        "cat /proc/self/fd/$3 || exit 8; exit 0";
    char dir[] = "/tmp/xenbench-sandbox.XXXXXX", disk[96], other[96], number[12];
    char said[XB_TOOL_SAID_BYTES], *out = NULL;
    struct xb_err err = {0};
    struct xb_sandbox_support support;
    assert_non_null(mkdtemp(dir));
    make_file(dir, "disk", disk);
    make_file(dir, "other", other);
    xb_auto_close int text = memfd_create("text", MFD_CLOEXEC);
    assert_int_equal(write(text, "handed", 6), 6);
    snprintf(number, sizeof(number), "%d", text);
    const int fds[] = {text, -1};
    const struct xb_tool_reach reach = {.disk = disk, .fds = fds};
    const char *const argv[] = {"sh", "-c", script, "sh", disk, other, number, NULL};
    int status = xb_tool_status_within(&reach, argv, &out, said, &err);
    print_message("# status %d %s %s\n", status, said, err.msg);
    xb_sandbox_look(&support);
    if (support.landlock > 0) {
        assert_int_equal(status, 0);
        assert_string_equal(out, "handed");
    }
    free(out);
    const char *const none[] = {"xenbench-no-such-program", NULL};
    assert_int_equal(xb_tool_status_within(&reach, none, NULL, said, &err), -1);
    assert_non_null(strstr(err.msg, "is missing"));
    unlink(disk);
    unlink(other);
    rmdir(dir);
}

/*
 * In a confined program: tries what needs no capability where the other process has the same user.
 * Returns the number of the first attempt that was not refused; 0: none.
 */
static int reach_others(pid_t other)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    struct sched_param param = {0};
    struct rlimit limit;
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    const bool reached[] = {
        syscall(SYS_tgkill, other, other, 0) == 0,
        syscall(SYS_rt_sigqueueinfo, other, SIGCONT, &info) == 0,
        prlimit(other, RLIMIT_CORE, NULL, &limit) == 0,
        setpriority(PRIO_PROCESS, (id_t)other, getpriority(PRIO_PROCESS, (id_t)other)) == 0,
        sched_setaffinity(other, sizeof(cpus), &cpus) == 0,
        sched_setscheduler(other, SCHED_OTHER, &param) == 0,
    };
    for (int i = 0; i < (int)XB_ARRAY_LEN(reached); i++)
        if (reached[i])
            return i + 1;
    return 0;
}

/* The program is this test, called again. */
static void a_program_reaches_no_process(void **state XB_UNUSED)
{
    char self[PATH_MAX] = "", other[12], said[XB_TOOL_SAID_BYTES];
    struct xb_err err = {0};
    const int none[] = {-1};
    const struct xb_tool_reach reach = {.disk = "/dev/null", .fds = none};
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    snprintf(other, sizeof(other), "%d", (int)getpid());
    char *name = strrchr(self, '/');
    *name++ = '\0';
    setenv("PATH", self, 1);
    const char *const argv[] = {name, other, NULL};
    int status = xb_tool_status_within(&reach, argv, NULL, said, &err);
    if (status != 0)
        fail_msg("status %d: %s %s", status, said, err.msg);
}

static void what_the_host_offers(void **state XB_UNUSED)
{
    struct xb_sandbox_support support;
    char words[XB_SANDBOX_WORDS_BYTES];
    xb_sandbox_look(&support);
    assert_int_equal(support.seccomp.class, XB_E_NONE);
    xb_sandbox_words(words);
    assert_int_equal(strncmp(words, "seccomp", 7), 0);
    assert_int_equal(strstr(words, "landlock") != NULL, support.landlock > 0);
}

static int is_it_locked(int fd XB_UNUSED)
{
    return open_a_file(-1);
}

static void debugging_turns_it_off(void **state XB_UNUSED)
{
    char words[XB_SANDBOX_WORDS_BYTES];
    int signal = 0;
    setenv(XB_NO_SANDBOX_ENV, "1", 1);
    xb_sandbox_words(words);
    int status = outcome(XB_SANDBOX_SESSION, is_it_locked, STDERR_FILENO, &signal);
    unsetenv(XB_NO_SANDBOX_ENV);
    assert_string_equal(words, "off");
    assert_int_equal(status, ESCAPED);
}

int main(int argc, char **argv)
{
    if (argc == 2) /* a_program_reaches_no_process */
        _exit(reach_others((pid_t)strtol(argv[1], NULL, 10)));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_out_is_shut),
        cmocka_unit_test(what_proc_says_of_it),
        cmocka_unit_test(others_descriptors_are_closed),
        cmocka_unit_test(its_own_work_goes_on),
        cmocka_unit_test(a_program_reaches_its_disk_alone),
        cmocka_unit_test(a_program_reaches_no_process),
        cmocka_unit_test(what_the_host_offers),
        cmocka_unit_test(debugging_turns_it_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
