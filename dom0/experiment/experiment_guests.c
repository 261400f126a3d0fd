/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guests of an experiment file, and their settings that hold for the whole run. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "xen_host.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

/* A guest's settings for the whole run, and in `setting` those for one case. */
struct fixed {
    const struct xb_experiment *exp;
    struct xb_exp_guest *guest;
    struct xb_exp_setting setting;
};

#define SOCKET_MAX 100

static int read_socket(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct fixed *fixed = value;
    char **out = &fixed->guest->socket;
    if (xb_yaml_text(yaml, node, key, out, err) < 0)
        return -1;
    char *named = *out;
    if (named[0] != '/') {
        *out = xb_asprintf("%s/%s", fixed->exp->folder, named);
        free(named);
    }
    if (strlen(*out) > SOCKET_MAX)
        return xb_yaml_fail(yaml, node, err,
                            "`socket` is %.200s; the path of an agent's unix socket has at most %d "
                            "bytes",
                            *out, SOCKET_MAX);
    return 0;
}

static int read_keep(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct fixed *fixed = value;
    return xb_yaml_bool(yaml, node, key, &fixed->guest->keep, err);
}

static const char *const resize_words[] = {"restart", "balloon", NULL};

static int read_resize(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct fixed *fixed = value;
    int index;
    if (xb_yaml_word(yaml, node, key, &index, err) < 0)
        return -1;
    fixed->guest->balloon = index == 1;
    return 0;
}

const struct xb_yaml_key xb_exp_fixed_keys[] = {
    {.name = "keep", .offset = 0, .read = read_keep},
    {.name = "socket", .offset = 0, .read = read_socket},
    {.name = "resize", .offset = 0, .read = read_resize, .words = resize_words},
    {0},
};

