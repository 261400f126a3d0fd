/* The cases of an experiment file: defaults merged in, lists multiplied out. */
#include "base.h"
#include "experiment_i.h"
#include "yaml_axes.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

/* A case as it is being read. */
struct draft {
    struct xb_experiment *exp;
    struct xb_exp_case *c;
    char *name;
};

static int read_dom0(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    struct xb_allocation over xb_auto_allocation = XB_ALLOCATION_KEEP;
    if (xb_exp_allocation(yaml, node, key, &over, err) < 0)
        return -1;
    return xb_exp_overlay(&draft->c->dom0, &over, err);
}

static int read_pools(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    return xb_exp_read_pools(yaml, node, draft->c->pools, &draft->c->pool_count, err);
}

/* How closely a key of a case's `guests` names a guest: settings of the closer key win. */
enum closeness { CLOSE_ALL, CLOSE_PATTERN, CLOSE_NAME, CLOSE_END };

static enum closeness closeness_of(const char *key)
{
    if (strcmp(key, "all") == 0)
        return CLOSE_ALL;
    return strpbrk(key, "*?[") ? CLOSE_PATTERN : CLOSE_NAME;
}

static int fail_no_guest(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                         const struct xb_experiment *exp, struct xb_err *err)
{
    const char *names[XB_EXP_GUESTS_MAX + 2] = {"all"};
    for (size_t g = 0; g < exp->guest_count; g++)
        names[g + 1] = exp->guests[g].name;
    const char *near = xb_nearest(key, names);
    if (near)
        return xb_yaml_fail(yaml, node, err, "no guest `%.60s`; did you mean `%s`?", key, near);
    return xb_yaml_fail(
        yaml, node, err,
        "no guest `%.60s`; a guest's name, a pattern such as \"clone*\", or all was expected", key);
}

static int read_guest_settings(const struct xb_yaml *yaml, struct fy_node_pair *pair,
                               struct draft *draft, struct xb_err *err)
{
    struct xb_allocation over xb_auto_allocation = XB_ALLOCATION_KEEP;
    struct fy_node *node = fy_node_pair_key(pair);
    const char *key = xb_yaml_scalar(node);
    if (xb_yaml_map(yaml, fy_node_pair_value(pair), xb_exp_allocation_keys, xb_exp_aliases, &over,
                    NULL, err) < 0)
        return -1;
    bool found = false;
    for (size_t g = 0; g < draft->exp->guest_count; g++) {
        if (closeness_of(key) != CLOSE_ALL && fnmatch(key, draft->exp->guests[g].name, 0) != 0)
            continue;
        found = true;
        if (xb_exp_overlay(&draft->c->guests[g], &over, err) < 0)
            return -1;
    }
    return found ? 0 : fail_no_guest(yaml, node, key, draft->exp, err);
}

static int read_guests(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(yaml, node, err,
                            "`guests` of a case gives settings by guest: {all: {hard: \"2-3\"}}");
    for (enum closeness close = CLOSE_ALL; close < CLOSE_END; close++) {
        void *iter = NULL;
        struct fy_node_pair *pair;
        while ((pair = fy_node_mapping_iterate(node, &iter))) {
            const char *name = xb_yaml_scalar(fy_node_pair_key(pair));
            if (!name)
                return xb_yaml_fail(yaml, node, err, "a guest's name was expected");
            if (closeness_of(name) == close && read_guest_settings(yaml, pair, draft, err) < 0)
                return -1;
        }
    }
    return 0;
}

static const struct xb_yaml_key case_keys[] = {
    {.name = "name", .offset = offsetof(struct draft, name), .read = xb_yaml_text},
    {.name = "dom0", .offset = 0, .read = read_dom0},
    {.name = "guests", .offset = 0, .read = read_guests},
    {.name = "pools", .offset = 0, .read = read_pools},
    {0},
};

static int name_case(const struct xb_yaml *yaml, struct fy_node *node, struct draft *draft,
                     struct xb_err *err)
{
    char label[256], full[512];
    xb_yaml_axes_label(yaml->axes, label, sizeof(label));
    if (!draft->name && !label[0])
        return xb_yaml_fail(yaml, node, err, "this case has no `name`");
    if (draft->name && xb_exp_check_name(yaml, node, "a case's `name`", draft->name, err) < 0)
        return -1;
    snprintf(full, sizeof(full), "%s%s%s", draft->name ? draft->name : "",
             draft->name && label[0] ? ": " : "", label);
    for (size_t i = 0; i + 1 < draft->exp->case_count; i++)
        if (strcmp(draft->exp->cases[i].name, full) == 0)
            return xb_yaml_fail(yaml, node, err,
                                "a second case named `%s`; the first is in line %u", full,
                                draft->exp->cases[i].line);
    draft->c->name = strdup(full);
    return draft->c->name ? 0 : xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
}

