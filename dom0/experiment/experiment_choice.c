/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which guests take part in a case, and which cases are left out. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

void xb_exp_first_active(const struct xb_experiment *exp, const char *key, size_t n,
                         struct xb_exp_setting *settings)
{
    size_t seen = 0;
    for (size_t g = 0; g < exp->guest_count; g++)
        if (xb_exp_key_means(key, exp->guests[g].name) && seen++ >= n)
            settings[g].idle = 1;
}

/* Read an entry of `active`: the guests, and how many of them take part (value NULL: all). */
static int take_active(const struct xb_yaml *yaml, struct fy_node *key_node, struct fy_node *value,
                       const struct xb_experiment *exp, bool *active, struct xb_err *err)
{
    const char *key = xb_yaml_scalar(key_node);
    uint32_t most = XB_EXP_GUESTS_MAX;
    size_t seen = 0;
    static const struct xb_yaml_key number = {
        .name = "active",
        .max = XB_EXP_GUESTS_MAX,
        .what = "how many of them take part: 2, or 0..3 for a case of each number"};
    if (!key)
        return xb_yaml_fail(yaml, key_node, err, "a guest's name was expected");
    if (value && xb_yaml_is_axis(value) && !(value = xb_yaml_axes_choose(yaml, value, key, err)))
        return -1;
    if (value && xb_yaml_uint(yaml, value, &number, &most, err) < 0)
        return -1;
    for (size_t g = 0; g < exp->guest_count; g++)
        if (xb_exp_key_means(key, exp->guests[g].name) && seen++ < most)
            active[g] = true;
    if (seen == 0)
        return xb_exp_fail_no_guest(yaml, key_node, key, exp, err);
    if (value && most > seen)
        return xb_yaml_fail(yaml, value, err, "`%s` means %zu guests, not %u", key, seen, most);
    return 0;
}

int xb_exp_active(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_experiment *exp,
                  struct xb_exp_setting *settings, struct xb_err *err)
{
    bool active[XB_EXP_GUESTS_MAX] = {false};
    void *iter = NULL;
    struct fy_node *item;
    struct fy_node_pair *pair;
    if (fy_node_is_sequence(node)) {
        while ((item = fy_node_sequence_iterate(node, &iter)))
            if (take_active(yaml, item, NULL, exp, active, err) < 0)
                return -1;
    } else if (fy_node_is_mapping(node)) {
        while ((pair = fy_node_mapping_iterate(node, &iter))) {
            struct fy_node *value = fy_node_pair_value(pair);
            bool all = !value || (fy_node_is_scalar(value) && fy_node_is_null(value));
            if (take_active(yaml, fy_node_pair_key(pair), all ? NULL : value, exp, active, err) < 0)
                return -1;
        }
    } else {
        return xb_yaml_fail(yaml, node, err,
                            "`active` is a list of guests ([victim, noisy1]), or how many of "
                            "each ({victim: , \"noisy*\": 0..3})");
    }
    for (size_t g = 0; g < exp->guest_count; g++)
        if (!active[g])
            settings[g].idle = 1;
    return 0;
}

/* Does an entry of `exclude` match a case? */
enum match { MATCHES_NOT, MATCHES, AMBIGUOUS };

/*
 * Is value the choice on the axis called key? `weight` means the list for several guests where
 * there is one, else the only list of that key in any guest.
 */
static enum match is_chosen(const struct xb_yaml *yaml, const char *key, const char *value)
{
    const struct xb_yaml_axes *axes = yaml->axes;
    size_t full = 0, short_of = 0, only = 0;
    for (size_t i = 0; i < axes->count; i++) {
        char text[80];
        bool is = xb_yaml_axes_is(axes, i, key);
        full += is;
        if (is && strcmp(xb_yaml_axes_text(axes, i, text, sizeof(text)), value) == 0)
            return MATCHES;
        if (!axes->axis[i].met || strcmp(axes->axis[i].key, key) != 0)
            continue;
        only = i;
        short_of++;
    }
    char text[80];
    if (full > 0 || short_of == 0)
        return MATCHES_NOT;
    if (short_of > 1)
        return AMBIGUOUS;
    return strcmp(xb_yaml_axes_text(axes, only, text, sizeof(text)), value) == 0 ? MATCHES
                                                                                 : MATCHES_NOT;
}

static enum match entry_matches(const struct xb_yaml *yaml, struct fy_node *entry,
                                const char *case_name)
{
    void *iter = NULL;
    struct fy_node_pair *pair;
    enum match all = MATCHES_NOT;
    if (!fy_node_is_mapping(entry))
        return MATCHES_NOT;
    while ((pair = fy_node_mapping_iterate(entry, &iter))) {
        const char *key = xb_yaml_scalar(fy_node_pair_key(pair));
        const char *value = xb_yaml_scalar(fy_node_pair_value(pair));
        if (!key || !value)
            return MATCHES_NOT;
        bool is_case = strcmp(key, "case") == 0;
        enum match one = !is_case                                     ? is_chosen(yaml, key, value)
                         : case_name && strcmp(case_name, value) == 0 ? MATCHES
                                                                      : MATCHES_NOT;
        if (one == MATCHES_NOT)
            return MATCHES_NOT;
        all = one == AMBIGUOUS || all == AMBIGUOUS ? AMBIGUOUS : MATCHES;
    }
    return all;
}

bool xb_exp_excluded(const struct xb_yaml *yaml, struct fy_node *exclude, const char *case_name,
                     uint32_t matches[XB_EXP_EXCLUDES_MAX])
{
    void *iter = NULL;
    struct fy_node *entry;
    bool excluded = false;
    for (size_t i = 0; (entry = fy_node_sequence_iterate(exclude, &iter)); i++) {
        enum match match = entry_matches(yaml, entry, case_name);
        if (match == AMBIGUOUS)
            matches[i] = XB_EXP_AMBIGUOUS;
        if (match != MATCHES || matches[i] == XB_EXP_AMBIGUOUS)
            continue;
        matches[i]++;
        excluded = true;
    }
    return excluded;
}

int xb_exp_check_exclude(const struct xb_yaml *yaml, struct fy_node *exclude,
                         const uint32_t matches[XB_EXP_EXCLUDES_MAX], struct xb_err *err)
{
    void *iter = NULL;
    struct fy_node *entry;
    for (size_t i = 0; (entry = fy_node_sequence_iterate(exclude, &iter)); i++)
        if (matches[i] == XB_EXP_AMBIGUOUS)
            return xb_yaml_fail(yaml, entry, err,
                                "this entry of `exclude` does not say whose list it means: "
                                "several guests have a list for that key; write "
                                "`victim.weight` for victim's");
        else if (matches[i] == 0)
            return xb_yaml_fail(yaml, entry, err,
                                "this entry of `exclude` matches no case; it names choices from "
                                "lists, {weight: 512, cap: 20}, and may name a `case`");
    return 0;
}