static int check_guest_name(const struct xb_yaml *yaml, struct fy_node *node, const char *name,
                            struct xb_err *err)
{
    size_t n = strlen(name);
    bool ok = n > 0 && n <= XB_GUEST_NAME_MAX && isalnum((unsigned char)name[0]);
    bool digits = true;
    for (size_t i = 0; ok && i < n; i++) {
        ok = isalnum((unsigned char)name[i]) || strchr("._-", name[i]);
        digits = digits && isdigit((unsigned char)name[i]);
    }
    if (!ok || digits)
        return xb_yaml_fail(yaml, node, err,
                            "`%.300s` cannot name a guest: letters, digits, . _ -, at most %d "
                            "of them, not digits alone",
                            name, XB_GUEST_NAME_MAX);
    if (strcmp(name, "all") == 0 || strcasecmp(name, "dom0") == 0 || strcmp(name, XB_DOM0) == 0)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` has another meaning; give the guest another name", name);
    return 0;
}

static int add_guest(const struct xb_yaml *yaml, struct fy_node *node, const char *name,
                     struct xb_experiment *exp, struct xb_err *err)
{
    if (check_guest_name(yaml, node, name, err) < 0)
        return -1;
    for (size_t g = 0; g < exp->guest_count; g++)
        if (strcmp(exp->guests[g].name, name) == 0)
            return xb_yaml_fail(yaml, node, err,
                                "a second guest named `%s`; the first is in line %u", name,
                                exp->guests[g].line);
    if (exp->guest_count == XB_EXP_GUESTS_MAX)
        return xb_yaml_fail(yaml, node, err, "more than %d guests", XB_EXP_GUESTS_MAX);
    *xb_append(&exp->guests, &exp->guest_count) =
        (struct xb_exp_guest){.name = xb_strdup(name), .line = xb_yaml_line(node)};
    return 0;
}

/* The prefix and the numbers of "noisy1..3". */
static bool is_series(const char *key, char prefix[XB_GUEST_NAME_MAX + 1], unsigned *from,
                      unsigned *to)
{
    const char *digits = key ? strstr(key, "..") : NULL;
    while (digits && digits > key && isdigit((unsigned char)digits[-1]))
        digits--;
    size_t n = digits ? (size_t)(digits - key) : 0;
    if (n == 0 || n > XB_GUEST_NAME_MAX || !xb_yaml_range(digits, from, to))
        return false;
    snprintf(prefix, XB_GUEST_NAME_MAX + 1, "%.*s", (int)n, key);
    return true;
}

static int add_series(const struct xb_yaml *yaml, struct fy_node *node, const char *prefix,
                      unsigned from, unsigned to, struct xb_experiment *exp, struct xb_err *err)
{
    if (from > to || to - from >= XB_EXP_GUESTS_MAX)
        return xb_yaml_fail(yaml, node, err,
                            "%u..%u: a range must ascend, and %d guests are "
                            "the most",
                            from, to, XB_EXP_GUESTS_MAX);
    for (unsigned n = from; n <= to; n++) {
        char name[XB_GUEST_NAME_MAX + 16];
        snprintf(name, sizeof(name), "%s%u", prefix, n);
        if (add_guest(yaml, node, name, exp, err) < 0)
            return -1;
    }
    return 0;
}

enum xb_closeness xb_exp_closeness(const char *key)
{
    if (strcmp(key, "all") == 0)
        return XB_CLOSE_ALL;
    char prefix[XB_GUEST_NAME_MAX + 1];
    unsigned from, to;
    return strpbrk(key, "*?[") || is_series(key, prefix, &from, &to) ? XB_CLOSE_PATTERN
                                                                     : XB_CLOSE_NAME;
}

bool xb_exp_key_means(const char *key, const char *guest)
{
    char prefix[XB_GUEST_NAME_MAX + 1];
    unsigned from, to;
    if (!is_series(key, prefix, &from, &to))
        return strcmp(key, "all") == 0 || fnmatch(key, guest, 0) == 0;
    size_t n = strlen(prefix);
    char *end;
    if (strncmp(guest, prefix, n) != 0 || !isdigit((unsigned char)guest[n]))
        return false;
    unsigned long number = strtoul(guest + n, &end, 10);
    return !*end && number >= from && number <= to;
}

/* `guests: 4` and `guests: 1..8`: g1 to g4, g1 to g8. */
static int add_counted(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                       struct xb_err *err)
{
    unsigned from, most = 0;
    const char *text = xb_yaml_scalar(node);
    void *iter = NULL;
    struct fy_node *item;
    if (fy_node_is_sequence(node)) {
        while ((item = fy_node_sequence_iterate(node, &iter))) {
            uint32_t n;
            static const struct xb_yaml_key key = {
                .name = "guests", .min = 1, .max = XB_EXP_GUESTS_MAX};
            if (xb_yaml_uint(yaml, item, &key, &n, err) < 0)
                return -1;
            most = n > most ? n : most;
        }
    } else if (!xb_yaml_range(text, &from, &most) || from < 1 || from > most) {
        static const struct xb_yaml_key key = {
            .name = "guests",
            .min = 1,
            .max = XB_EXP_GUESTS_MAX,
            .what = "how many (4, or 1..8 for a case of each number), or the guests by name: "
                    "{web: {image: debian, memory: 512M}}"};
        if (xb_yaml_uint(yaml, node, &key, &most, err) < 0)
            return -1;
    }
    if (most < 1)
        return xb_yaml_fail(yaml, node, err, "`guests` is an empty list");
    return add_series(yaml, node, "g", 1, most, exp, err);
}

static int add_named(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                     struct xb_err *err)
{
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &iter))) {
        struct fy_node *key = fy_node_pair_key(pair);
        const char *name = xb_yaml_scalar(key);
        char prefix[XB_GUEST_NAME_MAX + 1];
        unsigned from, to;
        if (name && strpbrk(name, "*?["))
            continue; /* settings for guests that other keys name */
        int r = is_series(name, prefix, &from, &to)
                    ? add_series(yaml, key, prefix, from, to, exp, err)
                    : add_guest(yaml, key, name ? name : "", exp, err);
        if (r < 0)
            return -1;
    }
    return 0;
}

static bool is_nothing(struct fy_node *node)
{
    return !node || (fy_node_is_scalar(node) && fy_node_is_null(node));
}

/* Read one mapping's keys into a guest and its setting. */
static int read_one(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                    size_t g, struct xb_exp_setting *setting, struct xb_err *err)
{
    struct fixed fixed = {.exp = exp, .guest = &exp->guests[g], .setting = *setting};
    struct xb_exp_keys keys = {0};
    xb_exp_keys_add(&keys, xb_exp_fixed_keys, 0);
    xb_exp_keys_setting(&keys, offsetof(struct fixed, setting));
    int r =
        is_nothing(node) ? 0 : xb_yaml_map(yaml, node, keys.v, xb_exp_aliases, &fixed, NULL, err);
    *setting = fixed.setting;
    xb_exp_note_lines(node, &setting->lines);
    return r;
}

/* From the least specific to the most specific: defaults, patterns, the guest's own name. */
static int read_guest(const struct xb_yaml *yaml, const struct xb_exp_base *base,
                      struct xb_experiment *exp, size_t g, struct xb_exp_setting *setting,
                      struct xb_err *err)
{
    if (base->defaults && read_one(yaml, base->defaults, exp, g, setting, err) < 0)
        return -1;
    for (int close = XB_CLOSE_PATTERN; close < XB_CLOSE_END && fy_node_is_mapping(base->guests);
         close++) {
        void *iter = NULL;
        struct fy_node_pair *pair;
        while ((pair = fy_node_mapping_iterate(base->guests, &iter))) {
            const char *key = xb_yaml_scalar(fy_node_pair_key(pair));
            if (key && (int)xb_exp_closeness(key) == close &&
                xb_exp_key_means(key, exp->guests[g].name) &&
                read_one(yaml, fy_node_pair_value(pair), exp, g, setting, err) < 0)
                return -1;
        }
    }
    return 0;
}

int xb_exp_read_settings(const struct xb_yaml *yaml, const struct xb_exp_base *base,
                         struct xb_experiment *exp, struct xb_exp_setting *settings, size_t *first,
                         struct xb_err *err)
{
    *first = exp->guest_count;
    if (xb_yaml_is_axis(base->guests)) {
        struct fy_node *chosen = xb_yaml_axes_choose(yaml, base->guests, "guests", err);
        const char *text = chosen ? xb_yaml_scalar(chosen) : NULL;
        if (!text)
            return -1;
        *first = strtoul(text, NULL, 10);
    }
    for (size_t g = 0; g < exp->guest_count; g++)
        if (read_guest(yaml, base, exp, g, &settings[g], err) < 0)
            return -1;
    return 0;
}

static int check_patterns(const struct xb_yaml *yaml, struct fy_node *node,
                          const struct xb_experiment *exp, struct xb_err *err)
{
    void *iter = NULL;
    struct fy_node_pair *pair;
    while (fy_node_is_mapping(node) && (pair = fy_node_mapping_iterate(node, &iter))) {
        const char *key = xb_yaml_scalar(fy_node_pair_key(pair));
        bool found = false;
        for (size_t g = 0; key && !found && g < exp->guest_count; g++)
            found = xb_exp_key_means(key, exp->guests[g].name);
        if (!found)
            return xb_yaml_fail(yaml, fy_node_pair_key(pair), err,
                                "`%.60s` matches no guest: list the guests beside it (a, b), "
                                "or as a series (clone1..3)",
                                key ? key : "?");
    }
    return 0;
}

/* Read once with the first choice of each list, for the settings of the whole run. */
static int check_guests(struct xb_yaml *yaml, const struct xb_exp_base *base,
                        struct xb_experiment *exp, struct xb_err *err)
{
    struct xb_yaml_axes axes = {.count = 0};
    size_t first;
    struct xb_exp_setting *settings = xb_calloc(exp->guest_count, sizeof(*settings));
    for (size_t g = 0; g < exp->guest_count; g++)
        settings[g] = XB_EXP_SETTING_KEEP(exp);
    yaml->axes = &axes;
    int r = xb_exp_read_settings(yaml, base, exp, settings, &first, err);
    yaml->axes = NULL;
    xb_yaml_axes_clear(&axes);
    for (size_t g = 0; g < exp->guest_count; g++) {
        exp->guests[g].maxvcpus = settings[g].build.maxvcpus;
        xb_exp_setting_clear(&settings[g]);
    }
    free(settings);
    return r;
}

int xb_exp_read_guests(struct xb_yaml *yaml, const struct xb_exp_base *base,
                       struct xb_experiment *exp, struct xb_err *err)
{
    struct fy_node *node = base->guests;
    bool by_name = fy_node_is_mapping(node);
    if (by_name && fy_node_mapping_item_count(node) < 1)
        return xb_yaml_fail(
            yaml, node, err,
            "`guests` must name at least one guest: {web: {image: debian, memory: 512M}}");
    if ((by_name ? add_named(yaml, node, exp, err) : add_counted(yaml, node, exp, err)) < 0 ||
        check_patterns(yaml, node, exp, err) < 0 || check_guests(yaml, base, exp, err) < 0)
        return -1;
    return 0;
}
