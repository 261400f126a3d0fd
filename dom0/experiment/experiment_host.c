/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment's settings for the whole host, and its hooks. */
#include "base.h"
#include "experiment_i.h"

#include <ctype.h>
#include <string.h>

const char *const xb_policy_words[] = {"stop", "mark", "keep", "discard", NULL};

static const char *const switch_words[] = {"off", "on", NULL};

static int read_governor(const struct xb_yaml *yaml, struct fy_node *node,
                         const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    char shown[80];
    const char *text = xb_yaml_scalar(node);
    struct xb_exp_host *host = value;
    size_t n = text ? strlen(text) : 0;
    bool ok = n > 0 && n < sizeof(host->governor);
    for (size_t i = 0; ok && i < n; i++)
        ok = islower((unsigned char)text[i]);
    if (!ok)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` is %s; one of Xen's governors was expected (performance, "
                            "powersave, ondemand, userspace)",
                            key->name, xb_yaml_shown(node, shown, sizeof(shown)));
    strcpy(host->governor, text);
    return 0;
}

static int read_cstate(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    const char *text = xb_yaml_scalar(node);
    uint32_t n;
    if (text && strcmp(text, "unlimited") == 0) {
        *(int64_t *)value = XB_CSTATE_UNLIMITED;
        return 0;
    }
    if (xb_yaml_uint(yaml, node, key, &n, err) < 0)
        return -1;
    *(int64_t *)value = n;
    return 0;
}

#define HOST(key) .name = #key, .offset = offsetof(struct xb_exp_host, key)

const struct xb_yaml_key xb_exp_host_keys[] = {
    {.name = "governor", .offset = 0, .read = read_governor, .matrix = true},
    {HOST(turbo), .read = xb_yaml_word, .words = switch_words, .matrix = true},
    {HOST(max_cstate), .read = read_cstate, .min = 0, .max = 16, .matrix = true,
     .what = "the deepest C-state, 0 to 16, or unlimited"},
    {HOST(smt), .read = xb_yaml_word, .words = switch_words},
    {HOST(sched_gran), .read = xb_yaml_word, .words = xb_sched_gran_words},
    {0},
};

static const struct xb_yaml_alias host_aliases[] = {
    {"cstate", "max_cstate"},     {"c-states", "max_cstate"},
    {"cstates", "max_cstate"},    {"boost", "turbo"},
    {"cpufreq", "governor"},      {"hyperthreading", "smt"},
    {"sched-gran", "sched_gran"}, {NULL, NULL},
};

int xb_exp_host(const struct xb_yaml *yaml, struct fy_node *node,
                const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_exp_host *host = value;
    host->line = xb_yaml_line(node);
    return xb_yaml_map(yaml, node, xb_exp_host_keys, host_aliases, host, NULL, err);
}

#define HOOKS(key) .name = #key, .offset = offsetof(struct xb_exp_hooks, key)

static const struct xb_yaml_key hooks_keys[] = {
    {HOOKS(before), .read = xb_yaml_command},
    {HOOKS(after), .read = xb_yaml_command},
    {.name = "timeout",
     .offset = offsetof(struct xb_exp_hooks, timeout_ns),
     .read = xb_yaml_duration,
     .min = 10 * XB_NS_PER_MS,
     .max = 24 * XB_NS_PER_H,
     .what = "10ms to 24h"},
    {HOOKS(on_failure), .read = xb_yaml_word, .words = xb_policy_words},
    {0},
};

int xb_exp_hooks(const struct xb_yaml *yaml, struct fy_node *node,
                 const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct xb_exp_hooks *hooks = value;
    hooks->line = xb_yaml_line(node);
    if (xb_yaml_map(yaml, node, hooks_keys, NULL, hooks, NULL, err) < 0)
        return -1;
    if (hooks->before.count + hooks->after.count == 0)
        return xb_yaml_fail(yaml, node, err, "`hooks` has neither `before` nor `after`");
    return 0;
}
