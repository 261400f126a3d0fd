/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host steal in the lab: how much of each CPU the machine beneath gives and takes. The lab answers
 * on a virtio serial port; a real host has none.
 */
#ifndef XB_HOSTSTEAL_H
#define XB_HOSTSTEAL_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_HOSTSTEAL_PORT "/dev/virtio-ports/org.xenbench.host"
#define XB_HOSTSTEAL_CPUS_MAX 64

struct xb_hoststeal_cpu {
    uint32_t cpu;
    uint64_t run_ns;
    uint64_t delay_ns; /* ready to run, but not running */
};

struct xb_hoststeal {
    size_t count;                                        /* CPUs that Xen sees; 0: unknown */
    uint32_t host_cpus;                                  /* cores of the machine beneath */
    uint64_t time_ns;                                    /* by the clock of the machine beneath */
    struct xb_hoststeal_cpu cpus[XB_HOSTSTEAL_CPUS_MAX]; /* by number */
};

/* Open the port (NULL: the lab's) without blocking; -1 if there is none, which is no error. */
int xb_hoststeal_open(const char *port);

/*
 * Ask, and wait up to a second. XB_E_HOST if the answer is missing or unreadable (out->count is 0
 * then). fd may be -1: count 0, no error.
 */
int xb_hoststeal_read(int fd, struct xb_hoststeal *out, struct xb_err *err);

/* The difference of two readings, in out; out->count 0 if their CPUs differ. */
void xb_hoststeal_between(const struct xb_hoststeal *from, const struct xb_hoststeal *to,
                          struct xb_hoststeal *out);

#endif
