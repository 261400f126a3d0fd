/*
 * What is under way with a guest, written down before it begins: a checkpoint that was cut off
 * leaves a file that is not whole and a domain that is suspended, and both are put right by whoever
 * comes next, or by `xenbench clean`.
 */
#ifndef XB_CHECKPOINT_RECORD_H
#define XB_CHECKPOINT_RECORD_H

#include "guest_def.h"

#include <stdbool.h>

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

/* Put right what a process that died left of this guest; 0 also where there is nothing. */
int xb_checkpoint_recover(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);

/*
 * The same for all guests, removed ones too, or with dry_run only tell. told gets a line for each
 * thing that is done.
 */
int xb_checkpoint_recover_all(struct xb_app *app, bool dry_run,
                              void (*told)(void *arg, const char *what), void *arg,
                              struct xb_err *err);

/* What the domains of a guest are called while it is moved; xl's names. */
#define XB_INCOMING_SUFFIX "--incoming"
#define XB_AWAY_SUFFIX "--migratedaway"

/* Let a domain that is suspended go on as if nothing had been; 0 where it is not suspended. */
int xb_domain_resume_suspended(struct xb_app *app, uint32_t domid, struct xb_err *err);

#endif
