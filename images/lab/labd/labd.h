// What the files of labd share. labd.c tells what labd is for.

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

// What poll() waits for. A source that is not there has descriptor -1, which poll() skips.
enum source { SIGNALS, OWNER, HOURS, READY, HOST, CONSOLE, LISTENER, VIEWER, SOURCES };

struct labd {
    struct pollfd fds[SOURCES];
    pid_t qemu; // 0: it has ended
    int log;
    size_t log_bytes;
    char request[REQUEST_BYTES_MAX]; // the line that Dom0 is in the middle of writing
    size_t request_bytes;
    const char *ending; // why the lab ends; NULL as long as it does not
    char ending_text[64];
};

// Says what could not be done, for EXIT_HOST also errno's reason, and ends labd with STATUS.
void __attribute__((noreturn, format(printf, 2, 3))) die(int status, const char *format, ...);

// steal.c: what the host took from the lab's CPUs, and Dom0 that asks for it.
// Writes a line of JSON about the QEMU with this process id. ID is the asker's own word, or empty.
void print_steal(FILE *out, pid_t qemu, const char *id);
void read_host_channel(struct labd *lab);

// console.c: the console's log, and one viewer at a time.
void open_log(struct labd *lab);
int listen_at(const char *path);
void read_console(struct labd *lab);
void accept_viewer(struct labd *lab);
void read_viewer(struct labd *lab);

// qemu.c: QEMU's life.
// Starts QEMU with the far ends of HOST and CONSOLE; writes its process id to the file qemu.pid.
void start_qemu(struct labd *lab, char **argv);
// Asks QEMU to end, then insists. Returns when it is gone.
void end_qemu(struct labd *lab);
// SIGCHLD was received: has QEMU ended? Then so does the lab.
void check_qemu(struct labd *lab);
// Writes a process id to a file, or ends labd.
void write_pid(const char *path, pid_t pid);

#endif
