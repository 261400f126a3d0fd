/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readers of yaml.h: mappings by table, and each kind of scalar. */
#include "alloc.h"
#include "yaml.h"

#include "base.h"
#include "nearest.h"
#include "yaml_axes.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define KEYS_MAX 64

static int fail_unknown(const struct xb_yaml *yaml, struct fy_node *at, const char *tried,
                        const struct xb_yaml_key *keys, const struct xb_yaml_alias *aliases,
                        struct xb_err *err)
{
    const char *names[KEYS_MAX + 1] = {NULL};
    char all[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < KEYS_MAX && keys[i].name; i++) {
        names[i] = keys[i].name;
        if (used < sizeof(all))
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
                                     keys[i].name);
    }
    for (; aliases && aliases->tried; aliases++)
        if (strcasecmp(aliases->tried, tried) == 0)
            return xb_yaml_fail(yaml, at, err, "no key `%.40s` here; did you mean `%s`?", tried,
                                aliases->meant);
    const char *near = xb_nearest(tried, names);
    if (near)
        return xb_yaml_fail(yaml, at, err, "no key `%.40s` here; did you mean `%s`?", tried, near);
    return xb_yaml_fail(yaml, at, err, "no key `%.40s` here; there is: %s", tried, all);
}

/* Read one pair; *index gets the index of its key. */
static int read_pair(const struct xb_yaml *yaml, struct fy_node_pair *pair,
                     const struct xb_yaml_key *keys, const struct xb_yaml_alias *aliases,
                     void *into, size_t *index, struct xb_err *err)
{
    struct fy_node *key_node = fy_node_pair_key(pair);
    struct fy_node *value = fy_node_pair_value(pair);
    const char *name = xb_yaml_scalar(key_node);
    if (!name)
        return xb_yaml_fail(yaml, value, err, "a key must be a word");
    size_t i = 0;
    while (keys[i].name && strcmp(keys[i].name, name) != 0)
        i++;
    if (!keys[i].name)
        return fail_unknown(yaml, key_node, name, keys, aliases, err);
    if (!value || (fy_node_is_scalar(value) && fy_node_is_null(value)))
        return xb_yaml_fail(yaml, key_node, err, "`%s` has no value", name);
    if (keys[i].matrix && yaml->axes && xb_yaml_is_axis(value)) {
        value = xb_yaml_axes_choose(yaml, value, name, err);
        if (!value)
            return -1;
    }
    *index = i;
    return keys[i].read(yaml, value, &keys[i], (char *)into + keys[i].offset, err);
}

int xb_yaml_map(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *keys,
                const struct xb_yaml_alias *aliases, void *into, uint64_t *present,
                struct xb_err *err)
{
    char shown[80];
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(yaml, node, err, "`key: value` lines were expected here, not %s",
                            xb_yaml_shown(node, shown, sizeof(shown)));
    uint64_t seen = 0;
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        size_t i = 0;
        if (read_pair(yaml, pair, keys, aliases, into, &i, err) < 0)
            return -1;
        seen |= UINT64_C(1) << i;
    }
    for (size_t i = 0; keys[i].name; i++)
        if (keys[i].required && !(seen >> i & 1))
            return xb_yaml_fail(yaml, node, err, "`%s` is missing%s%s", keys[i].name,
                                keys[i].what ? "; it is " : "", keys[i].what ? keys[i].what : "");
    if (present)
        *present = seen;
    return 0;
}

/* The scalar's text; NULL with err filled, naming the key. */
static const char *scalar_of(const struct xb_yaml *yaml, struct fy_node *node,
                             const struct xb_yaml_key *key, const char *kind, struct xb_err *err)
{
    char shown[80];
    const char *text = xb_yaml_scalar(node);
    if (text && *text)
        return text;
    xb_yaml_fail(yaml, node, err, "`%s` is %s; %s was expected", key->name,
                 xb_yaml_shown(node, shown, sizeof(shown)), key->what ? key->what : kind);
    return NULL;
}

int xb_yaml_text(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    const char *text = scalar_of(yaml, node, key, "text", err);
    if (!text)
        return -1;
    char **out = value;
    free(*out);
    *out = xb_strdup(text);
    return 0;
}

void xb_texts_add(struct xb_texts *texts, const char *text)
{
    texts->v = xb_reallocarray(texts->v, texts->count + 2, sizeof(*texts->v));
    texts->v[texts->count++] = xb_strdup(text);
    texts->v[texts->count] = NULL;
}

void xb_texts_free(struct xb_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->v[i]);
    free(texts->v);
    *texts = (struct xb_texts){0};
}

int xb_yaml_texts(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                  void *value, struct xb_err *err)
{
    char shown[80];
    struct xb_texts *out = value;
    if (!fy_node_is_sequence(node) || fy_node_sequence_item_count(node) < 1)
        return xb_yaml_fail(yaml, node, err, "`%s` is %s; %s was expected", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)),
                            key->what ? key->what : "a list of texts");
    xb_texts_free(out);
    out->v = xb_calloc((size_t)fy_node_sequence_item_count(node) + 1, sizeof(*out->v));
    void *iter = NULL;
    struct fy_node *item;
    while ((item = fy_node_sequence_iterate(node, &iter))) {
        const char *text = xb_yaml_scalar(item);
        if (!text)
            return xb_yaml_fail(yaml, item, err, "`%s` holds %s; each entry must be text",
                                key->name, xb_yaml_shown(item, shown, sizeof(shown)));
        out->v[out->count++] = xb_strdup(text);
    }
    return 0;
}

