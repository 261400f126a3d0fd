/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "user.h"

#include "base.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>

#define LINE_BYTES (64 * XB_KIB) /* enough for a group with thousands of members */

static bool name_matches(const struct passwd *pw, const void *name)
{
    return strcmp(pw->pw_name, name) == 0;
}

static bool uid_matches(const struct passwd *pw, const void *uid)
{
    return pw->pw_uid == *(const uid_t *)uid;
}

static void fill(struct xa_user *out, const struct passwd *pw)
{
    *out = (struct xa_user){.uid = pw->pw_uid, .gid = pw->pw_gid};
    snprintf(out->name, sizeof(out->name), "%s", pw->pw_name);
    snprintf(out->home, sizeof(out->home), "%s", pw->pw_dir && *pw->pw_dir ? pw->pw_dir : "/");
    snprintf(out->shell, sizeof(out->shell), "%s",
             pw->pw_shell && *pw->pw_shell ? pw->pw_shell : "/bin/sh");
}

/* 0 if found, ENOENT, or the error of reading the file. */
static int find(struct xa_user *out, bool (*matches)(const struct passwd *, const void *),
                const void *key)
{
    xb_auto_fclose FILE *file = fopen("/etc/passwd", "re");
    if (!file)
        return errno;
    xb_auto_free char *line = malloc(LINE_BYTES);
    if (!line)
        return ENOMEM;
    struct passwd pw, *found;
    while (fgetpwent_r(file, &pw, line, LINE_BYTES, &found) == 0) {
        if (matches(found, key)) {
            fill(out, found);
            return 0;
        }
    }
    return ENOENT;
}

static bool is_member(const struct group *group, const char *name)
{
    for (char **member = group->gr_mem; *member; member++) {
        if (strcmp(*member, name) == 0)
            return true;
    }
    return false;
}

static int find_groups(struct xa_user *user, struct xb_err *err)
{
    user->groups[0] = user->gid;
    user->groups_count = 1;
    xb_auto_fclose FILE *file = fopen("/etc/group", "re");
    if (!file)
        return 0; /* an image without groups is no error */
    xb_auto_free char *line = malloc(LINE_BYTES);
    if (!line)
        return xb_fail(err, XB_E_HOST, ENOMEM, "read /etc/group");
    struct group group, *found;
    while (fgetgrent_r(file, &group, line, LINE_BYTES, &found) == 0) {
        if (found->gr_gid == user->gid || !is_member(found, user->name))
            continue;
        if (user->groups_count == XA_USER_GROUPS_MAX)
            return xb_fail(err, XB_E_INPUT, E2BIG, "user %s is in more than %d groups", user->name,
                           XA_USER_GROUPS_MAX);
        user->groups[user->groups_count++] = found->gr_gid;
    }
    return 0;
}

int xa_user_by_name(struct xa_user *out, const char *name, struct xb_err *err)
{
    int r = find(out, name_matches, name);
    if (r != 0)
        return xb_fail(err, XB_E_INPUT, r, "find user %s in the guest's /etc/passwd", name);
    return find_groups(out, err);
}

void xa_user_self(struct xa_user *out)
{
    uid_t uid = geteuid();
    struct passwd nobody_told = {
        .pw_uid = uid, .pw_gid = getegid(), .pw_name = "root", .pw_dir = "/"};
    if (find(out, uid_matches, &uid) != 0)
        fill(out, &nobody_told);
}
