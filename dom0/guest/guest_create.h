/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making guests: a definition in state_dir/guests/NAME/, and a disk.
 */
#ifndef XB_GUEST_CREATE_H
#define XB_GUEST_CREATE_H

#include "app.h"
#include "disk.h"
#include "guest.h"
#include "sched_words.h"
#include "work.h"

#include <stdbool.h>
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
    uint64_t disk_bytes;              /* the image's size; the filesystem grows to a larger one */
    struct xb_storage_choice storage; /* as configured, else a file */
    enum xb_guest_boot boot;
    const char *kernel;  /* a kernel in place of the image's */
    const char *ramdisk; /* an initramfs in place of the image's */
    const char *cmdline; /* appended to the image's kernel command line */
    const char *run;     /* made by this run, for `xenbench clean`; NULL: made by a person */
};

/* Write the definition and copy the disk (sparse, by reference where possible); starts nothing. */
int xb_guest_create(struct xb_app *app, const struct xb_guest_spec *spec, struct xb_work *work,
                    struct xb_err *err);

/* Does a definition of that name exist? */
bool xb_guest_exists(struct xb_app *app, const char *name);

#endif
