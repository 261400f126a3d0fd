/*
 * A checkpoint or a migration that is under way. A checkpoint that was cut off leaves an incomplete
 * file and a suspended domain; the next command that meets the record puts both right, or
 * `xenbench clean` does.
 */
#ifndef XB_CHECKPOINT_RECORD_H
#define XB_CHECKPOINT_RECORD_H

#include "guest_def.h"
#include "journal.h"

#include <stdbool.h>

extern const struct xb_journal_kind xb_checkpoint_kind;

/* A checkpoint that is under way. */
struct xb_under_way {
    const char *temporary; /* the file while it is not whole */
    const char *path;      /* what that is renamed to */
    uint32_t domid;
    bool ends; /* the domain is destroyed when the file is in place; else it goes on */
};

/*
 * Take the guest for a checkpoint, or for a migration (NULL). The lock lasts until the returned
 * descriptor is closed. Puts right what an earlier one left. -1 where another process is at it.
 */
int xb_checkpoint_record_begin(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err);
/*
 * The file is whole and is about to be renamed. From here on whoever finds the record without the
 * temporary file knows that it was, and that the domain has served.
 */
int xb_checkpoint_record_whole(struct xb_app *app, const struct xb_guest_def *def,
                               const struct xb_under_way *what, struct xb_err *err);
/* It is over, one way or the other: nothing is left to be put right. Closes lock_fd. */
void xb_checkpoint_record_end(struct xb_app *app, const struct xb_guest_def *def, int lock_fd);

/* Where a migration keeps the configuration of the new domain. */
int xb_incoming_config_path(struct xb_app *app, const char *uuid, char out[PATH_MAX],
                            struct xb_err *err);

/* What the domains of a guest are called while it is moved; xl's names. */
#define XB_INCOMING_SUFFIX "--incoming"
#define XB_AWAY_SUFFIX "--migratedaway"

/* Let a domain that is suspended go on as if nothing had been; 0 where it is not suspended. */
int xb_domain_resume_suspended(struct xb_app *app, uint32_t domid, struct xb_err *err);

#endif
