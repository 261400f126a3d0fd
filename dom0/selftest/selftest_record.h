/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of a self-test: its guests and its files, which go when it ends, however it ends.
 */
#ifndef XB_SELFTEST_RECORD_H
#define XB_SELFTEST_RECORD_H

#include "journal.h"

#include <limits.h>

extern const struct xb_journal_kind xb_selftest_kind;

/* The directory of our files. */
int xb_selftest_dir(struct xb_app *app, char *out, size_t out_bytes, struct xb_err *err);

/*
 * Undo what a killed self-test left, and begin *record, to be freed. XB_E_INPUT if there is already
 * a guest of one of these names. Returns the lock's descriptor, for xb_selftest_record_end, which
 * destroys and removes the guests of the record, and removes the files.
 */
int xb_selftest_record_begin(struct xb_app *app, const char *const *guests, size_t count,
                             json_t **record, struct xb_err *err);
/* A guest has been made. */
int xb_selftest_record_guest(struct xb_app *app, json_t *record, const char *guest,
                             struct xb_err *err);
int xb_selftest_record_end(struct xb_app *app, int lock_fd, struct xb_err *err);

#endif
