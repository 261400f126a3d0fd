/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between the runs: hosts, guests, settings of the cases, the way of measuring. */
#include "alloc.h"
#include "base.h"
#include "compare_model.h"
#include "store_read_run.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGEST_SHOWN 12
#define UNKNOWN "not known"
/* Xen measures the frequency at each boot, so smaller differences mean nothing. */
#define KHZ_TOLERANCE 0.01

static const struct {
    const char *key, *label;
} facts[] = {
    {"host_name", "Host"},
    {"xen_version", "Xen"},
    {"xen_changeset", "Its changeset"},
    {"xen_compile_date", "Its build"},
    {"xen_command_line", "Its command line"},
    {"xen_capabilities", "Its capabilities"},
    {"toolstack", "Toolstack"},
    {"dom0_kernel", "Dom0's kernel"},
    {"dom0_kernel_sha256", "Its digest"},
    {"scheduler", "Scheduler of " XB_POOL_0},
    {"scheduler_granularity", "Its granularity"},
    {"cpu_model", "CPU"},
    {"cpu_microcode", "Microcode"},
    {"cpus", "CPUs that Xen sees"},
    {"smt", "SMT"},
    {"governor", "Frequency governor"},
    {"turbo", "Turbo"},
    {"sandbox", "Sandbox of what reads guests"},
};

static const struct {
    size_t at; /* in struct xb_traits_row */
    const char *label;
} traits[] = {
    {offsetof(struct xb_traits_row, image), "image"},
    {offsetof(struct xb_traits_row, disk_sha256), "digest of the image's disk"},
    {offsetof(struct xb_traits_row, kernel_sha256), "digest of the image's kernel"},
    {offsetof(struct xb_traits_row, initrd_sha256), "digest of the image's initramfs"},
    {offsetof(struct xb_traits_row, type), "type"},
    {offsetof(struct xb_traits_row, kernel), "kernel"},
    {offsetof(struct xb_traits_row, os), "system"},
    {offsetof(struct xb_traits_row, workload), "workload"},
    {offsetof(struct xb_traits_row, vcpus), "vcpus"},
    {offsetof(struct xb_traits_row, memory_bytes), "memory"},
    {offsetof(struct xb_traits_row, clocksource), "clocksource"},
    {offsetof(struct xb_traits_row, agent), "agent"},
    {offsetof(struct xb_traits_row, agent_sha256), "digest of the agent"},
};

static const char *known(const char *value)
{
    return value && *value ? value : UNKNOWN;
}

static bool is_digest(const char *value)
{
    return strlen(value) == 64 && strspn(value, "0123456789abcdef") == 64;
}

/* "A 4.17.5; B, C 4.20.5"; NULL if all values are the same. values has one for each run. */
static char *compare_values(struct xb_comparison *c, const char *const *values)
{
    char *text = xb_compare_text(c, "%s", "");
    bool same = true;
    for (size_t i = 1; i < c->run_count; i++)
        same = same && strcmp(values[i], values[0]) == 0;
    for (size_t i = 0; !same && i < c->run_count; i++) {
        size_t first = 0;
        while (strcmp(values[first], values[i]) != 0)
            first++;
        if (first < i)
            continue;
        text = xb_compare_text(c, "%s%s", text, i > 0 ? "; " : "");
        for (size_t j = i; j < c->run_count; j++)
            if (strcmp(values[j], values[i]) == 0)
                text = xb_compare_text(c, "%s%s%s", text, j > i ? ", " : "", c->runs[j].letter);
        text = xb_compare_text(c, "%s %.*s", text,
                               is_digest(values[i]) ? DIGEST_SHOWN : (int)strlen(values[i]),
                               values[i]);
    }
    return same ? NULL : text;
}

static void say_values(struct xb_comparison *c, const char *label, const char *const *values)
{
    const char *text = compare_values(c, values);
    if (text)
        xb_compare_say(c, &c->differs, &c->differ_count, "%s: %s", label, text);
}

/* ---- hosts ---- */

static bool is_near(const char *key, const char *const *values, size_t count)
{
    for (size_t i = 1; strcmp(key, "cpu_khz") == 0 && i < count; i++)
        if (!(fabs(strtod(values[i], NULL) / strtod(values[0], NULL) - 1) < KHZ_TOLERANCE))
            return false;
    return strcmp(key, "cpu_khz") == 0;
}

static void compare_fact(struct xb_comparison *c, const char *key, const char *label)
{
    const char *values[XB_COMPARE_RUNS];
    for (size_t i = 0; i < c->run_count; i++)
        values[i] = known(xb_model_fact(&c->runs[i].model, key));
    if (!is_near(key, values, c->run_count))
        say_values(c, label, values);
}

static bool has_label(const char *key)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(facts); i++)
        if (strcmp(facts[i].key, key) == 0)
            return true;
    return false;
}

/* Facts without a label, once each. */
static void compare_other_facts(struct xb_comparison *c)
{
    for (size_t run = 0; run < c->run_count; run++) {
        const struct xb_model *m = &c->runs[run].model;
        for (size_t i = 0; i < m->fact_count; i++) {
            bool told = has_label(m->facts[i].key);
            for (size_t before = 0; before < run; before++)
                told = told || xb_model_fact(&c->runs[before].model, m->facts[i].key);
            if (!told)
                compare_fact(c, m->facts[i].key, m->facts[i].key);
        }
    }
}

