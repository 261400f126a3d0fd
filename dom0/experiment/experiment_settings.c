/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a guest in a case. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

#define BUILD(key) .name = #key, .offset = offsetof(struct xb_exp_setting, build.key)

/* A guest's build and role. Memory is part of the build or, with a balloon, of the allocation. */
static const struct xb_yaml_key guest_keys[] = {
    {.name = "memory",
     .offset = offsetof(struct xb_exp_setting, build.memory_bytes),
     .read = xb_yaml_size,
     .min = XB_GUEST_MEMORY_MIN,
     .max = XB_GUEST_MEMORY_MAX,
     .what = "32M or more",
     .matrix = true},
    {BUILD(maxvcpus), .read = xb_yaml_uint, .min = 1, .max = XB_CPUS_MAX, .matrix = true},
    {BUILD(image), .read = xb_exp_image, .matrix = true},
    {BUILD(type), .read = xb_yaml_word, .words = xb_guest_type_words, .matrix = true},
    {BUILD(tsc_mode), .read = xb_yaml_word, .words = xb_tsc_mode_words, .matrix = true},
    {BUILD(nodes), .read = xb_exp_nodes, .matrix = true},
    {.name = "workload", .offset = 0, .read = xb_exp_workload, .matrix = true},
    {.name = "background",
     .offset = offsetof(struct xb_exp_setting, background),
     .read = xb_exp_flag,
     .matrix = true},
    {.name = "idle",
     .offset = offsetof(struct xb_exp_setting, idle),
     .read = xb_exp_flag,
     .matrix = true},
    {0},
};

void xb_exp_keys_setting(struct xb_exp_keys *keys, size_t offset)
{
    xb_exp_keys_rows(keys, xb_domain_settings, offset + offsetof(struct xb_exp_setting, alloc));
    xb_exp_keys_add(keys, guest_keys, offset);
}

/* A key's index in struct xb_exp_lines; XB_EXP_LINES for an unknown key. */
static size_t line_of(const char *key)
{
    size_t i = 0;
    for (const struct xb_setting *row = xb_domain_settings; row->name; row++, i++)
        if (strcmp(row->name, key) == 0)
            return i;
    for (const struct xb_yaml_key *own = guest_keys; own->name; own++, i++)
        if (strcmp(own->name, key) == 0)
            return i;
    return XB_EXP_LINES;
}

unsigned xb_exp_line_of(const struct xb_exp_lines *lines, const char *key)
{
    size_t i = key ? line_of(key) : XB_EXP_LINES;
    return i < XB_EXP_LINES ? lines->of[i] : 0;
}

unsigned xb_exp_choices_of(const struct xb_exp_lines *lines, const char *key)
{
    size_t i = line_of(key);
    return i < XB_EXP_LINES ? lines->choices[i] : 0;
}

void xb_exp_note_lines(struct fy_node *mapping, struct xb_exp_lines *lines)
{
    void *iter = NULL;
    struct fy_node_pair *pair;
    while (fy_node_is_mapping(mapping) && (pair = fy_node_mapping_iterate(mapping, &iter))) {
        const char *key = xb_yaml_scalar(fy_node_pair_key(pair));
        struct fy_node *value = fy_node_pair_value(pair);
        int entries = fy_node_is_sequence(value) ? fy_node_sequence_item_count(value) : 0;
        size_t i = key ? line_of(key) : XB_EXP_LINES;
        if (i == XB_EXP_LINES)
            continue;
        lines->of[i] = xb_yaml_line(fy_node_pair_key(pair));
        lines->choices[i] = (unsigned)entries;
    }
}

int xb_exp_flag(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    bool yes;
    if (xb_yaml_bool(yaml, node, key, &yes, err) < 0)
        return -1;
    *(int *)value = yes;
    return 0;
}

int xb_exp_nodes(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    char shown[80];
    uint64_t nodes;
    struct xb_err cause = {0};
    const char *text = xb_yaml_scalar(node);
    if (!text || strlen(text) > XB_EXP_NODES_MAX || xb_nodes_parse(text, &nodes, &cause) < 0)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; NUMA nodes such as \"0\" or \"0-1\" were expected",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)));
    strcpy(value, text);
    return 0;
}

int xb_exp_image(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    char shown[80];
    const char *name = xb_yaml_scalar(node);
    if (!name || !xb_image_name_ok(name))
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; the name of an image was expected (xenbench image list)",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)));
    strcpy(value, name);
    return 0;
}

/* Read a guest's settings in a case; refuse keys that hold for the whole run. */
int xb_exp_setting(const struct xb_yaml *yaml, struct fy_node *node,
                   const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    static const char *const fixed[] = {"keep", "socket", "resize", NULL};
    void *iter = NULL;
    struct fy_node_pair *pair;
    while (fy_node_is_mapping(node) && (pair = fy_node_mapping_iterate(node, &iter))) {
        const char *name = xb_yaml_scalar(fy_node_pair_key(pair));
        for (int i = 0; name && fixed[i]; i++)
            if (strcmp(fixed[i], name) == 0)
                return xb_yaml_fail(yaml, fy_node_pair_key(pair), err,
                                    "`%s` holds for the whole run: set it under `guests` or "
                                    "`defaults`, not in a case",
                                    name);
    }
    struct xb_exp_setting *setting = value;
    struct xb_exp_keys keys = {0};
    xb_exp_note_lines(node, &setting->lines);
    xb_exp_keys_setting(&keys, 0);
    return xb_yaml_map(yaml, node, keys.v, xb_exp_aliases, value, NULL, err);
}

int xb_exp_setting_over(struct xb_exp_setting *setting, const struct xb_exp_setting *over,
                        struct xb_err *err)
{
    xb_exp_build_over(&setting->build, &over->build);
    if (over->background >= 0)
        setting->background = over->background;
    if (over->idle >= 0)
        setting->idle = over->idle;
    if (over->workload != XB_EXP_NO_WORKLOAD)
        setting->workload = over->workload;
    for (size_t i = 0; i < XB_EXP_LINES; i++)
        if (over->lines.of[i]) {
            setting->lines.of[i] = over->lines.of[i];
            setting->lines.choices[i] = over->lines.choices[i];
        }
    return xb_settings_over(xb_domain_settings, &setting->alloc, &over->alloc, err);
}
