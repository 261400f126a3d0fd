/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making and removing the directory of a guest's definition. It has a hidden name until it is
 * complete and again before anything in it is removed, so a visible guest is always complete, even
 * after a power cut.
 *
 *   guests/.NAME.new.NUMBER      is being made
 *   guests/.NAME.removed.NUMBER  is being removed
 *
 * The process at work holds a lock on the directory; an unlocked one was left by a dead process.
 */
#ifndef XB_GUEST_DIR_H
#define XB_GUEST_DIR_H

#include "guest_def.h"
#include "journal.h"

struct xb_guest_dir {
    char path[PATH_MAX - 128]; /* leaves room for the files in it */
    int lock;                  /* -1: nothing is open */
};

/* Make a hidden directory for a guest of this name, and lock it. */
int xb_guest_dir_make(struct xb_app *app, const char *name, struct xb_guest_dir *out,
                      struct xb_err *err);

/*
 * Rename it to the definition's name: now the guest exists. XB_E_INPUT if another guest got the
 * name meanwhile.
 */
int xb_guest_dir_show(struct xb_guest_dir *dir, const struct xb_guest_def *def, struct xb_err *err);

/*
 * After a failure: remove a hidden directory and the disk of def. What cannot be removed now stays
 * for `xenbench clean`.
 */
void xb_guest_dir_give_up(struct xb_guest_dir *dir, const struct xb_guest_def *def);

/*
 * Keep a guest from being removed while its disk is read: a shared lock's descriptor to close, or
 * -1 if it is being removed now.
 */
int xb_guest_dir_hold(const struct xb_guest_def *def, struct xb_err *err);

/*
 * Remove a guest's definition, disk and checkpoints, whether or not a domain runs. If the disk
 * cannot be removed (XB_E_INPUT: another needs it, XB_E_HOST: in use), the guest stays as it was.
 */
int xb_guest_dir_remove(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err);

/*
 * Removes what interrupted creations and removals left, including volumes. Goes on after failures;
 * err has the first.
 */
extern const struct xb_journal_kind xb_guest_dir_kind;

/*
 * Call each for every hidden directory, with its path and its guest's disk. Directories that vanish
 * meanwhile are left out; XB_E_HOST if a record is unreadable.
 */
int xb_guest_dir_each_remains(struct xb_app *app,
                              void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                              void *arg, struct xb_err *err);

#endif
