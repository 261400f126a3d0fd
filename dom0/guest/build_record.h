/*
 * A domain that is being built. libxl gives a domain the guest's UUID long before the domain is
 * whole: a builder that is killed then leaves a paused domain that would be taken for the guest.
 * The record's lock is the guest's monitor lock, which the builder holds.
 */
#ifndef XB_BUILD_RECORD_H
#define XB_BUILD_RECORD_H

#include "guest_def.h"
#include "journal.h"

extern const struct xb_journal_kind xb_build_kind;

/* In the builder, which holds the monitor's lock: before the domain is made. */
int xb_build_record_begin(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);
/* The domain runs, or is gone. */
void xb_build_record_end(struct xb_app *app, const struct xb_guest_def *def);
/*
 * The builder again: destroy what it has built, which nobody wants any more. Where it is killed in
 * that, the domain is half there as before.
 */
int xb_build_undo(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                  struct xb_err *err);

/*
 * Wait until nobody builds this guest's domain any more, XB_BUILD_WAIT_S at most. A domain that is destroyed beneath its builder
 * leaves the disks that libxl attaches to it afterwards: in xenstore, with their loop devices.
 */
#define XB_BUILD_WAIT_S 90
void xb_build_wait(struct xb_app *app, const struct xb_guest_def *def);

#endif
