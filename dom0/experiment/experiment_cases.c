/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cases of an experiment file: defaults merged in, lists multiplied out. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "nearest.h"

#include <fnmatch.h>
#include <string.h>

/* A case while it is read. */
struct draft {
    struct xb_experiment *exp;
    struct xb_exp_case *c;
    struct xb_exp_setting *settings; /* of each guest */
    struct xb_exp_setting all;       /* the case's own workload, over the file's */
    char *name;
    bool has_active;
};

/* Shared by all entries of `cases`. */
struct reading {
    struct xb_yaml *yaml;
    const struct xb_exp_base *base;
    struct xb_experiment *exp;
    uint32_t excluded[XB_EXP_EXCLUDES_MAX];
};

static int read_dom0(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    xb_auto_allocation struct xb_allocation over = XB_ALLOCATION_KEEP;
    if (xb_exp_dom0(yaml, node, key, &over, err) < 0)
        return -1;
    xb_exp_note_lines(node, &draft->c->dom0_lines);
    return xb_settings_over(xb_domain_settings, &draft->c->dom0, &over, err);
}

static int read_pools(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    return xb_exp_read_pools(yaml, node, draft->c->pools, &draft->c->pool_count, err);
}

static int read_host(const struct xb_yaml *yaml, struct fy_node *node,
                     const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    return xb_exp_host(yaml, node, key, &draft->c->host, err);
}

static int read_active(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    draft->has_active = true;
    return xb_exp_active(yaml, node, draft->exp, draft->settings, err);
}

int xb_exp_fail_no_guest(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                         const struct xb_experiment *exp, struct xb_err *err)
{
    const char *names[XB_EXP_GUESTS_MAX + 2] = {"all"};
    for (size_t g = 0; g < exp->guest_count; g++)
        names[g + 1] = exp->guests[g].name;
    const char *near = xb_nearest(key, names);
    if (near)
        return xb_yaml_fail(yaml, node, err, "no guest `%.256s`; did you mean `%s`?", key, near);
    return xb_yaml_fail(
        yaml, node, err,
        "no guest `%.256s`; a guest's name, a pattern such as \"clone*\", or all was expected",
        key);
}

static int read_guest_settings(const struct xb_yaml *yaml, struct fy_node_pair *pair,
                               struct draft *draft, struct xb_err *err)
{
    xb_auto_setting struct xb_exp_setting over = XB_EXP_SETTING_KEEP(draft->exp);
    struct fy_node *node = fy_node_pair_key(pair);
    const char *key = xb_yaml_scalar(node);
    if (xb_exp_setting(yaml, fy_node_pair_value(pair), NULL, &over, err) < 0)
        return -1;
    bool found = false;
    for (size_t g = 0; g < draft->exp->guest_count; g++) {
        if (!xb_exp_key_means(key, draft->exp->guests[g].name))
            continue;
        found = true;
        if (xb_exp_setting_over(&draft->settings[g], &over, err) < 0)
            return -1;
    }
    return found ? 0 : xb_exp_fail_no_guest(yaml, node, key, draft->exp, err);
}

static int read_guests(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key XB_UNUSED, void *value, struct xb_err *err)
{
    struct draft *draft = value;
    if (!fy_node_is_mapping(node))
        return xb_yaml_fail(yaml, node, err,
                            "`guests` of a case gives settings by guest: {all: {hard: \"2-3\"}}");
    for (int close = XB_CLOSE_ALL; close < XB_CLOSE_END; close++) {
        void *iter = NULL;
        struct fy_node_pair *pair;
        while ((pair = fy_node_mapping_iterate(node, &iter))) {
            const char *name = xb_yaml_scalar(fy_node_pair_key(pair));
            if (!name)
                return xb_yaml_fail(yaml, node, err, "a guest's name was expected");
            if ((int)xb_exp_closeness(name) == close &&
                read_guest_settings(yaml, pair, draft, err) < 0)
                return -1;
        }
    }
    return 0;
}

const struct xb_yaml_key xb_exp_case_keys[] = {
    {.name = "name", .offset = offsetof(struct draft, name), .read = xb_yaml_text},
    {.name = "dom0", .offset = 0, .read = read_dom0},
    {.name = "guests", .offset = 0, .read = read_guests},
    {.name = "pools", .offset = 0, .read = read_pools},
    {.name = "host", .offset = 0, .read = read_host},
    {.name = "workload",
     .offset = offsetof(struct draft, all),
     .read = xb_exp_workload,
     .matrix = true},
    {.name = "active", .offset = 0, .read = read_active},
    {0},
};

static int name_case(const struct xb_yaml *yaml, struct fy_node *node, struct draft *draft,
                     struct xb_err *err)
{
    char label[256], full[512];
    xb_yaml_axes_label(yaml->axes, label, sizeof(label));
    if (node && !draft->name && !label[0])
        return xb_yaml_fail(yaml, node, err, "this case has no `name`");
    if (draft->name && xb_exp_check_name(yaml, node, "a case's `name`", draft->name, err) < 0)
        return -1;
    const char *name = draft->name ? draft->name : node || label[0] ? "" : "as configured";
    snprintf(full, sizeof(full), "%s%s%s", name, *name && label[0] ? ": " : "", label);
    for (size_t i = 0; i + 1 < draft->exp->case_count; i++)
        if (strcmp(draft->exp->cases[i].name, full) == 0)
            return xb_yaml_fail(yaml, node, err,
                                "a second case named `%s`; the first is in line %u", full,
                                draft->exp->cases[i].line);
    draft->c->name = xb_strdup(full);
    return 0;
}