static int fail_number(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, uint64_t max, struct xb_err *err)
{
    char shown[80];
    xb_yaml_shown(node, shown, sizeof(shown));
    if (key->what)
        return xb_yaml_fail(yaml, node, err, "`%s` is %s; %s was expected", key->name, shown,
                            key->what);
    return xb_yaml_fail(yaml, node, err,
                        "`%s` is %s; a whole number from %" PRIu64 " to %" PRIu64 " was expected",
                        key->name, shown, key->min, max);
}

static int read_number(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, uint64_t most, uint64_t *out,
                       struct xb_err *err)
{
    uint64_t max = key->max ? key->max : most;
    const char *text = xb_yaml_scalar(node);
    char *end = NULL;
    if (!text || !isdigit((unsigned char)*text))
        return fail_number(yaml, node, key, max, err);
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno || *end || *out < key->min || *out > max)
        return fail_number(yaml, node, key, max, err);
    return 0;
}

int xb_yaml_uint(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    uint64_t n;
    if (read_number(yaml, node, key, UINT32_MAX, &n, err) < 0)
        return -1;
    *(uint32_t *)value = (uint32_t)n;
    return 0;
}

int xb_yaml_int(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    uint64_t n;
    if (read_number(yaml, node, key, INT32_MAX, &n, err) < 0)
        return -1;
    *(int *)value = (int)n;
    return 0;
}

int xb_yaml_u64(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                void *value, struct xb_err *err)
{
    return read_number(yaml, node, key, INT64_MAX, value, err);
}

int xb_yaml_bool(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    char shown[80];
    const char *text = xb_yaml_scalar(node);
    bool yes = text && strcmp(text, "true") == 0;
    if (!yes && (!text || strcmp(text, "false") != 0))
        return xb_yaml_fail(yaml, node, err, "`%s` is %s; true or false was expected", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)));
    *(bool *)value = yes;
    return 0;
}

int xb_yaml_word(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    const char *text = scalar_of(yaml, node, key, "a word", err);
    if (!text)
        return -1;
    char all[256] = "";
    size_t used = 0;
    for (int i = 0; key->words[i]; i++) {
        if (strcmp(key->words[i], text) == 0) {
            *(int *)value = i;
            return 0;
        }
        if (used < sizeof(all))
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
                                     i ? (key->words[i + 1] ? ", " : " or ") : "", key->words[i]);
    }
    const char *near = xb_nearest(text, key->words);
    if (near)
        return xb_yaml_fail(yaml, node, err, "`%s` is `%.40s`; did you mean `%s`?", key->name, text,
                            near);
    return xb_yaml_fail(yaml, node, err, "`%s` is `%.40s`; it can be %s", key->name, text, all);
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* A number (decimals allowed) and a unit; bare numbers take the factor of the unit named "". */
static int read_quantity(const char *text, const struct unit *units, uint64_t *out)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*text))
        return -1;
    errno = 0;
    double n = strtod(text, &end);
    while (*end == ' ')
        end++;
    for (; units->name; units++) {
        if (strcmp(units->name, end) != 0)
            continue;
        double product = n * (double)units->factor;
        if (errno || product >= 9e18)
            return -1;
        *out = (uint64_t)(product + 0.5);
        return 0;
    }
    return -1;
}

static int read_unit(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, const struct unit *units, const char *example,
                     uint64_t *out, struct xb_err *err)
{
    char shown[80];
    const char *text = scalar_of(yaml, node, key, example, err);
    if (!text)
        return -1;
    if (strpbrk(text, "xXpP") || read_quantity(text, units, out) < 0)
        return xb_yaml_fail(yaml, node, err, "`%s` is %s; %s was expected", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)), example);
    if (*out < key->min || (key->max && *out > key->max))
        return xb_yaml_fail(yaml, node, err, "`%s` is %s, out of range%s%s", key->name,
                            xb_yaml_shown(node, shown, sizeof(shown)), key->what ? "; it is " : "",
                            key->what ? key->what : "");
    return 0;
}

int xb_yaml_size(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *key,
                 void *value, struct xb_err *err)
{
    static const uint64_t ki = 1024;
    const struct unit units[] = {
        {"", ki * ki},    {"K", ki},           {"KiB", ki},           {"M", ki * ki},
        {"MiB", ki * ki}, {"G", ki * ki * ki}, {"GiB", ki * ki * ki}, {"T", ki * ki * ki * ki},
        {NULL, 0},
    };
    return read_unit(yaml, node, key, units, "a size such as 512M or 2G (a bare number is MiB)",
                     value, err);
}

int xb_yaml_duration(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    static const struct unit units[] = {
        {"ns", 1},
        {"us", 1000},
        {"ms", XB_NS_PER_MS},
        {"s", XB_NS_PER_S},
        {"min", 60 * XB_NS_PER_S},
        {"h", 3600 * XB_NS_PER_S},
        {NULL, 0},
    };
    return read_unit(yaml, node, key, units, "a time such as 30s, 5min or 50ms", value, err);
}
