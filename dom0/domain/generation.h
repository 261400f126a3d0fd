/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often a guest has started to run on its disk (guests/NAME/generation.json). A checkpoint
 * records the number; a different one means that the disk no longer fits the checkpoint's memory.
 */
#ifndef XB_GENERATION_H
#define XB_GENERATION_H

#include "guest_def.h"
#include "xen.h"

#include <stdint.h>

/* Read the number; 0: it has never run. XB_E_HOST if the file is damaged. */
int xb_generation_read(const struct xb_guest_def *def, uint64_t *out, struct xb_err *err);

/* Count one more start; the file is synced on return. Call before the guest begins to run. */
int xb_generation_next(const struct xb_guest_def *def, struct xb_err *err);

/* The same, but a no-op for a domain without a writable disk. */
int xb_generation_next_of(const struct xb_guest_def *def, const libxl_domain_config *config,
                          struct xb_err *err);

#endif
