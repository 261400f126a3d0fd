/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What prepare's and undo's steps on volume groups ask LVM. */
#ifndef XB_PREPARE_LVM_H
#define XB_PREPARE_LVM_H

#include "err.h"

#include <stddef.h>

#define XB_LVM_ANSWER_BYTES 300

/*
 * One column of a report (vgs, pvs, lvs): the first word of what the selection finds, or "". A
 * selection that finds nothing is no error, so XB_E_HOST never means that something is gone.
 */
int xb_lvm_find(const char *report, const char *column, const char *selection, char *out,
                size_t out_bytes, struct xb_err *err);

/* The same of a device that is a physical volume. */
int xb_lvm_of_device(const char *device, const char *column, char *out, size_t out_bytes,
                     struct xb_err *err);

#endif
