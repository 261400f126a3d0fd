/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clones of guests: a copy of the source's disk, with an identity of its own.
 */
#ifndef XB_GUEST_CLONE_H
#define XB_GUEST_CLONE_H

#include "guest_def.h"

enum xb_clone_method {
    XB_CLONE_DEFAULT = 0, /* snapshot or thin if the source is in such a volume, else copy */
    XB_CLONE_SNAPSHOT,    /* a classic snapshot of the same size */
    XB_CLONE_THIN,        /* a thin snapshot */
    XB_CLONE_COPY,        /* a full copy, from any storage to any storage */
    XB_CLONE_BACKUP,      /* through a compressed stream into a file */
};

struct xb_clone_spec {
    const char *source;
    enum xb_clone_method method;
    struct xb_storage_choice storage; /* of a copy; default: like the source's */
    uint64_t disk_bytes;              /* of a copy or backup: the source's size, or more */
    const char *backup_path;          /* keep the stream there; NULL: drop it */
    const char *from_backup;          /* restore this stream instead of making one */
    enum { XB_FS_UUID_DEFAULT, XB_FS_UUID_NEW, XB_FS_UUID_KEEP } fs_uuid;
};

struct xb_cloned {
    struct xb_disk disk;
    enum xb_clone_method method; /* the one that was used */
    uint64_t disk_ns;            /* what making the disk took */
    uint64_t all_ns;
    bool fs_uuid_kept; /* its filesystem has the same UUID as the source's */
};

/* The words for XB_CLONE_SNAPSHOT and the values after it; NULL-terminated. */
extern const char *const xb_clone_method_words[];
const char *xb_clone_method_name(enum xb_clone_method method);

/*
 * Make a clone per name; the source must be stopped. results has count entries; finished clones
 * stay if another fails.
 */
int xb_guest_clone(struct xb_app *app, const struct xb_clone_spec *spec, const char *const *names,
                   size_t count, struct xb_work *work, struct xb_cloned *results,
                   struct xb_err *err);

#endif