/* ---- the way of measuring ---- */

static void compare_measuring(struct xb_comparison *c)
{
    const char *values[5][XB_COMPARE_RUNS];
    static const char *const labels[] = {"xenbench", "Experiment", "Order of cells", "Warm-ups",
                                         "Settings by --set"};
    bool same_source = true;
    for (size_t i = 0; i < c->run_count; i++) {
        const struct xb_run_row *run = &c->runs[i].model.run;
        values[0][i] = known(run->version);
        values[1][i] = known(run->name);
        values[2][i] = known(run->order);
        values[3][i] = xb_compare_text(c, "%u", run->warmup);
        values[4][i] = *c->runs[i].sets ? c->runs[i].sets : "none";
        same_source = same_source && strcmp(c->runs[i].source, c->runs[0].source) == 0;
    }
    for (size_t v = 0; v < XB_ARRAY_LEN(labels); v++)
        say_values(c, labels[v], values[v]);
    if (!same_source)
        xb_compare_say(c, &c->differs, &c->differ_count,
                       "The experiment files differ: `xenbench runs show RUN --experiment` prints "
                       "each");
}

/* ---- guests ---- */

/* How a trait of the guest differs between runs. NULL: it does not, or a run lacks the guest. */
static const char *trait_text(struct xb_comparison *c, const char *guest, size_t at)
{
    const char *values[XB_COMPARE_RUNS];
    for (size_t i = 0; i < c->run_count; i++) {
        const struct xb_compared_run *run = &c->runs[i];
        values[i] = NULL;
        for (size_t t = 0; t < run->trait_count; t++)
            if (strcmp(run->traits[t].guest, guest) == 0)
                values[i] = known(*(char *const *)((const char *)&run->traits[t] + at));
        if (!values[i])
            return NULL;
    }
    return compare_values(c, values);
}

/* Guests with the same difference make one line. */
static void compare_trait(struct xb_comparison *c, size_t at, const char *label)
{
    const struct xb_compared_run *ours = &c->runs[0];
    const char **texts = xb_arena_alloc(&c->arena, ours->trait_count + 1, sizeof(*texts));
    for (size_t g = 0; g < ours->trait_count; g++)
        texts[g] = trait_text(c, ours->traits[g].guest, at);
    for (size_t g = 0; g < ours->trait_count; g++) {
        if (!texts[g])
            continue;
        const char *names = ours->traits[g].guest, *text = texts[g];
        for (size_t other = g + 1; other < ours->trait_count; other++) {
            if (!texts[other] || strcmp(texts[other], text) != 0)
                continue;
            names = xb_compare_text(c, "%s, %s", names, ours->traits[other].guest);
            texts[other] = NULL;
        }
        xb_compare_say(c, &c->differs, &c->differ_count, "%s: %s: %s", names, label, text);
    }
}

/* ---- settings of cases ---- */

/* "Case first: guests.one.weight" grows by a key at a time. */
static char *longer(struct xb_comparison *c, const char *path, const char *key)
{
    return xb_compare_text(c, "%s%s%s", path, path[strlen(path) - 1] == ' ' ? "" : ".", key);
}

/* Say each value below `path` that is not the same in both. Either may be NULL: absent. */
static void compare_json(struct xb_comparison *c, const char *path, const json_t *a,
                         const json_t *b, const char *letter)
{
    const char *key;
    json_t *value;
    if (json_equal((json_t *)a, (json_t *)b))
        return;
    if (!json_is_object(a) || !json_is_object(b)) {
        xb_auto_free char *was = a ? json_dumps(a, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        xb_auto_free char *is = b ? json_dumps(b, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        xb_compare_say(c, &c->differs, &c->differ_count, "%s: A %s; %s %s", path,
                       was ? was : "not set", letter, is ? is : "not set");
        return;
    }
    json_object_foreach((json_t *)a, key, value)
        compare_json(c, longer(c, path, key), value, json_object_get(b, key), letter);
    json_object_foreach((json_t *)b, key, value) if (!json_object_get(a, key))
        compare_json(c, longer(c, path, key), NULL, value, letter);
}

static void compare_settings(struct xb_comparison *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        const struct xb_compared *row = &c->rows[i], *before = i > 0 ? row - 1 : NULL;
        if (before && before->run == row->run && before->case_a == row->case_a)
            continue;
        const struct xb_model_case *ours = &c->runs[0].model.cases[row->case_a];
        const struct xb_model_case *theirs = &c->runs[row->run].model.cases[row->case_b];
        json_t *a = json_loads(ours->settings, 0, NULL);
        json_t *b = json_loads(theirs->settings, 0, NULL);
        compare_json(c, xb_compare_text(c, "Case %s: ", ours->name), a, b,
                     c->runs[row->run].letter);
        json_decref(a);
        json_decref(b);
    }
}

void xb_compare_differs(struct xb_comparison *c)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(facts); i++)
        compare_fact(c, facts[i].key, facts[i].label);
    compare_other_facts(c);
    compare_measuring(c);
    for (size_t i = 0; i < XB_ARRAY_LEN(traits); i++)
        compare_trait(c, traits[i].at, traits[i].label);
    compare_settings(c);
}
