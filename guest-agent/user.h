/*
 * Users and groups from /etc/passwd and /etc/group, because a static glibc has no name services.
 */
#ifndef XB_USER_H
#define XB_USER_H

#include "err.h"

#include <stddef.h>
#include <sys/types.h>

#define XB_USER_GROUPS_MAX 64

struct xb_user {
    uid_t uid;
    gid_t gid;
    char name[64];
    char home[256];
    char shell[256];
    gid_t groups[XB_USER_GROUPS_MAX]; /* gid is the first */
    size_t groups_count;
};

/* Find a user by name; ENOENT if there is none. */
int xb_user_by_name(struct xb_user *out, const char *name, struct xb_err *err);
/* The current user; if /etc/passwd does not say, root at "/" with "/bin/sh". Cannot fail. */
void xb_user_self(struct xb_user *out);

#endif