struct xb_exp_case *xb_exp_add_case(struct xb_experiment *exp)
{
    struct xb_exp_case *c = xb_append(&exp->cases, &exp->case_count);
    *c = (struct xb_exp_case){
        .dom0 = XB_ALLOCATION_KEEP, .host = XB_EXP_HOST_KEEP, .solo_of = XB_EXP_NO_CASE};
    c->guests = xb_calloc(exp->guest_count, sizeof(*c->guests));
    c->parts = xb_calloc(exp->guest_count, sizeof(*c->parts));
    for (size_t g = 0; g < exp->guest_count; g++)
        c->guests[g] = XB_ALLOCATION_KEEP;
    return c;
}

/* Read from the file's top level what holds in every case, under the current choice of axes. */
static int read_base(const struct reading *r, struct draft *draft, size_t *first,
                     struct xb_err *err)
{
    const struct xb_exp_base *base = r->base;
    struct fy_node *workload = base->workload;
    static const struct xb_yaml_key key = {.name = "workload"};
    if (workload && fy_node_is_sequence(workload) &&
        !(workload = xb_yaml_axes_choose(r->yaml, workload, key.name, err)))
        return -1;
    if (workload && xb_exp_workload(r->yaml, workload, &key, &draft->all, err) < 0)
        return -1;
    if (xb_exp_read_settings(r->yaml, base, draft->exp, draft->settings, first, err) < 0 ||
        (base->dom0 && read_dom0(r->yaml, base->dom0, NULL, draft, err) < 0) ||
        (base->pools && read_pools(r->yaml, base->pools, NULL, draft, err) < 0))
        return -1;
    return base->host ? read_host(r->yaml, base->host, NULL, draft, err) : 0;
}

/* A guest cannot get more vcpus than it is made with. */
static int check_vcpus(const struct xb_yaml *yaml, struct fy_node *node, const struct draft *draft,
                       struct xb_err *err)
{
    for (size_t g = 0; g < draft->exp->guest_count; g++) {
        const struct xb_exp_guest *guest = &draft->exp->guests[g];
        const struct xb_exp_setting *s = &draft->settings[g];
        uint32_t most = s->build.maxvcpus ? s->build.maxvcpus : guest->maxvcpus;
        size_t masks = xb_allocation_vcpus_named(&s->alloc, NULL);
        if (most && s->alloc.vcpus > most)
            return xb_yaml_fail(yaml, node, err,
                                "case `%s` gives %s %u vcpus, but its maxvcpus is %u",
                                draft->c->name, guest->name, s->alloc.vcpus, most);
        if (most && masks > 1 && masks > most)
            return xb_yaml_fail(yaml, node, err,
                                "case `%s` has a setting for vcpu %zu of %s, but its maxvcpus "
                                "is %u",
                                draft->c->name, masks - 1, guest->name, most);
    }
    return 0;
}

/* Put the guests' settings into the case, which must measure at least one guest. */
static int place_guests(const struct xb_yaml *yaml, struct fy_node *node, struct draft *draft,
                        struct xb_err *err)
{
    struct xb_experiment *exp = draft->exp;
    size_t measured = 0;
    for (size_t g = 0; g < exp->guest_count; g++) {
        const struct xb_exp_setting *s = &draft->settings[g];
        struct xb_exp_part *part = &draft->c->parts[g];
        part->role = s->idle == 1         ? XB_ROLE_IDLE
                     : s->background == 1 ? XB_ROLE_BACKGROUND
                                          : XB_ROLE_MEASURED;
        part->workload = s->workload != XB_EXP_NO_WORKLOAD ? s->workload : draft->all.workload;
        part->solo_case = XB_EXP_NO_CASE;
        part->build = s->build;
        part->lines = s->lines;
        measured += part->role == XB_ROLE_MEASURED;
        if (part->role != XB_ROLE_IDLE && part->workload == XB_EXP_NO_WORKLOAD)
            return xb_yaml_fail(yaml, node, err,
                                "guest %s has no `workload`: a name from `xenbench workload list`, "
                                "or {command: ...}, for all or for each guest",
                                exp->guests[g].name);
        if (s->build.maxvcpus > exp->guests[g].maxvcpus)
            exp->guests[g].maxvcpus = s->build.maxvcpus;
        if (xb_settings_over(xb_domain_settings, &draft->c->guests[g], &s->alloc, err) < 0)
            return -1;
    }
    if (measured == 0)
        return xb_yaml_fail(yaml, node, err,
                            "case `%s` measures nobody: every guest is idle or background",
                            draft->c->name);
    return 0;
}

