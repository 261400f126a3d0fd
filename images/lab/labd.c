// labd: the parent of one lab's QEMU.
//
//   labd [--owner PID] [--max-hours N] [--until-ready FD] -- QEMU ARGUMENTS...
//   labd --steal PID
//
// It runs in the lab's directory and sees to it that QEMU ends: with labd itself, with the owner, after the longest time
// allowed, or when FD is closed before a byte came over it (the start-up was given up). It keeps the console's output in
// console.log, lets one viewer at a time in at console.sock, and tells Dom0, when Dom0 asks, what the host took from each
// of the lab's CPUs. QEMU finds the far end of the channel to Dom0 as descriptor 3 and of the console as descriptor 4.
// Between events labd sleeps in one poll().

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HOST_FD = 3,               // what QEMU's command line calls them
    CONSOLE_FD = 4,
    CPUS_MAX = 64,
    LOG_BYTES_MAX = 4 << 20,   // of each of console.log and console.log.1
    REQUEST_BYTES_MAX = 80,
    GRACE_SECONDS = 3,         // between SIGTERM and SIGKILL
    EXIT_USAGE = 2,
    EXIT_HOST = 3,
};

// What poll() waits for. A source that is not there has descriptor -1, which poll() skips.
enum source { SIGNALS, OWNER, HOURS, READY, HOST, CONSOLE, LISTENER, VIEWER, SOURCES };

struct labd {
    struct pollfd fds[SOURCES];
    pid_t qemu;
    int log;
    size_t log_bytes;
    char request[REQUEST_BYTES_MAX];   // the line that Dom0 is in the middle of writing
    size_t request_bytes;
    const char *ending;                // why the lab ends; NULL as long as it does not
    char ending_text[64];
};

struct options {
    pid_t owner;                       // 0: nobody
    double max_hours;                  // 0: no limit
    int ready;                         // -1: ready from the start
    char **qemu_argv;
};

static void __attribute__((noreturn, format(printf, 2, 3))) die(int status, const char *format, ...)
{
    int cause = errno;
    va_list args;

    fputs("labd: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, status == EXIT_HOST ? ": %s\n" : "\n", strerror(cause));
    exit(status);
}

// ---- what the host took -------------------------------------------------------------------------------------------

// The number in a vcpu thread's name as QEMU gives it ("CPU 2/TCG"), or -1 for any other thread.
static int vcpu_of_thread(pid_t qemu, const char *tid)
{
    char path[96], name[32] = "";
    int cpu = -1;

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/comm", qemu, tid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return -1;
    }
    if (fgets(name, sizeof(name), file) && sscanf(name, "CPU %d/", &cpu) != 1) {
        cpu = -1;
    }
    fclose(file);
    return cpu < CPUS_MAX ? cpu : -1;
}

static bool read_schedstat(pid_t qemu, const char *tid, uint64_t *run_ns, uint64_t *delay_ns)
{
    char path[96];

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", qemu, tid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    int n = fscanf(file, "%" SCNu64 " %" SCNu64, run_ns, delay_ns);
    fclose(file);
    return n == 2;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Writes the answer to one "steal" as a line of JSON. ID is the asker's own word, or empty.
static void print_steal(FILE *out, pid_t qemu, const char *id)
{
    char path[64];
    const char *separator = "";

    fputs("{", out);
    if (*id) {
        fprintf(out, "\"id\":\"%s\",", id);
    }
    fputs("\"cpus\":[", out);
    snprintf(path, sizeof(path), "/proc/%d/task", qemu);
    DIR *tasks = opendir(path);
    for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
        uint64_t run_ns, delay_ns;
        int cpu = isdigit((unsigned char)entry->d_name[0]) ? vcpu_of_thread(qemu, entry->d_name) : -1;

        if (cpu >= 0 && read_schedstat(qemu, entry->d_name, &run_ns, &delay_ns)) {
            fprintf(out, "%s{\"cpu\":%d,\"run_ns\":%" PRIu64 ",\"delay_ns\":%" PRIu64 "}", separator, cpu, run_ns, delay_ns);
            separator = ",";
        }
    }
    if (tasks) {
        closedir(tasks);
    }
    fprintf(out, "],\"host_cpus\":%ld,\"time_ns\":%" PRIu64 "}\n", sysconf(_SC_NPROCESSORS_ONLN), monotonic_ns());
}

static void answer_steal(struct labd *lab, const char *id)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (!out) {
        return;
    }
    print_steal(out, lab->qemu, id);
    fclose(out);
    // A Dom0 that does not read must not stop labd: what does not fit is lost, and Dom0 asks again.
    (void)!send(lab->fds[HOST].fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    free(text);
}

// Dom0's word is not trusted: a request is "steal" or "steal ID", ID being a short plain word.
static void serve_request(struct labd *lab, char *line)
{
    if (strncmp(line, "steal", 5) != 0 || (line[5] != '\0' && line[5] != ' ')) {
        return;
    }
    char *id = line[5] ? line + 6 : line + 5;
    if (strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(id)) {
        answer_steal(lab, id);
    }
}

