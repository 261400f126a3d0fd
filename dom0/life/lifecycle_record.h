/*
 * What a lifecycle has under way: the files that it writes, each as large as a guest's memory, and
 * the guests that it starts.
 * A record lets `xenbench clean` remove the files and stop the guests of one that was killed; after
 * a boot of Dom0 no guests are left.
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

/* It is under way for as long as this process holds the lock. */
int xb_life_record_begin(struct xb_life_record *record, struct xb_app *app,
                         const struct xb_guest_def *guests, size_t guest_count,
                         const char *const *files, size_t file_count, struct xb_err *err);
/* All is put back. */
void xb_life_record_end(struct xb_life_record *record);

#endif
