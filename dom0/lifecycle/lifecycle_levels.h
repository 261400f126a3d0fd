/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The best level of zstd for checkpoints, measured on a guest's memory.
 */
#ifndef XB_LIFECYCLE_LEVELS_H
#define XB_LIFECYCLE_LEVELS_H

#include "lifecycle.h"

/*
 * Start the first guest and save its memory, which ends the guest. Then pack the memory at several
 * levels into files in the checkpoint folder, read them back, print the times and remove the files.
 */
int xb_life_levels(struct xb_life *life, struct xb_err *err);

#endif
