/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a guest's disks when it was suspended, and whether they are still in it: memory that
 * continues on a changed disk would ruin the disk.
 */
#ifndef XB_CHECKPOINT_DISKS_H
#define XB_CHECKPOINT_DISKS_H

#include "guest_def.h"
#include "xen.h"

#include <jansson.h>

/*
 * For a checkpoint's tail, while the domain is suspended: of files the time of the last change, of
 * an ext4 filesystem that fills a disk its last mount and write.
 */
json_t *xb_checkpoint_list_disks(const libxl_domain_config *config);

/*
 * Are the disks as the tail says, and has the guest not run since (the head's generation)?
 * XB_E_INPUT if not; with stale, only if a disk is unusable. path is the checkpoint's, for
 * messages.
 */
int xb_checkpoint_check_disks(const struct xb_guest_def *def, const json_t *head,
                              const json_t *tail, const char *path, bool stale, struct xb_err *err);

#endif
