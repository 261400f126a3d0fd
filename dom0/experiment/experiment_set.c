/* Settings of an experiment from the command line: `--set repetitions=10`. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "nearest.h"

#include <string.h>

/* The keys that can be set, and the key that each replaces: `repetitions` replaces `until`. */
static const struct {
    const char *key, *ends;
} settable[] = {
    {"repetitions", "until"}, {"until", "repetitions"}, {"warmup", NULL},
    {"order", NULL},          {"seed", NULL},           {"timeout", NULL},
    {"boot_timeout", NULL},   {"max_attempts", NULL},   {"max_release_error", NULL},
};

/* The index in the table above, or -1 with an error that names valid keys. */
static int find_settable(const char *set, size_t key_bytes, struct xb_err *err)
{
    const char *words[XB_ARRAY_LEN(settable) + 1] = {NULL};
    char key[48], all[256] = "";
    size_t used = 0;
    snprintf(key, sizeof(key), "%.*s", (int)key_bytes, set);
    for (size_t i = 0; i < XB_ARRAY_LEN(settable); i++) {
        words[i] = settable[i].key;
        if (strcmp(words[i], key) == 0)
            return (int)i;
        used +=
            (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", words[i]);
    }
    const char *near = xb_nearest(key, words);
    return near ? xb_fail(err, XB_E_INPUT, 0, "--set %.80s: no key `%s`; did you mean `%s`?", set,
                          key, near)
                : xb_fail(err, XB_E_INPUT, 0, "--set %.80s: `%s` cannot be set here; these can: %s",
                          set, key, all);
}

/*
 * Is the value valid for the key? A separate document holds it, so that the error names the option
 * instead of a line of the file.
 */
static int check_value(const char *set, const char *key, const char *value,
                       const struct xb_yaml_key *keys, struct xb_err *err)
{
    struct xb_yaml yaml;
    struct xb_yaml_key one[2] = {{0}};
    union {
        uint32_t u32;
        int word;
        uint64_t u64;
        void *node;
    } into;
    for (; keys->name && strcmp(keys->name, key) != 0; keys++)
        ;
    one[0] = *keys;
    one[0].offset = 0;
    xb_auto_free char *text = xb_asprintf("%s: %s\n", key, value);
    xb_auto_free char *name = xb_asprintf("--set %.80s", set);
    if (xb_yaml_parse(&yaml, name, text, strlen(text), err) < 0)
        return -1;
    int r = xb_yaml_map(&yaml, xb_yaml_root(&yaml), one, NULL, &into, NULL, err);
    if (r == 0 && strcmp(key, "until") == 0) {
        struct xb_exp_until until;
        r = xb_exp_read_until(&yaml, into.node, &until, err);
        free(until.metric);
    }
    xb_yaml_close(&yaml);
    return r;
}

static void remove_key(struct fy_node *root, const char *key)
{
    struct fy_node_pair *pair = fy_node_mapping_lookup_pair_by_simple_key(root, key, strlen(key));
    if (pair)
        fy_node_free(fy_node_mapping_remove_by_key(root, fy_node_pair_key(pair)));
}

int xb_exp_set(struct xb_yaml *yaml, const char *set, const struct xb_yaml_key *keys,
               struct xb_err *err)
{
    const char *equals = strchr(set, '=');
    if (!equals)
        return xb_fail(err, XB_E_INPUT, 0, "--set %.80s: KEY=VALUE was expected", set);
    int at = find_settable(set, (size_t)(equals - set), err);
    if (at < 0 || check_value(set, settable[at].key, equals + 1, keys, err) < 0)
        return -1;
    struct fy_node *root = xb_yaml_root(yaml);
    remove_key(root, settable[at].key);
    if (settable[at].ends)
        remove_key(root, settable[at].ends);
    struct fy_node *key = fy_node_create_scalar_copy(yaml->doc, settable[at].key, FY_NT);
    struct fy_node *value = fy_node_build_from_string(yaml->doc, equals + 1, FY_NT);
    if (!key || !value || fy_node_mapping_append(root, key, value) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "--set %.80s: the value is not YAML", set);
    return 0;
}
