/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people are shown of experiments: the keys that a file can have, and its commands. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"

#include <string.h>

static void each_of(const struct xb_yaml_key *keys, xb_exp_key_fn *each, void *arg)
{
    for (; keys->name; keys++)
        each(arg, keys->name, keys->help ? keys->help : keys->what, keys->words);
}

void xb_exp_each_key(enum xb_exp_place place, xb_exp_key_fn *each, void *arg)
{
    struct xb_exp_keys keys = {.count = 0};
    switch (place) {
    case XB_EXP_IN_FILE:
        each_of(xb_exp_head_keys, each, arg);
        break;
    case XB_EXP_IN_HOST:
        each_of(xb_exp_host_keys, each, arg);
        break;
    case XB_EXP_IN_DOM0:
        xb_exp_keys_rows(&keys, xb_domain_settings, 0);
        break;
    case XB_EXP_IN_GUEST:
        xb_exp_keys_setting(&keys, 0);
        break;
    }
    each_of(keys.v, each, arg);
}

char *xb_exp_show_command(const struct xb_texts *command)
{
    bool line = command->count == 3 && strcmp(command->v[0], "/bin/sh") == 0 &&
                strcmp(command->v[1], "-c") == 0;
    size_t bytes = sizeof(" ..."), used = 0;
    for (size_t i = 0; i < command->count; i++)
        bytes += strlen(command->v[i]) + 1;
    char *out = xb_calloc(1, bytes);
    for (size_t i = line ? 2 : 0; i < command->count; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", used ? " " : "", command->v[i]);
    char *newline = strchr(out, '\n');
    if (newline)
        strcpy(newline, newline[1] ? " ..." : "");
    return out;
}
