/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_names.h"

#include "alloc.h"
#include "base.h"
#include "guest_list.h"

#include <string.h>

static char *join(char *const *words, size_t count)
{
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += strlen(words[i]) + 1;
    char *text = xb_malloc(bytes);
    char *end = text;
    *end = '\0';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *end++ = ',';
        end = stpcpy(end, words[i]);
    }
    return text;
}

static size_t count_names(const char *text)
{
    size_t count = 1;
    for (; (text = strchr(text, ',')) != NULL; text++)
        count++;
    return count;
}

static int add(struct xb_guest_names *names, const char *name, struct xb_err *err)
{
    if (!*name)
        return xb_fail(err, XB_E_INPUT, 0, "an empty guest name (a stray comma?)");
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0)
            return xb_fail(err, XB_E_INPUT, 0, "guest %s is named twice", name);
    names->name[names->count++] = name;
    return 0;
}

int xb_guest_names_parse(struct xb_guest_names *out, char *const *words, size_t count,
                         struct xb_err *err)
{
    *out = (struct xb_guest_names){0};
    if (count == 0)
        return xb_fail(err, XB_E_INPUT, 0, "no guest is named");
    out->text = join(words, count);
    out->name = xb_calloc(count_names(out->text), sizeof(*out->name));
    char *rest = out->text, *name;
    while ((name = strsep(&rest, ",")) != NULL) {
        if (add(out, name, err) < 0) {
            xb_guest_names_clear(out);
            return -1;
        }
    }
    return 0;
}

int xb_guest_names_running(struct xb_guest_names *out, struct xb_app *app, struct xb_err *err)
{
    xb_auto_free struct xb_guest_info *guests = NULL;
    size_t count = 0, running = 0;
    if (xb_guest_list(app, &guests, &count, err) < 0)
        return -1;
    xb_auto_free char **words = xb_calloc(count + 1, sizeof(*words));
    for (size_t i = 0; i < count; i++)
        if (guests[i].defined && guests[i].guest.domid)
            words[running++] = guests[i].guest.name;
    return running ? xb_guest_names_parse(out, words, running, err) : 0;
}

void xb_guest_names_clear(struct xb_guest_names *names)
{
    free(names->text);
    free(names->name);
    *names = (struct xb_guest_names){0};
}
