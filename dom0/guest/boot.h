/*
 * How a guest gets from nothing to its kernel: the kinds of domain that this host can run, and what
 * Xen or the device model loads first.
 */
#ifndef XB_BOOT_H
#define XB_BOOT_H

#include "disk.h"
#include "domain.h"
#include "image.h"
#include "xen.h"

#include <limits.h>

/* What this host can run. */
struct xb_boot_host {
    bool pv;
    bool pvh;
    bool hvm;                 /* Xen can; a device model is needed as well */
    const char *device_model; /* path of the QEMU that libxl starts for HVM guests; NULL: none */
    const char *grub_pv;      /* path of GRUB for PV guests; NULL: not installed */
    const char *grub_pvh;     /* the same for PVH guests */
};

/* Ask Xen, and look for the programs. */
int xb_boot_host(struct xb_xen *xen, struct xb_boot_host *out, struct xb_err *err);

/* What is loaded, for the xl.cfg. */
struct xb_boot {
    enum xb_guest_type type; /* never the default */
    bool by_grub;            /* the guest's kernel comes from its disk, and kernel here is GRUB */
    char kernel[PATH_MAX];   /* "": an HVM guest's GRUB comes from its disk as well */
    char ramdisk[PATH_MAX];  /* "": none */
};

/*
 * Choose what a guest is made of and how it boots, by what was asked for, what its image has and
 * what the host can. XB_E_INPUT where that does not go together, with what would.
 */
int xb_boot_plan(const struct xb_boot_host *host, const struct xb_guest_spec *spec,
                 const struct xb_image *image, struct xb_boot *out, struct xb_err *err);

/*
 * The words that a user adds to the kernel's command line, for a disk that GRUB boots from: they
 * are read by the grub.cfg there. The disk must be settled; dir is the guest's directory.
 * XB_E_INPUT for words that GRUB would not pass on as they are.
 */
int xb_boot_grub_words(const struct xb_disk *disk, const char *dir, const char *words,
                       struct xb_err *err);
int xb_boot_check_grub_words(const char *words, struct xb_err *err);

#endif
