/* SPDX-License-Identifier: GPL-3.0-or-later */
// steal.c: reports how much time the host took from each of the lab's CPUs, when Dom0 asks.

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "labd.h"

enum { CPUS_MAX = 64 };

// The number in QEMU's name for a vcpu thread ("CPU 2/TCG"); -1 for any other thread.
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

void print_steal(FILE *out, pid_t qemu, const char *id)
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
        const char *tid = entry->d_name;
        int cpu = isdigit((unsigned char)*tid) ? vcpu_of_thread(qemu, tid) : -1;

        if (cpu >= 0 && read_schedstat(qemu, tid, &run_ns, &delay_ns)) {
            fprintf(out, "%s{\"cpu\":%d,\"run_ns\":%" PRIu64 ",\"delay_ns\":%" PRIu64 "}",
                    separator, cpu, run_ns, delay_ns);
            separator = ",";
        }
    }
    if (tasks) {
        closedir(tasks);
    }
    fprintf(out, "],\"host_cpus\":%ld,\"time_ns\":%" PRIu64 "}\n", sysconf(_SC_NPROCESSORS_ONLN),
            monotonic_ns());
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
    // A Dom0 that does not read must not block labd: excess data is lost, and Dom0 asks again.
    (void)!send(lab->fds[HOST].fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    free(text);
}

// Dom0 is not trusted: a request is "steal" or "steal ID", and ID is a short plain word.
static void serve_request(struct labd *lab, char *line)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (strncmp(line, "steal", 5) != 0 || (line[5] != '\0' && line[5] != ' ')) {
        return;
    }
    char *id = line[5] ? line + 6 : line + 5;
    if (strspn(id, plain) == strlen(id)) {
        answer_steal(lab, id);
    }
}

void read_host_channel(struct labd *lab)
{
    char bytes[512];
    ssize_t n = read(lab->fds[HOST].fd, bytes, sizeof(bytes));

    if (n <= 0) {
        lab->fds[HOST].fd = -1; // QEMU is ending; SIGCHLD follows
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
            lab->request[lab->request_bytes++] = bytes[i]; // an overlong line is dropped
        }
    }
}
