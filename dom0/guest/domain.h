/*
 * The life of xenbench's guests: definitions in state_dir/guests/NAME/ and their domains. Several
 * guests are worked on in parallel.
 */
#ifndef XB_DOMAIN_H
#define XB_DOMAIN_H

#include "app.h"
#include "disk.h"
#include "guest.h"
#include "sched_words.h"
#include "work.h"
#include "xen_domains.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xb_guest_boot {
    XB_GUEST_BOOT_DEFAULT = 0, /* for HVM: GRUB if the disk has it, else direct */
    XB_GUEST_BOOT_DIRECT,      /* Dom0 supplies kernel and ramdisk */
    XB_GUEST_BOOT_GRUB,        /* GRUB loads both from the guest's disk */
};

/* How to make a guest; 0 and NULL mean the default. */
struct xb_guest_spec {
    const char *name;  /* letters, digits, . _ - ; at most XB_GUEST_OWN_NAME_MAX, not all digits */
    const char *image; /* below state_dir/images or images-ro */
    enum xb_guest_type type;
    uint64_t memory_bytes;            /* 256 MiB, or more where the image needs more */
    uint32_t vcpus;                   /* 1 */
    uint32_t max_vcpus;               /* vcpus */
    uint64_t disk_bytes;              /* the image's size; the filesystem grows to what is more */
    struct xb_storage_choice storage; /* as configured, else a file */
    enum xb_guest_boot boot;
    const char *kernel;  /* another kernel than the image's */
    const char *ramdisk; /* another initramfs than the image's */
    const char *cmdline; /* appended to the image's kernel command line */
    const char *run;     /* made by this run, for `xenbench clean`; NULL: made by a person */
};

/* Write the definition and copy the disk (sparse, by reference where possible); starts nothing. */
int xb_guest_create(struct xb_app *app, const struct xb_guest_spec *spec, struct xb_work *work,
                    struct xb_err *err);

/* Does a definition of that name exist? */
bool xb_guest_exists(struct xb_app *app, const char *name);

/* The outcome for one guest of several. */
struct xb_guest_started {
    uint32_t domid;      /* 0: failed, and err says how */
    uint64_t created_ns; /* monotonic clock: the toolstack was done and the guest began to run */
    uint64_t agent_ns;   /* monotonic clock: its agent had published itself; 0: not waited for */
    struct xb_err err;
};

/*
 * Start guests, each in a process that stays as its monitor. Frees Dom0's memory first as xl would.
 * wait_agent_ns (0: none) also waits for the agents. results (may be NULL) has count entries.
 * Running guests are skipped; started ones stay if others fail (-1, the first failure in err).
 */
int xb_guest_start_all(struct xb_app *app, const char *const *names, size_t count,
                       uint64_t wait_agent_ns, struct xb_guest_started *results,
                       struct xb_err *err);

/*
 * Ask guests (also xl's) to shut down and wait until their domains are gone; stopped ones are
 * skipped. XB_E_BENCH at timeout_ns names those that still run, and leaves them running.
 */
int xb_guest_stop_all(struct xb_app *app, const char *const *names, size_t count,
                      uint64_t timeout_ns, struct xb_err *err);

/* When a guest stopped, on the monotonic clock; 0: not yet. */
struct xb_guest_stopped {
    uint64_t down_ns; /* its kernel had shut down */
    uint64_t gone_ns; /* its domain was no more */
};

/* The same, with each guest's time. */
int xb_guest_stop_timed(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_guest_stopped *stopped, struct xb_err *err);

/* Destroy a guest's domain at once. 0 if it does not run. */
int xb_guest_destroy(struct xb_app *app, const char *name, struct xb_err *err);

/* Remove definition and disk of a stopped guest (XB_E_INPUT if it runs or is being started). */
int xb_guest_remove(struct xb_app *app, const char *name, struct xb_err *err);

/* Remove several, snapshots before their origins, as far as possible; err has the first failure. */
int xb_guest_remove_all(struct xb_app *app, const char *const *names, size_t count,
                        struct xb_err *err);

/*
 * Wait until all agents have published themselves. XB_E_BENCH at deadline_ns (monotonic) names the
 * guest.
 */
int xb_guest_wait_agents(struct xb_app *app, const char *const *names, size_t count,
                         uint64_t deadline_ns, struct xb_err *err);

struct xb_guest_info {
    struct xb_guest guest;
    bool defined;   /* made by xenbench, in state_dir; false: somebody else's domain */
    char image[64]; /* "" where not defined */
    char run[64];   /* the run that made it; "": none */
    char type[XB_DOMAIN_TYPE_BYTES]; /* pv, pvh, hvm */
    const char *state; /* stopped, running, blocked, paused, suspended, shutdown, crashed, dying */
    uint32_t vcpus;    /* online, or at the start */
    uint64_t memory_bytes;
    bool agent; /* it has published itself */
};
/* Every defined guest and every running DomU, by name; *out is to free. */
int xb_guest_list(struct xb_app *app, struct xb_guest_info **out, size_t *out_count,
                  struct xb_err *err);

#endif
