/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --storage, --vg and --thin-pool, for every command that makes a disk.
 */
#ifndef XB_OPT_STORAGE_H
#define XB_OPT_STORAGE_H

#include "disk.h"
#include "opt.h"

/* Three rows; member is a struct xb_storage_choice. */
#define OPT_STORAGE(type, member)                                                                  \
    OPT_WORD(type, member.storage, "storage", xb_storage_words, XB_STORAGE_FILE,                   \
             "A raw file, a logical volume, a thin volume (default: as configured, else a file)"), \
        OPT_STRING(type, member.vg, "vg", 0, "VG",                                                 \
                   "The volume group for --storage=lvm (implies it)"),                             \
        OPT_STRING(type, member.thin_pool, "thin-pool", 0, "VG/POOL",                              \
                   "The pool for --storage=thin (implies it)")

/* For the command's check: fails with argp_error if these options exclude each other. */
void xb_opt_storage_check(struct argp_state *state, const struct xb_storage_choice *choice);

#endif
