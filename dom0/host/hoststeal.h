/*
 * What the machine beneath the lab gives to and takes from each CPU that Xen sees. The lab answers
 * on a virtio serial
 * port; on a real host there is none, and nothing to tell.
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
    size_t count;                                        /* of CPUs that Xen sees; 0: not told */
    uint32_t host_cpus;                                  /* what the machine beneath has for them */
    uint64_t time_ns;                                    /* the machine's own clock */
    struct xb_hoststeal_cpu cpus[XB_HOSTSTEAL_CPUS_MAX]; /* by number */
};

/* Open the port (NULL: the lab's) without blocking; -1 where there is none, which is no error. */
int xb_hoststeal_open(const char *port);

/*
 * Ask and wait at most a second. XB_E_HOST where no answer comes or it cannot be understood;
 * out->count is 0 then. fd -1 is
 * allowed: nothing is told.
 */
int xb_hoststeal_read(int fd, struct xb_hoststeal *out, struct xb_err *err);

/*
 * From one reading to a later one of the same CPUs, into out; out->count 0 where they do not fit
 * together.
 */
void xb_hoststeal_between(const struct xb_hoststeal *from, const struct xb_hoststeal *to,
                          struct xb_hoststeal *out);

/* Read one answer, a line of JSON. */
int xb_hoststeal_parse(const char *line, size_t bytes, struct xb_hoststeal *out,
                       struct xb_err *err);

#endif
