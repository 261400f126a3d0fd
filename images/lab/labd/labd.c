/* SPDX-License-Identifier: GPL-3.0-or-later */
// labd: the parent of one lab's QEMU.
//
//   labd [--owner PID] [--max-hours N] [--until-ready FD] -- QEMU ARGUMENTS...
//   labd --steal PID
//
// It runs in the lab's directory and makes sure that QEMU ends: with labd itself, with the owner,
// after the longest time allowed, or when FD is closed before a byte has come over it (the start-up
// was given up). It logs the console's output in console.log, serves one viewer at a time at
// console.sock, and tells Dom0 on request how much time the host took from each of the lab's CPUs.
// QEMU has the far end of the channel to Dom0 as descriptor 3, and of the console as descriptor 4.
// Between events labd sleeps in one poll().

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "labd.h"

struct options {
    pid_t owner;      // 0: nobody
    double max_hours; // 0: no limit
    int ready;        // -1: ready from the start
    char **qemu_argv;
};

void die(int status, const char *format, ...)
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

static void read_signal(struct labd *lab)
{
    struct signalfd_siginfo info;

    if (read(lab->fds[SIGNALS].fd, &info, sizeof(info)) != sizeof(info)) {
        return;
    }
    if (info.ssi_signo == SIGCHLD) {
        check_qemu(lab);
    } else {
        lab->ending = "told to end";
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

static int open_signals(void)
{
    static const int ending[] = {SIGTERM, SIGINT};
    struct sigaction now;
    sigset_t set;

    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    // A signal that was ignored when labd started stays ignored.
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
            sigaddset(&set, ending[i]);
        }
    }
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
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(hours * 3600) + 1}};
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
        // Backwards, to handle the console's last output before the signal of QEMU's end.
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
        {"owner", required_argument, NULL, 'o'},
        {"max-hours", required_argument, NULL, 'm'},
        {"until-ready", required_argument, NULL, 'r'},
        {"steal", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
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
            options->ready = (int)strtol(optarg, NULL, 10);
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
    struct options options = {.ready = -1};
    struct labd lab = {.log = -1};

    parse_options(&options, argc, argv);
    for (int i = 0; i < SOURCES; i++) {
        lab.fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
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
