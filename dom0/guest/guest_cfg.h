/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The xl.cfg of xenbench's guests, which xl and xenbench start from.
 */
#ifndef XB_GUEST_CFG_H
#define XB_GUEST_CFG_H

#include "app.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL members are left out of the file. */
struct xb_guest_cfg {
    const char *name;
    const char *uuid;
    const char *made_from; /* for people: "the image debian" */
    const char *type;      /* pv, pvh or hvm */
    bool by_grub;          /* cmdline belongs to GRUB; an HVM guest boots from its disk */
    const char *kernel;
    const char *ramdisk;
    const char *cmdline;       /* the image's; the guest's host name and machine id are appended */
    const char *extra_cmdline; /* the user's, after all others */
    uint64_t memory_bytes;
    uint32_t vcpus;
    uint32_t max_vcpus;
    const char *disk;   /* path of a raw file or a device */
    const char *script; /* the disk's hotplug program; NULL: xl's own */
};

/* The path of our hotplug program for disks (dom0/block); false if it is not installed. */
bool xb_guest_block_program(const struct xb_app *app, char out[PATH_MAX]);

/* Write cfg to path, which must not exist. */
int xb_guest_cfg_write(const struct xb_guest_cfg *cfg, const char *path, struct xb_err *err);

/*
 * Does an xl.cfg name a file in that directory? 1, 0, or -1 if it cannot be read. Guests that older
 * versions made boot the kernel in their image's directory; those of a person's xl.cfg may, too.
 */
int xb_guest_cfg_names(const char *cfg, const char *dir, struct xb_err *err);

#endif
