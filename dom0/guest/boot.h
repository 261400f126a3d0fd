/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a guest starts: the domain types that this host supports, and what Xen or the device model
 * loads first.
 */
#ifndef XB_BOOT_H
#define XB_BOOT_H

#include "disk.h"
#include "guest_create.h"
#include "image.h"
#include "xen.h"

#include <limits.h>

/* What this host can run. */
struct xb_boot_host {
    bool pv;
    bool pvh;
    bool hvm;                 /* Xen supports HVM, which also needs a device model */
    const char *device_model; /* path of libxl's QEMU for HVM guests; NULL: none */
    const char *grub_pv;      /* path of GRUB for PV guests; NULL: not installed */
    const char *grub_pvh;     /* the same for PVH guests */
};

/* Ask Xen and look for the programs. */
int xb_boot_host(struct xb_xen *xen, struct xb_boot_host *out, struct xb_err *err);

/* What is loaded, as the xl.cfg names it. */
struct xb_boot {
    enum xb_guest_type type; /* never the default */
    bool by_grub;            /* kernel is GRUB; the guest's kernel is on its disk */
    char kernel[PATH_MAX];   /* "": an HVM guest's GRUB is on its disk as well */
    char ramdisk[PATH_MAX];  /* "": none */
};

/*
 * Choose a guest's type and boot method from the request, the image and the host. XB_E_INPUT, with
 * what would work, if they do not go together.
 */
int xb_boot_plan(const struct xb_boot_host *host, const struct xb_guest_spec *spec,
                 const struct xb_image *image, struct xb_boot *out, struct xb_err *err);

/*
 * Write the user's words for the kernel's command line onto a disk that GRUB boots, for its
 * grub.cfg. Settle the disk first; dir is the guest's directory. XB_E_INPUT for words that GRUB
 * would alter.
 */
int xb_boot_grub_words(const struct xb_disk *disk, const char *dir, const char *words,
                       struct xb_err *err);
int xb_boot_check_grub_words(const char *words, struct xb_err *err);

#endif