/* A list in the workload for all guests must make a difference in every case. */
static int check_common_list(const struct reading *r, const struct draft *draft, uint32_t common,
                             struct xb_err *err)
{
    struct fy_node *said = r->base->workload;
    char label[128] = "";
    bool runs = false;
    if (!said)
        return 0;
    xb_yaml_axes_label_within(r->yaml->axes, said, label, sizeof(label));
    if (!fy_node_is_sequence(said) && !label[0])
        return 0;
    for (size_t g = 0; g < draft->exp->guest_count; g++) {
        const struct xb_exp_part *part = &draft->c->parts[g];
        runs = runs || (part->role != XB_ROLE_IDLE && part->workload == common);
    }
    return runs ? 0
                : xb_yaml_fail(r->yaml, said, err,
                               "`workload` has a list, but no guest of case `%s` runs this "
                               "workload: the list would only repeat the case",
                               draft->c->name);
}

static int read_draft(struct reading *r, struct fy_node *entry, struct draft *draft,
                      struct xb_err *err)
{
    struct fy_node *at = entry ? entry : r->base->guests;
    size_t first;
    draft->c->line = xb_yaml_line(at);
    if (read_base(r, draft, &first, err) < 0)
        return -1;
    uint32_t common = draft->all.workload;
    if (entry &&
        xb_yaml_map(r->yaml, entry, xb_exp_case_keys, xb_exp_aliases, draft, NULL, err) < 0)
        return -1;
    if (!draft->has_active)
        xb_exp_first_active(draft->exp, "all", first, draft->settings);
    if (name_case(r->yaml, entry, draft, err) < 0 || check_vcpus(r->yaml, at, draft, err) < 0)
        return -1;
    return place_guests(r->yaml, at, draft, err) < 0 ? -1
                                                     : check_common_list(r, draft, common, err);
}

static int read_one(struct reading *r, struct fy_node *entry, struct xb_err *err)
{
    struct xb_experiment *exp = r->exp;
    struct fy_node *at = entry ? entry : r->base->guests;
    if (exp->case_count == XB_EXP_CASES_MAX)
        return xb_yaml_fail(r->yaml, at, err, "more than %d cases", XB_EXP_CASES_MAX);
    struct draft draft = {.exp = exp, .all = XB_EXP_SETTING_KEEP(exp)};
    draft.settings = xb_calloc(exp->guest_count, sizeof(*draft.settings));
    draft.c = xb_exp_add_case(exp);
    for (size_t g = 0; g < exp->guest_count; g++)
        draft.settings[g] = XB_EXP_SETTING_KEEP(exp);
    int status = read_draft(r, entry, &draft, err);
    if (status == 0 && r->base->exclude &&
        xb_exp_excluded(r->yaml, r->base->exclude, draft.name, r->excluded))
        xb_exp_case_free(&exp->cases[--exp->case_count], exp->guest_count);
    for (size_t g = 0; draft.settings && g < exp->guest_count; g++)
        xb_exp_setting_clear(&draft.settings[g]);
    free(draft.settings);
    free(draft.name);
    return status;
}

/* Read an entry of `cases`: a case for each combination of its lists and those of the top level. */
static int read_entry(struct reading *r, struct fy_node *entry, struct xb_err *err)
{
    struct xb_yaml_axes axes = {.count = 0};
    r->yaml->axes = &axes;
    int status;
    do
        status = read_one(r, entry, err);
    while (status == 0 && xb_yaml_axes_next(&axes));
    r->yaml->axes = NULL;
    xb_yaml_axes_clear(&axes);
    return status;
}

static int read_entries(struct reading *r, struct fy_node *cases, struct xb_err *err)
{
    if (!cases)
        return read_entry(r, NULL, err);
    if (!fy_node_is_sequence(cases) || fy_node_sequence_item_count(cases) < 1)
        return xb_yaml_fail(r->yaml, cases, err,
                            "`cases` is a list; each entry starts with `- name: ...`");
    void *iter = NULL;
    struct fy_node *entry;
    while ((entry = fy_node_sequence_iterate(cases, &iter)))
        if (read_entry(r, entry, err) < 0)
            return -1;
    return 0;
}

int xb_exp_read_cases(struct xb_yaml *yaml, const struct xb_exp_base *base,
                      struct xb_experiment *exp, struct xb_err *err)
{
    struct reading r = {.yaml = yaml, .base = base, .exp = exp};
    struct fy_node *exclude = base->exclude;
    if (exclude && (!fy_node_is_sequence(exclude) || fy_node_sequence_item_count(exclude) < 1 ||
                    fy_node_sequence_item_count(exclude) > XB_EXP_EXCLUDES_MAX))
        return xb_yaml_fail(yaml, exclude, err,
                            "`exclude` is a list of at most %d entries, each a combination to "
                            "leave out: [{workload: x264, guests: 8}]",
                            XB_EXP_EXCLUDES_MAX);
    if (read_entries(&r, base->cases, err) < 0)
        return -1;
    if (exclude && xb_exp_check_exclude(yaml, exclude, r.excluded, err) < 0)
        return -1;
    return exp->case_count ? 0
                           : xb_yaml_fail(yaml, exclude, err, "`exclude` leaves no case at all");
}
