/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of the experiment file, from the rows of Xen's settings. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

/* A later key replaces an earlier one of the same name. */
static void add(struct xb_exp_keys *keys, const struct xb_yaml_key *key, size_t offset)
{
    size_t i = 0;
    while (i < keys->count && strcmp(keys->v[i].name, key->name) != 0)
        i++;
    if (i == XB_EXP_KEYS_MAX)
        abort(); /* a table outgrew its bound: every test of experiments gets here */
    keys->count += i == keys->count;
    keys->v[i] = *key;
    keys->v[i].offset += offset;
}

void xb_exp_keys_add(struct xb_exp_keys *keys, const struct xb_yaml_key *more, size_t offset)
{
    for (; more->name; more++)
        add(keys, more, offset);
}

static xb_yaml_read_fn *reader_of(const struct xb_setting_kind *kind)
{
    static const struct {
        const struct xb_setting_kind *kind;
        xb_yaml_read_fn *read;
    } readers[] = {
        {&xb_setting_number, xb_yaml_int},       {&xb_setting_flag, xb_exp_flag},
        {&xb_setting_masks, xb_exp_masks},       {&xb_setting_rtds, xb_exp_rtds},
        {&xb_setting_size, xb_yaml_size},        {&xb_setting_pool, xb_exp_pool_name},
        {&xb_setting_schedule, xb_exp_schedule},
    };
    size_t i = 0;
    while (readers[i].kind != kind)
        i++;
    return readers[i].read;
}

/* The reader of an array fills the whole struct, since the array's length is beside the array. */
void xb_exp_keys_rows(struct xb_exp_keys *keys, const struct xb_setting *rows, size_t offset)
{
    for (; rows->name; rows++) {
        const struct xb_yaml_key key = {.name = rows->name,
                                        .offset = rows->item_bytes ? 0 : rows->offset,
                                        .read = reader_of(rows->kind),
                                        .min = rows->min,
                                        .max = rows->max,
                                        .what = rows->what,
                                        .matrix = true};
        add(keys, &key, offset);
    }
}
