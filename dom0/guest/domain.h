/*
 * The life of guests that xenbench made: their definitions below state_dir/guests/NAME/ and the
 * domains that run from them. Where several guests are named, the work on them goes on at the same
 * time.
 */
#ifndef XB_DOMAIN_H
#define XB_DOMAIN_H

#include "app.h"
#include "disk.h"
#include "guest.h"
#include "sched_words.h"
#include "work.h"
#include "xen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xb_guest_boot {
    XB_GUEST_BOOT_DEFAULT = 0, /* GRUB for an HVM guest whose disk has it, else direct */
    XB_GUEST_BOOT_DIRECT,      /* Dom0 gives kernel and ramdisk */
    XB_GUEST_BOOT_GRUB,        /* GRUB takes both from the guest's disk */
};

/* What a guest is made from; what is 0 or NULL has a default. */
struct xb_guest_spec {
    const char *name;  /* letters, digits, . _ - ; at most XB_GUEST_OWN_NAME_MAX, not all digits */
    const char *image; /* below state_dir/images or images-ro */
    enum xb_guest_type type;
    uint64_t memory_bytes; /* 256 MiB, or more where the image needs more */
    uint32_t vcpus;        /* 1 */
    uint32_t max_vcpus;    /* vcpus */
    uint64_t disk_bytes;   /* the image's size; what is more the guest's filesystem gets */
    struct xb_storage_choice storage; /* as configured, else a file */
    enum xb_guest_boot boot;
    const char *kernel;  /* another kernel than the image's */
    const char *ramdisk; /* another initramfs than the image's */
    const char *cmdline; /* appended to the image's kernel command line */
    const char *run; /* made by this run, so `xenbench clean` removes it; NULL: made by a person */
};

/*
 * Write the definition and copy the disk (sparse, by reference where the filesystem can); nothing
 * is started.
 */
int xb_guest_create(struct xb_app *app, const struct xb_guest_spec *spec, struct xb_work *work,
                    struct xb_err *err);

/* Is there a definition of that name? */
bool xb_guest_exists(struct xb_app *app, const char *name);

/* What happened to one guest of several. */
struct xb_guest_started {
    uint32_t domid;      /* 0: it failed, and err says how */
    uint64_t created_ns; /* monotonic clock: the toolstack was done and the guest began to run */
    uint64_t agent_ns;   /* monotonic clock: its agent had published itself; 0: not waited for */
    struct xb_err err;
};

/*
 * Start guests, each built by a process of its own, which stays as its monitor (console, on_reboot
 * and the like) and outlives us. Dom0's memory is freed first as xl would. With wait_agent_ns not 0
 * this returns when all agents have published themselves, or that time after the start. results,
 * when not NULL, has count entries. Guests that did start stay when others fail: -1, err is that of
 * the first that failed. Those that run already are passed over.
 */
int xb_guest_start_all(struct xb_app *app, const char *const *names, size_t count,
                       uint64_t wait_agent_ns, struct xb_guest_started *results,
                       struct xb_err *err);

/*
 * Ask guests to shut down and wait until their domains are gone. XB_E_BENCH naming those that are
 * still there at timeout_ns; they are left running. Guests that do not run are passed over. Works
 * for guests of xl too.
 */
int xb_guest_stop_all(struct xb_app *app, const char *const *names, size_t count,
                      uint64_t timeout_ns, struct xb_err *err);

/* When a guest that was asked to stop did so, on the monotonic clock; 0: not yet. */
struct xb_guest_stopped {
    uint64_t down_ns; /* its kernel had shut down */
    uint64_t gone_ns; /* its domain was no more */
};

/* The same, telling of each guest when it happened. */
int xb_guest_stop_timed(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_guest_stopped *stopped, struct xb_err *err);

/* Destroy a guest's domain at once. 0 where it does not run. */
int xb_guest_destroy(struct xb_app *app, const char *name, struct xb_err *err);

/*
 * Remove the definition and the disk of a guest that does not run (XB_E_INPUT where it does, or is
 * being started).
 */
int xb_guest_remove(struct xb_app *app, const char *name, struct xb_err *err);

/*
 * Remove several, snapshots before what they are snapshots of. All that can be removed is; err
 * tells the first that cannot.
 */
int xb_guest_remove_all(struct xb_app *app, const char *const *names, size_t count,
                        struct xb_err *err);

/*
 * Wait until all agents have published themselves, or XB_E_BENCH naming the guest at deadline_ns
 * (monotonic).
 */
int xb_guest_wait_agents(struct xb_app *app, const char *const *names, size_t count,
                         uint64_t deadline_ns, struct xb_err *err);

struct xb_guest_info {
    struct xb_guest guest;
    bool defined;   /* by xenbench, below state_dir; false: a domain of someone else's */
    char image[64]; /* "" where not defined */
    char run[64];   /* made by this run; "" otherwise */
    char type[XB_DOMAIN_TYPE_BYTES]; /* pv, pvh, hvm */
    const char *state; /* stopped, running, blocked, paused, suspended, shutdown, crashed, dying */
    uint32_t vcpus;    /* online, or what it starts with */
    uint64_t memory_bytes;
    bool agent; /* it has published itself */
};
/* Every defined guest and every running DomU, by name; *out is to free. */
int xb_guest_list(struct xb_app *app, struct xb_guest_info **out, size_t *out_count,
                  struct xb_err *err);

#endif
