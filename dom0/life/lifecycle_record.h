/*
 * What a lifecycle has under way: the files that it writes, each as large as a guest's memory, and the guests that it starts.
 * Written down before it begins, so that `xenbench clean` can remove and stop them where it was killed.
 *
 *   state_dir/under-way/lifecycle-PID-START.json    START: when that process began, in clock ticks
 */
#ifndef XB_LIFECYCLE_RECORD_H
#define XB_LIFECYCLE_RECORD_H

#include "guest_def.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_life_record {
    char path[PATH_MAX], lock_path[PATH_MAX];
    int lock_fd;
};

/* It is under way for as long as this process holds the lock. */
int xb_life_record_begin(struct xb_life_record *record, struct xb_app *app,
                         const struct xb_guest_def *guests, size_t guest_count,
                         const char *const *files, size_t file_count, struct xb_err *err);
/* All is put back. */
void xb_life_record_end(struct xb_life_record *record);

/*
 * Put back what lifecycles that were killed left: files are removed, and guests that still run stopped, unless Dom0 was
 * booted since. With dry_run only told gets a line for each.
 */
int xb_life_recover_all(struct xb_app *app, bool dry_run, void (*told)(void *arg, const char *what),
                        void *arg, struct xb_err *err);

#endif