static void read_host_channel(struct labd *lab)
{
    char bytes[512];
    ssize_t n = read(lab->fds[HOST].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        lab->fds[HOST].fd = -1;        // QEMU is on its way out; SIGCHLD says the rest
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            bool fits = lab->request_bytes < sizeof(lab->request);
            if (fits) {
                lab->request[lab->request_bytes] = '\0';
                serve_request(lab, lab->request);
            }
            lab->request_bytes = 0;
        } else if (lab->request_bytes < sizeof(lab->request)) {
            lab->request[lab->request_bytes++] = bytes[i];   // a line that fills the buffer is dropped at its end
        }
    }
}

// ---- the console --------------------------------------------------------------------------------------------------

static void open_log(struct labd *lab)
{
    if (lab->log >= 0) {
        close(lab->log);
        rename("console.log", "console.log.1");
    }
    lab->log = open("console.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    lab->log_bytes = 0;
}

static void drop_viewer(struct labd *lab)
{
    close(lab->fds[VIEWER].fd);
    lab->fds[VIEWER].fd = -1;
}

static void read_console(struct labd *lab)
{
    char bytes[4096];
    ssize_t n = read(lab->fds[CONSOLE].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        lab->fds[CONSOLE].fd = -1;
        return;
    }
    if (lab->log_bytes + (size_t)n > LOG_BYTES_MAX) {
        open_log(lab);
    }
    if (lab->log >= 0 && write(lab->log, bytes, (size_t)n) == n) {
        lab->log_bytes += (size_t)n;
    }
    if (lab->fds[VIEWER].fd >= 0) {    // a slow viewer misses some; the log does not
        (void)!send(lab->fds[VIEWER].fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static void accept_viewer(struct labd *lab)
{
    int fd = accept4(lab->fds[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        return;
    }
    if (lab->fds[VIEWER].fd >= 0) {
        drop_viewer(lab);              // the newest viewer wins: an old one may be a terminal long forgotten
    }
    lab->fds[VIEWER].fd = fd;
}

static void read_viewer(struct labd *lab)
{
    char bytes[512];
    ssize_t n = read(lab->fds[VIEWER].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        drop_viewer(lab);
    } else {
        (void)!send(lab->fds[CONSOLE].fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1) != 0) {
        die(EXIT_HOST, "listen at %s", path);
    }
    return fd;
}

// ---- QEMU's life --------------------------------------------------------------------------------------------------

static void __attribute__((noreturn)) become_qemu(pid_t parent, int host, int console, char **argv)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // The signal is bound to labd's only thread. The check closes the gap before it was asked for.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(EXIT_HOST);
    }
    // Through numbers that cannot be 3 or 4, so that neither dup2() closes what the other needs.
    int high_host = fcntl(host, F_DUPFD_CLOEXEC, 10);
    int high_console = fcntl(console, F_DUPFD_CLOEXEC, 10);
    if (high_host < 0 || high_console < 0 || dup2(high_host, HOST_FD) < 0 || dup2(high_console, CONSOLE_FD) < 0 ||
        close_range(CONSOLE_FD + 1, UINT_MAX, 0) != 0) {
        die(EXIT_HOST, "pass descriptors to QEMU");
    }
    execvp(argv[0], argv);
    die(EXIT_HOST, "run %s (is qemu-system-x86 installed?)", argv[0]);
}

static void write_pid(const char *path, pid_t pid)
{
    FILE *file = fopen(path, "we");

    if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file) != 0) {
        die(EXIT_HOST, "write %s", path);
    }
}

static void start_qemu(struct labd *lab, char **argv)
{
    int host[2], console[2];
    pid_t self = getpid();

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, console) != 0) {
        die(EXIT_HOST, "make the channels to QEMU");
    }
    lab->qemu = fork();
    if (lab->qemu < 0) {
        die(EXIT_HOST, "start QEMU");
    }
    if (lab->qemu == 0) {
        become_qemu(self, host[1], console[1], argv);
    }
    close(host[1]);
    close(console[1]);
    lab->fds[HOST].fd = host[0];
    lab->fds[CONSOLE].fd = console[0];
    write_pid("qemu.pid", lab->qemu);
}

// Asks QEMU to end, then insists. Returns when it is gone.
static void end_qemu(struct labd *lab)
{
    sigset_t child;
    const struct timespec grace = { .tv_sec = GRACE_SECONDS };

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    kill(lab->qemu, SIGTERM);
    if (waitpid(lab->qemu, NULL, WNOHANG) == 0 && sigtimedwait(&child, NULL, &grace) < 0) {
        kill(lab->qemu, SIGKILL);
    }
    waitpid(lab->qemu, NULL, 0);       // ECHILD where the first waitpid() had it
}

