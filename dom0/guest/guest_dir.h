/*
 * How the directory of a guest's definition comes and goes: it is made under a hidden name and
 * shown when it is whole, and hidden before anything in it is removed. A guest that can be seen is
 * whole, whenever the plug is pulled.
 *
 *   guests/.NAME.new.NUMBER      is being made
 *   guests/.NAME.removed.NUMBER  is being removed
 *
 * Whoever is at it holds the directory locked; one that is not locked is what somebody left.
 */
#ifndef XB_GUEST_DIR_H
#define XB_GUEST_DIR_H

#include "guest_def.h"
#include "journal.h"

struct xb_guest_dir {
    char path[PATH_MAX - 128]; /* leaves room for the files in it */
    int lock;                  /* -1: nothing is open */
};

/* A new hidden directory for a guest of this name. */
int xb_guest_dir_make(struct xb_app *app, const char *name, struct xb_guest_dir *out,
                      struct xb_err *err);

/*
 * Show it under the name of the definition: from here on there is this guest. XB_E_INPUT where
 * somebody else has made one of that name meanwhile.
 */
int xb_guest_dir_show(struct xb_guest_dir *dir, const struct xb_guest_def *def, struct xb_err *err);

/*
 * Remove a hidden directory with the disk that def tells of, after a failure: what cannot be
 * removed now stays for `xenbench clean`.
 */
void xb_guest_dir_give_up(struct xb_guest_dir *dir, const struct xb_guest_def *def);

/*
 * Keep others from removing a guest while its disk is read; a descriptor to close, or -1 where it
 * is being removed just now. Any number may hold it at the same time.
 */
int xb_guest_dir_hold(const struct xb_guest_def *def, struct xb_err *err);

/*
 * Remove a guest's definition, its disk and its checkpoints; nothing is asked about domains. Where the disk cannot
 * be removed (XB_E_INPUT: another needs it, XB_E_HOST: it is open) the guest stays as it was.
 */
int xb_guest_dir_remove(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);

/*
 * Removes what interrupted creations and removals left, their volumes too. What cannot be removed
 * does not keep the rest from being removed; err tells the first.
 */
extern const struct xb_journal_kind xb_guest_dir_kind;

/*
 * The disk that each of these tells of, and of those that somebody is at. One that is gone when it is looked at is left
 * out; XB_E_HOST where a record cannot be read.
 */
int xb_guest_dir_each_remains(struct xb_app *app,
                              void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                              void *arg, struct xb_err *err);

#endif
