/* SPDX-License-Identifier: GPL-3.0-or-later */
// Shared by labd's files. labd.c describes labd.

#ifndef LABD_H
#define LABD_H

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum {
    REQUEST_BYTES_MAX = 80,
    EXIT_USAGE = 2,
    EXIT_HOST = 3,
};

// The sources of events. A source that is absent has descriptor -1, which poll() skips.
enum source { SIGNALS, OWNER, HOURS, READY, HOST, CONSOLE, LISTENER, VIEWER, SOURCES };

struct labd {
    struct pollfd fds[SOURCES];
    pid_t qemu; // 0: it has ended
    int log;
    size_t log_bytes;
    char request[REQUEST_BYTES_MAX]; // the incomplete line that Dom0 has written
    size_t request_bytes;
    const char *ending; // why the lab ends; NULL while it runs
    char ending_text[64];
};

// Print what failed (if status is EXIT_HOST, with errno's reason), and exit with status.
void __attribute__((noreturn, format(printf, 2, 3))) die(int status, const char *format, ...);

// steal.c: reports what the host took from the lab's CPUs, also to Dom0 on request.
// Write a line of JSON about the QEMU with this process id. id is the request's; it may be empty.
void print_steal(FILE *out, pid_t qemu, const char *id);
void read_host_channel(struct labd *lab);

// console.c: the console's log, and one viewer at a time.
void open_log(struct labd *lab);
int listen_at(const char *path);
void read_console(struct labd *lab);
void accept_viewer(struct labd *lab);
void read_viewer(struct labd *lab);

// qemu.c: starting and ending QEMU.
// Start QEMU with the far ends of HOST and CONSOLE, and write its process id to the file qemu.pid.
void start_qemu(struct labd *lab, char **argv);
// End QEMU with SIGTERM, then SIGKILL. Returns when QEMU is gone.
void end_qemu(struct labd *lab);
// After SIGCHLD: if QEMU has ended, so does the lab.
void check_qemu(struct labd *lab);
// Write a process id to a file, or end labd.
void write_pid(const char *path, pid_t pid);

#endif
