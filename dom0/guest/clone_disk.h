/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a clone's disk by each method.
 */
#ifndef XB_CLONE_DISK_H
#define XB_CLONE_DISK_H

#include "base.h"
#include "guest_clone.h"

/* What all clones of one command share. */
struct xb_clone_job {
    struct xb_app *app;
    const struct xb_clone_spec *spec;
    struct xb_work *work;
    struct xb_guest_def source;
    enum xb_clone_method method;
    int hold;            /* keeps the source from being removed meanwhile */
    int backup;          /* the stream that backups are restored from; -1: none yet */
    uint64_t disk_bytes; /* of the source's disk, as it is now or in the backup */
};

/* Choose the method and refuse impossible requests. Writes a backup once for all clones. */
int xb_clone_job_begin(struct xb_clone_job *job, struct xb_err *err);
void xb_clone_job_end(struct xb_clone_job *job);
#define xb_auto_clone_job XB_AUTO(xb_clone_job_end)

/* Plan a clone's disk, make it (a snapshot is complete then), and fill it. */
int xb_clone_disk_plan(const struct xb_clone_job *job, const char *guest, const char *uuid,
                       struct xb_disk *out, struct xb_err *err);
int xb_clone_disk_make(const struct xb_clone_job *job, struct xb_disk *disk, const char *dir,
                       struct xb_err *err);
int xb_clone_disk_fill(const struct xb_clone_job *job, const struct xb_disk *disk, const char *dir,
                       struct xb_err *err);

#endif
