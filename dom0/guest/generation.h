/*
 * How often a guest has begun to run on its disk: guests/NAME/generation.json. A checkpoint notes the number; once it is
 * another one, the disk is no longer what the checkpoint's memory knows, also where the disk itself cannot tell.
 */
#ifndef XB_GENERATION_H
#define XB_GENERATION_H

#include "guest_def.h"
#include "xen.h"

#include <stdint.h>

/* 0: it never has. XB_E_HOST where the file is damaged. */
int xb_generation_read(const struct xb_guest_def *def, uint64_t *out, struct xb_err *err);

/* On the disk when this returns: to be called before the guest begins to run. */
int xb_generation_next(const struct xb_guest_def *def, struct xb_err *err);

/* The same, but nothing for a domain that has no disk to write to. */
int xb_generation_next_of(const struct xb_guest_def *def, const libxl_domain_config *config,
                          struct xb_err *err);

#endif
