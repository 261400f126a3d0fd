/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a guest's disks when it was suspended, and whether it still holds: memory that
 * continues with a changed disk would ruin the disk.
 */
#ifndef XB_CHECKPOINT_DISKS_H
#define XB_CHECKPOINT_DISKS_H

#include "guest_def.h"
#include "xen.h"

#include <jansson.h>

/*
 * For the tail of a checkpoint, of a suspended domain: for files the time of the last change, and
 * for any ext4 filesystem at the first byte its last mount and write.
 */
json_t *xb_checkpoint_list_disks(const libxl_domain_config *config);

/*
 * Are the disks as in the tail, and has the guest not run since (the head's generation)? XB_E_INPUT
 * if not; stale refuses only unusable disks. path is the checkpoint's, for messages.
 */
int xb_checkpoint_check_disks(const struct xb_guest_def *def, const json_t *head,
                              const json_t *tail, const char *path, bool stale, struct xb_err *err);

#endif
