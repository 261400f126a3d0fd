/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of a domain being built. libxl gives the domain the guest's UUID long before it is
 * complete, so a killed builder leaves a paused domain that looks like the guest. The record's lock
 * is the guest's monitor lock, which the builder holds.
 */
#ifndef XB_BUILD_RECORD_H
#define XB_BUILD_RECORD_H

#include "guest_def.h"
#include "journal.h"

extern const struct xb_journal_kind xb_build_kind;

/* In the builder, which holds the monitor's lock: call before creating the domain. */
int xb_build_record_begin(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);
/* Call once the domain runs, or is gone. */
void xb_build_record_end(struct xb_app *app, const struct xb_guest_def *def);
/* In the builder: destroy an unwanted domain; the record outlives it, in case we are killed. */
int xb_build_undo(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                  struct xb_err *err);

/*
 * Wait up to 90 s until no process builds this guest's domain. If a domain is destroyed
 * under its builder, libxl attaches disks afterwards and leaves them in xenstore and as loop
 * devices.
 */
void xb_build_wait(struct xb_app *app, const struct xb_guest_def *def);

#endif
