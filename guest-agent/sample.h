/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters of the guest's kernel for the whole machine. */
#ifndef XA_SAMPLE_H
#define XA_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct xa_cpu_times {
    uint64_t steal_ns; /* vcpus were ready to run, but Xen ran others */
    uint64_t idle_ns;
};

/* Open /proc/stat for xa_cpu_times_read, close-on-exec; -1 without /proc. */
int xa_cpu_times_open(void);
/* Sums over all vcpus since boot, in steps of a 10 ms tick. Zeros if unreadable. */
struct xa_cpu_times xa_cpu_times_read(int stat_fd);

/* Processes killed by the kernel for lack of memory since boot (0 before Linux 4.13). */
uint64_t xa_oom_kills(void);

/* The current clocksource's name, or "" if unknown. Always terminated. */
void xa_clocksource(char *out, size_t bytes);

/*
 * Read a small text file's first line without its newline, cut to bytes - 1. Returns the length; 0
 * and "" if unreadable.
 */
size_t xa_read_line_file(const char *path, char *out, size_t bytes);

/* A number from a file of "NAME[:] VALUE" lines (meminfo, vmstat); 0 if it is missing. */
uint64_t xa_read_named_value(const char *path, const char *name);

#endif
