/*
 * A domain that is being built, written down before it begins: run_dir/build-UUID.json. libxl gives
 * a domain the guest's UUID long before it is whole; where its builder is killed then, the domain
 * stays, paused, and would be taken for the guest. Whoever holds the guest's monitor lock is at it;
 * a record without that is what somebody left. With Dom0 its domains go, and so does run_dir.
 */
#ifndef XB_BUILD_RECORD_H
#define XB_BUILD_RECORD_H

#include "guest_def.h"

#include <stdbool.h>

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
 * Destroy what a builder that died left of this guest's domain; 0 also where there is nothing, or
 * where it is being built just now.
 */
int xb_build_recover(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);

/*
 * Wait until nobody builds this guest's domain any more, XB_BUILD_WAIT_S at most. A domain that is destroyed beneath its builder
 * leaves the disks that libxl attaches to it afterwards: in xenstore, with their loop devices.
 */
#define XB_BUILD_WAIT_S 90
void xb_build_wait(struct xb_app *app, const struct xb_guest_def *def);

/* xb_build_recover for all guests, removed ones too, or with dry_run only tell. */
int xb_build_recover_all(struct xb_app *app, bool dry_run,
                         void (*told)(void *arg, const char *what), void *arg, struct xb_err *err);

#endif
