/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xl.conf: keep Dom0's memory unchanged while guests start.
 */
#include "alloc.h"
#include "base.h"
#include "prepare.h"
#include "xen_host.h"

#include <ctype.h>
#include <string.h>

/* Does this line set the key, perhaps commented out? */
static bool sets(const char *line, size_t n, const char *key, bool *commented)
{
    const char *end = line + n, *at = line;
    size_t key_bytes = strlen(key);
    while (at < end && isblank((unsigned char)*at))
        at++;
    *commented = at < end && *at == '#';
    at += *commented;
    if ((size_t)(end - at) < key_bytes || strncmp(at, key, key_bytes) != 0)
        return false;
    for (at += key_bytes; at < end && isblank((unsigned char)*at);)
        at++;
    return at < end && *at == '=';
}

/* The line to change: the last active one, else a comment that shows the key. */
static const char *find_line(const char *text, const char *key, size_t *bytes)
{
    const char *found = NULL;
    bool found_commented = true;
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        bool commented;
        if (sets(line, n, key, &commented) && (!commented || (!found && found_commented))) {
            found = line;
            found_commented = commented;
            *bytes = n;
        }
        line += n + (line[n] == '\n');
    }
    return found;
}

char *xb_xl_conf_set(const char *text, const char *key, const char *value)
{
    size_t n = 0;
    const char *line = find_line(text, key, &n);
    if (line)
        return xb_asprintf("%.*s%s=\"%s\"%s", (int)(line - text), text, key, value, line + n);
    bool ended = !*text || text[strlen(text) - 1] == '\n';
    return xb_asprintf("%s%s%s=\"%s\"\n", text, ended ? "" : "\n", key, value);
}

int xb_prepare_xl_conf(struct xb_prepare *prepare, struct xb_err *err)
{
    struct xb_err why = {0};
    if (!xb_prepare_exists(prepare, XB_XL_CONF)) {
        struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, "xl.conf", NULL);
        snprintf(step->is, sizeof(step->is), "there is no " XB_XL_CONF);
        snprintf(step->will, sizeof(step->will),
                 "install Xen's tools first: apt-get install xen-system-amd64");
        return 0;
    }
    xb_auto_free char *text = xb_prepare_read(prepare, XB_XL_CONF, &why);
    if (!text) {
        *err = why;
        return -1;
    }
    return xb_prepare_file(prepare, XB_XL_CONF, xb_xl_conf_set(text, "autoballoon", "off"),
                           "xl.conf", "autoballoon=\"off\": Dom0 does not shrink when guests start",
                           err);
}
