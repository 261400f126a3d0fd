/* SPDX-License-Identifier: GPL-3.0-or-later */
// qemu.c: starts QEMU so that it cannot outlive labd, and ends it.

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "labd.h"

enum {
    HOST_FD = 3, // the numbers in QEMU's command line
    CONSOLE_FD = 4,
    GRACE_SECONDS = 3, // between SIGTERM and SIGKILL
};

static void __attribute__((noreturn)) become_qemu(pid_t parent, int host, int console, char **argv)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // The kernel sends the signal when labd's only thread ends. The check covers an end before
    // prctl.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(EXIT_HOST);
    }
    // Move both above 9 first, so that neither dup2() closes the other.
    int high_host = fcntl(host, F_DUPFD_CLOEXEC, 10);
    int high_console = fcntl(console, F_DUPFD_CLOEXEC, 10);
    if (high_host < 0 || high_console < 0 || dup2(high_host, HOST_FD) < 0 ||
        dup2(high_console, CONSOLE_FD) < 0 || close_range(CONSOLE_FD + 1, UINT_MAX, 0) != 0) {
        die(EXIT_HOST, "pass descriptors to QEMU");
    }
    execvp(argv[0], argv);
    die(EXIT_HOST, "run %s (is qemu-system-x86 installed?)", argv[0]);
}

void write_pid(const char *path, pid_t pid)
{
    FILE *file = fopen(path, "we");

    if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file) != 0) {
        die(EXIT_HOST, "write %s", path);
    }
}

void start_qemu(struct labd *lab, char **argv)
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

void end_qemu(struct labd *lab)
{
    sigset_t child;
    const struct timespec grace = {.tv_sec = GRACE_SECONDS};

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    kill(lab->qemu, SIGTERM);
    if (waitpid(lab->qemu, NULL, WNOHANG) == 0 && sigtimedwait(&child, NULL, &grace) < 0) {
        kill(lab->qemu, SIGKILL);
    }
    waitpid(lab->qemu, NULL, 0); // ECHILD if an earlier waitpid() had it
}

void check_qemu(struct labd *lab)
{
    int status;

    if (waitpid(lab->qemu, &status, WNOHANG) != lab->qemu) {
        return;
    }
    snprintf(lab->ending_text, sizeof(lab->ending_text), "QEMU ended by itself (%s %d)",
             WIFSIGNALED(status) ? "signal" : "status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    lab->ending = lab->ending_text;
    lab->qemu = 0;
}
