/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Users and groups from /etc/passwd and /etc/group, because a static glibc has no name services.
 */
#ifndef XA_USER_H
#define XA_USER_H

#include "err.h"

#include <stddef.h>
#include <sys/types.h>

#define XA_USER_GROUPS_MAX 64

struct xa_user {
    uid_t uid;
    gid_t gid;
    char name[64];
    char home[256];
    char shell[256];
    gid_t groups[XA_USER_GROUPS_MAX]; /* gid is the first */
    size_t groups_count;
};

/* Find a user by name; ENOENT if there is none. */
int xa_user_by_name(struct xa_user *out, const char *name, struct xb_err *err);
/* The current user; if /etc/passwd does not say, root at "/" with "/bin/sh". Cannot fail. */
void xa_user_self(struct xa_user *out);

#endif
