/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of a checkpoint or migration in progress. An interrupted one leaves an incomplete file
 * or a suspended domain; the next command that meets the record, or `xenbench clean`, repairs both.
 */
#ifndef XB_CHECKPOINT_RECORD_H
#define XB_CHECKPOINT_RECORD_H

#include "guest_def.h"
#include "journal.h"

#include <stdbool.h>

extern const struct xb_journal_kind xb_checkpoint_kind;

/* A checkpoint in progress. */
struct xb_under_way {
    const char *temporary; /* the temporary file */
    const char *path;      /* its name once it is complete */
    uint32_t domid;
    bool ends; /* destroy the domain once the file is in place; else it goes on */
};

/*
 * Lock the guest for a checkpoint, or for a migration (what NULL), and record it; returns the
 * lock's descriptor. Repairs what an earlier process left. -1 if another one works on the guest.
 */
int xb_checkpoint_record_begin(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err);
/*
 * The complete file is about to be renamed. From now on, a record whose temporary file is gone
 * means that the checkpoint is complete and its domain is no longer needed.
 */
int xb_checkpoint_record_whole(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err);
/* The work has ended, well or not, and left nothing to repair. Closes lock_fd. */
void xb_checkpoint_record_end(struct xb_app *app, const struct xb_guest_def *def, int lock_fd);

/* Undo at once what a killed helper left of a guest's checkpoint or migration, if anything. */
void xb_checkpoint_put_right(struct xb_app *app, const char *name);

/* Where a migration stores the new domain's configuration. */
int xb_incoming_config_path(struct xb_app *app, const char *uuid, char out[PATH_MAX],
                            struct xb_err *err);

/* What a migration appends to the names of a guest's domains, as xl does. */
#define XB_INCOMING_SUFFIX "--incoming"
#define XB_AWAY_SUFFIX "--migratedaway"

/* Let a suspended domain go on as if nothing had happened; 0 if it is not suspended. */
int xb_domain_resume_suspended(struct xb_app *app, uint32_t domid, struct xb_err *err);

#endif
