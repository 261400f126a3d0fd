/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of an experiment file, for those who offer them to a user. */
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