/*
 * A new case at the end of the experiment's, holding what is set for all cases. NULL with err
 * filled.
 */
static struct xb_exp_case *add_case(const struct xb_yaml *yaml, struct xb_experiment *exp,
                                    const struct xb_allocation *dom0,
                                    const struct xb_exp_pool *pools, size_t pool_count,
                                    struct xb_err *err)
{
    struct xb_exp_case *grown = reallocarray(exp->cases, exp->case_count + 1, sizeof(*grown));
    if (!grown) {
        xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
        return NULL;
    }
    exp->cases = grown;
    struct xb_exp_case *c = &grown[exp->case_count++];
    *c = (struct xb_exp_case){.dom0 = XB_ALLOCATION_KEEP, .pool_count = pool_count};
    memcpy(c->pools, pools, pool_count * sizeof(*pools));
    c->guests = calloc(exp->guest_count, sizeof(*c->guests));
    if (!c->guests) {
        xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
        return NULL;
    }
    for (size_t g = 0; g < exp->guest_count; g++)
        c->guests[g] = XB_ALLOCATION_KEEP;
    for (size_t g = 0; g < exp->guest_count; g++)
        if (xb_exp_overlay(&c->guests[g], &exp->guests[g].alloc, err) < 0)
            return NULL;
    return xb_exp_overlay(&c->dom0, dom0, err) < 0 ? NULL : c;
}

/* Guests may get no more vcpus than they are made with. */
static int check_vcpus(const struct xb_yaml *yaml, struct fy_node *node, const struct draft *draft,
                       struct xb_err *err)
{
    for (size_t g = 0; g < draft->exp->guest_count; g++) {
        const struct xb_exp_guest *guest = &draft->exp->guests[g];
        const struct xb_allocation *alloc = &draft->c->guests[g];
        if (guest->maxvcpus && alloc->vcpus > guest->maxvcpus)
            return xb_yaml_fail(yaml, node, err,
                                "case `%s` gives %s %u vcpus, but its maxvcpus is %u",
                                draft->c->name, guest->name, alloc->vcpus, guest->maxvcpus);
    }
    return 0;
}

/* One entry of `cases`: as many cases as its lists multiply to. */
static int read_entry(struct xb_yaml *yaml, struct fy_node *entry, const struct xb_allocation *dom0,
                      const struct xb_exp_pool *pools, size_t pool_count, struct xb_experiment *exp,
                      struct xb_err *err)
{
    struct xb_yaml_axes axes = {.count = 0};
    yaml->axes = &axes;
    int rc = 0;
    do {
        struct draft draft = {.exp = exp, .c = NULL};
        if (exp->case_count == XB_EXP_CASES_MAX)
            rc = xb_yaml_fail(yaml, entry, err, "more than %d cases", XB_EXP_CASES_MAX);
        else if (!(draft.c = add_case(yaml, exp, dom0, pools, pool_count, err)))
            rc = -1;
        if (rc == 0) {
            draft.c->line = xb_yaml_line(entry);
            rc = xb_yaml_map(yaml, entry, case_keys, xb_exp_aliases, &draft, NULL, err);
        }
        if (rc == 0)
            rc = name_case(yaml, entry, &draft, err);
        if (rc == 0)
            rc = check_vcpus(yaml, entry, &draft, err);
        free(draft.name);
    } while (rc == 0 && xb_yaml_axes_next(&axes));
    yaml->axes = NULL;
    return rc;
}

static int add_only_case(const struct xb_yaml *yaml, const struct xb_allocation *dom0,
                         const struct xb_exp_pool *pools, size_t pool_count,
                         struct xb_experiment *exp, struct xb_err *err)
{
    struct xb_exp_case *c = add_case(yaml, exp, dom0, pools, pool_count, err);
    if (!c)
        return -1;
    c->line = 1;
    c->name = strdup("as configured");
    return c->name ? 0 : xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
}

int xb_exp_read_cases(struct xb_yaml *yaml, struct fy_node *cases, const struct xb_allocation *dom0,
                      const struct xb_exp_pool *pools, size_t pool_count, struct xb_experiment *exp,
                      struct xb_err *err)
{
    if (!cases)
        return add_only_case(yaml, dom0, pools, pool_count, exp, err);
    if (!fy_node_is_sequence(cases) || fy_node_sequence_item_count(cases) < 1)
        return xb_yaml_fail(yaml, cases, err,
                            "`cases` is a list; each entry starts with `- name: ...`");
    void *iter = NULL;
    struct fy_node *entry;
    while ((entry = fy_node_sequence_iterate(cases, &iter)))
        if (read_entry(yaml, entry, dom0, pools, pool_count, exp, err) < 0)
            return -1;
    return 0;
}
