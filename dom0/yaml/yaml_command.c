/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readers that experiments and the catalogue's workloads share: commands, and the reading of their
 * output.
 */
#include "alloc.h"
#include "yaml.h"

#include "base.h"
#include "yaml_axes.h"

#include <regex.h>
#include <string.h>

int xb_yaml_command(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    struct xb_texts *command = value;
    const char *line = xb_yaml_scalar(node);
    if (!line)
        return xb_yaml_texts(yaml, node, key, command, err);
    if (!*line)
        return xb_yaml_fail(yaml, node, err, "`%s` is empty", key->name);
    const char *const shell[] = {"/bin/sh", "-c", line};
    xb_texts_free(command);
    command->v = xb_calloc(XB_ARRAY_LEN(shell) + 1, sizeof(*command->v));
    for (size_t i = 0; i < XB_ARRAY_LEN(shell); i++) {
        command->v[i] = xb_strdup(shell[i]);
        command->count++;
    }
    return 0;
}

/* The number of groups of a valid expression, or -1 with err filled. */
static int read_regex(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    if (xb_yaml_text(yaml, node, key, value, err) < 0)
        return -1;
    regex_t regex;
    int r = regcomp(&regex, *(char **)value, REG_EXTENDED | REG_NEWLINE);
    if (r != 0) {
        char why[128];
        regerror(r, &regex, why, sizeof(why));
        return xb_yaml_fail(yaml, node, err, "`%s` is not an extended regular expression: %s",
                            key->name, why);
    }
    int groups = (int)regex.re_nsub;
    regfree(&regex);
    return groups;
}

int xb_yaml_regex(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                  void *value, struct xb_err *err)
{
    return read_regex(yaml, node, key, value, err) < 0 ? -1 : 0;
}

int xb_yaml_pattern(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                    void *value, struct xb_err *err)
{
    int groups = read_regex(yaml, node, key, value, err);
    if (groups == 0)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` has no group; put ( ) around the number: \"speed: ([0-9.]+)\"",
                            key->name);
    return groups < 0 ? -1 : 0;
}

/* A mapping of variables: NAME: VALUE. */
int xb_yaml_env(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    struct xb_texts *env = value;
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(yaml, node, err, "`%s` takes lines of NAME: VALUE", key->name);
    xb_texts_free(env);
    env->v = xb_calloc((size_t)fy_node_mapping_item_count(node) + 1, sizeof(*env->v));
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        const char *name = xb_yaml_scalar(fy_node_pair_key(pair));
        struct fy_node *chosen = fy_node_pair_value(pair);
        if (name && yaml->axes && xb_yaml_is_axis(chosen) &&
            !(chosen = xb_yaml_axes_choose(yaml, chosen, name, err)))
            return -1;
        const char *text = xb_yaml_scalar(chosen);
        if (!name || !*name || strchr(name, '=') || !text)
            return xb_yaml_fail(yaml, fy_node_pair_key(pair), err,
                                "`%s` takes lines of NAME: VALUE, each value a text or a number",
                                key->name);
        env->v[env->count] = xb_asprintf("%s=%s", name, text);
        env->count++;
    }
    return 0;
}

int xb_yaml_source(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                   void *value, struct xb_err *err)
{
    if (xb_yaml_text(yaml, node, key, value, err) < 0)
        return -1;
    const char *from = *(char **)value;
    if (strcmp(from, "stdout") != 0 && strcmp(from, "stderr") != 0 && from[0] != '/')
        return xb_yaml_fail(
            yaml, node, err,
            "`%s` is `%.60s`; it can be stdout, stderr or an absolute path in the guest", key->name,
            from);
    return 0;
}
