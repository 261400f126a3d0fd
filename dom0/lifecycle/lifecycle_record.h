/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lifecycle's record: the files that it writes, each as large as a guest's memory, and the guests
 * that it starts. `xenbench clean` removes the files and stops the guests of a killed one, unless
 * Dom0 was booted since.
 */
#ifndef XB_LIFECYCLE_RECORD_H
#define XB_LIFECYCLE_RECORD_H

#include "guest_def.h"
#include "journal.h"

#include <stddef.h>

extern const struct xb_journal_kind xb_life_kind;

struct xb_life_record {
    struct xb_app *app;
    char key[XB_JOURNAL_KEY_BYTES];
    int lock_fd;
};

/* Write the record and take its lock, which this process holds while the lifecycle runs. */
int xb_life_record_begin(struct xb_life_record *record, struct xb_app *app,
                         const struct xb_guest_def *guests, size_t guest_count,
                         const char *const *files, size_t file_count, struct xb_err *err);
/* Everything is undone: remove the record. */
void xb_life_record_end(struct xb_life_record *record);

#endif
