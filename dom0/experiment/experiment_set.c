/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of an experiment file from the command line: `--set repetitions=10`. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "keypath.h"

#include <string.h>

/* Setting the first key removes the second: an experiment has only one of the two. */
static const char *const rivals[][2] = {{"repetitions", "until"}, {"until", "repetitions"}};

static struct fy_node_pair *find(struct fy_node *mapping, const char *key)
{
    return fy_node_mapping_lookup_pair_by_simple_key(mapping, key, strlen(key));
}

static void remove_key(struct fy_node *mapping, const char *key)
{
    struct fy_node_pair *pair = find(mapping, key);
    if (pair)
        fy_node_free(fy_node_mapping_remove_by_key(mapping, fy_node_pair_key(pair)));
}

/* Parse YAML so that its nodes report this line number: that many lines are put before it. */
static struct fy_node *build(struct xb_yaml *yaml, const char *text, unsigned line)
{
    char *padded = xb_malloc(line + strlen(text) + 1);
    memset(padded, '\n', line - 1);
    strcpy(padded + line - 1, text);
    return fy_node_build_from_malloc_string(yaml->doc, padded, FY_NT);
}

/* Wrap the value in the path's keys from `from` on, which the file lacks: {cap: 50}. */
static char *wrap(const struct xb_keypath *path, size_t from, const char *value)
{
    char *text = xb_strdup(value);
    for (size_t i = path->count; i-- > from;) {
        xb_auto_free char *inner = text, *key = xb_keypath_quoted(path->keys[i]);
        text = xb_asprintf("{%s: %s}", key, inner);
    }
    return text;
}

/* Put the value below the deepest mapping of its path that exists, replacing what is there. */
static int put(struct xb_yaml *yaml, const struct xb_keypath *path, const char *value,
               const char *said, unsigned line, struct xb_err *err)
{
    struct fy_node *in = xb_yaml_root(yaml);
    size_t i = 0;
    for (; i + 1 < path->count; i++) {
        struct fy_node_pair *pair = find(in, path->keys[i]);
        struct fy_node *next = pair ? fy_node_pair_value(pair) : NULL;
        char shown[80];
        if (!next || (fy_node_is_scalar(next) && fy_node_is_null(next)))
            break;
        if (!fy_node_is_mapping(next))
            return xb_fail(err, XB_E_INPUT, 0, "%s: `%s` is %s in the file, so it has no key `%s`",
                           said, path->keys[i], xb_yaml_shown(next, shown, sizeof(shown)),
                           path->keys[i + 1]);
        in = next;
    }
    xb_auto_free char *text = wrap(path, i + 1, value), *quoted = xb_keypath_quoted(path->keys[i]);
    struct fy_node_pair *there = find(in, path->keys[i]);
    struct fy_node *node = build(yaml, text, line);
    /* An existing key keeps its place: guests are in the order of the file. */
    bool done = node && (there ? fy_node_pair_set_value(there, node)
                               : fy_node_mapping_append(in, build(yaml, quoted, line), node)) == 0;
    return done ? 0 : xb_fail(err, XB_E_INPUT, 0, "%s: the value is not YAML", said);
}

/* The keys of the file's `guests`, if it names its guests. */
static void list_guests(const struct xb_yaml *yaml, const char *names[XB_EXP_GUESTS_MAX + 1])
{
    struct fy_node_pair *pair = find(xb_yaml_root(yaml), "guests");
    struct fy_node *guests = pair ? fy_node_pair_value(pair) : NULL;
    void *iter = NULL;
    size_t count = 0;
    while (guests && fy_node_is_mapping(guests) && count < XB_EXP_GUESTS_MAX &&
           (pair = fy_node_mapping_iterate(guests, &iter))) {
        const char *name = xb_yaml_scalar(fy_node_pair_key(pair));
        if (name)
            names[count++] = name;
    }
    names[count] = NULL;
}

int xb_exp_set(struct xb_yaml *yaml, const char *set, unsigned line, struct xb_err *err)
{
    const char *guests[XB_EXP_GUESTS_MAX + 1];
    struct xb_keypath path;
    xb_auto_free char *said = xb_asprintf("--set %.80s", set);
    const struct xb_keypath_place place = {.of = XB_KEYPATH_TOP, .guests = guests, .said = said};
    list_guests(yaml, guests);
    if (xb_keypath_read(&path, set, &place, err) < 0)
        return -1;
    if (path.common && xb_keypath_values(path.value) > 1) {
        xb_fail(
            err, XB_E_INPUT, 0,
            "%s: one value for all guests, or one for each? Write all.%s, or begin each with its "
            "guest's name",
            said, set);
        xb_keypath_clear(&path);
        return -1;
    }
    for (size_t i = 0; path.count == 1 && i < XB_ARRAY_LEN(rivals); i++)
        if (strcmp(path.keys[0], rivals[i][0]) == 0)
            remove_key(xb_yaml_root(yaml), rivals[i][1]);
    xb_auto_free char *value = xb_keypath_value(path.value, true, said, err);
    int r = value ? put(yaml, &path, value, said, line, err) : -1;
    xb_keypath_clear(&path);
    return r;
}