static void read_signal(struct labd *lab)
{
    struct signalfd_siginfo info;
    int status;

    if (read(lab->fds[SIGNALS].fd, &info, sizeof(info)) != sizeof(info)) {
        return;
    }
    if (info.ssi_signo != SIGCHLD) {
        lab->ending = "told to end";
    } else if (waitpid(lab->qemu, &status, WNOHANG) == lab->qemu) {
        snprintf(lab->ending_text, sizeof(lab->ending_text), "QEMU ended by itself (%s %d)",
                 WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        lab->ending = lab->ending_text;
        lab->qemu = 0;
    }
}

static void read_ready(struct labd *lab)
{
    char byte;

    if (read(lab->fds[READY].fd, &byte, 1) == 1) {
        close(lab->fds[READY].fd);
        lab->fds[READY].fd = -1;
    } else {
        lab->ending = "the start-up was given up";
    }
}

// ---- set-up and loop ----------------------------------------------------------------------------------------------

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0) {
        die(EXIT_HOST, "receive signals");
    }
    return fd;
}

static int open_owner(pid_t owner)
{
    if (owner == 0) {
        return -1;
    }
    int fd = (int)syscall(SYS_pidfd_open, owner, 0);
    if (fd < 0) {
        die(EXIT_HOST, "watch the owner, process %d", owner);
    }
    return fd;
}

static int open_hours(double hours)
{
    if (hours <= 0) {
        return -1;
    }
    struct itimerspec when = { .it_value = { .tv_sec = (time_t)(hours * 3600) + 1 } };
    int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) != 0) {
        die(EXIT_HOST, "set the lab's longest time");
    }
    return fd;
}

static void handle(struct labd *lab, enum source source)
{
    switch (source) {
    case SIGNALS:
        read_signal(lab);
        break;
    case OWNER:
        lab->ending = "the owner ended";
        break;
    case HOURS:
        lab->ending = "the longest time is over";
        break;
    case READY:
        read_ready(lab);
        break;
    case HOST:
        read_host_channel(lab);
        break;
    case CONSOLE:
        read_console(lab);
        break;
    case LISTENER:
        accept_viewer(lab);
        break;
    case VIEWER:
        read_viewer(lab);
        break;
    case SOURCES:
        break;
    }
}

static void run(struct labd *lab)
{
    while (!lab->ending) {
        if (poll(lab->fds, SOURCES, -1) < 0 && errno != EINTR) {
            die(EXIT_HOST, "wait for events");
        }
        // One event at a time, console last words before the news of QEMU's end: hence from the last to the first.
        for (int i = SOURCES - 1; i >= 0; i--) {
            if (lab->fds[i].fd >= 0 && lab->fds[i].revents) {
                handle(lab, (enum source)i);
            }
        }
    }
}

static pid_t parse_pid(const char *text, const char *what)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end || value <= 0 || value > INT_MAX) {
        die(EXIT_USAGE, "%s takes a process id, not '%s'", what, text);
    }
    return (pid_t)value;
}

static void parse_options(struct options *options, int argc, char **argv)
{
    static const struct option table[] = {
        { "owner", required_argument, NULL, 'o' },       { "max-hours", required_argument, NULL, 'm' },
        { "until-ready", required_argument, NULL, 'r' }, { "steal", required_argument, NULL, 's' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "+", table, NULL)) != -1) {
        switch (c) {
        case 'o':
            options->owner = parse_pid(optarg, "--owner");
            break;
        case 'm':
            options->max_hours = strtod(optarg, NULL);
            break;
        case 'r':
            options->ready = atoi(optarg);
            break;
        case 's':
            print_steal(stdout, parse_pid(optarg, "--steal"), "");
            exit(EXIT_SUCCESS);
        default:
            exit(EXIT_USAGE);
        }
    }
    options->qemu_argv = argv + optind;
    if (!*options->qemu_argv) {
        die(EXIT_USAGE, "no QEMU command given");
    }
}

int main(int argc, char **argv)
{
    struct options options = { .ready = -1 };
    struct labd lab = { .log = -1 };

    parse_options(&options, argc, argv);
    for (int i = 0; i < SOURCES; i++) {
        lab.fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    }
    lab.fds[SIGNALS].fd = open_signals();
    lab.fds[OWNER].fd = open_owner(options.owner);
    lab.fds[HOURS].fd = open_hours(options.max_hours);
    lab.fds[READY].fd = options.ready;
    lab.fds[LISTENER].fd = listen_at("console.sock");
    open_log(&lab);
    write_pid("labd.pid", getpid());
    start_qemu(&lab, options.qemu_argv);

    run(&lab);

    fprintf(stderr, "labd: %s\n", lab.ending);
    if (lab.qemu) {
        end_qemu(&lab);
    }
    unlink("console.sock");
    unlink("qmp.sock");
    unlink("qemu.pid");
    unlink("labd.pid");
    return EXIT_SUCCESS;
}
