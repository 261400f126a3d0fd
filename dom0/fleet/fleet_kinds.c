/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts that differ in a fact that may change figures are never pooled. */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"

#include <string.h>

static const struct {
    const char *key, *label;
} facts[] = {
    {"cpu_model", "CPU"},
    {"cpu_microcode", "microcode"},
    {"cpus", "CPUs"},
    {"cpu_topology", "CPU topology"},
    {"numa_nodes", "NUMA nodes"},
    {"smt", "SMT"},
    {"governor", "governor"},
    {"turbo", "turbo"},
    {"xen_version", "Xen"},
    {"xen_changeset", "Xen's changeset"},
    {"xen_compile_date", "Xen compiled"},
    {"xen_command_line", "Xen's command line"},
    {"scheduler", "scheduler"},
    {"scheduler_granularity", "granularity"},
    {"dom0_kernel", "Dom0's kernel"},
    {"dom0_kernel_sha256", "digest of Dom0's kernel"},
    {"lab_host_cpus", "CPUs beneath the lab"},
};
#define GUESTS XB_ARRAY_LEN(facts) /* one more fact: the kernels of the guests */

static bool is_first_with_kernel(const struct xb_model *m, size_t group)
{
    for (size_t i = 0; i < group; i++)
        if (m->groups[i].kernel && strcmp(m->groups[i].kernel, m->groups[group].kernel) == 0)
            return false;
    return true;
}

/* The distinct kernels of a shard's guests, to free. */
static char *kernels_of(const struct xb_model *m)
{
    char *out = xb_strdup("");
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const char *kernel = m->groups[i].kernel;
        if (!kernel || !is_first_with_kernel(m, i))
            continue;
        char *more = xb_asprintf("%s%s%s", out, *out ? ", " : "", kernel);
        free(out);
        out = more;
    }
    return out;
}

/* A fact of a shard, to free; "" where it is not known. */
static char *fact_of(const struct xb_fleet_shard *s, size_t fact)
{
    const char *value = fact < GUESTS ? xb_model_fact(&s->model, facts[fact].key) : "";
    return fact < GUESTS ? xb_strdup(value ? value : "") : kernels_of(&s->model);
}

/* Did the guests have the same kernels in the cases that both shards have? */
static bool same_kernels(const struct xb_fleet *f, const struct xb_fleet_shard *a,
                         const struct xb_fleet_shard *b)
{
    for (size_t c = 0; c < f->exp->case_count; c++)
        for (size_t g = 0; g < f->exp->guest_count; g++) {
            if (a->cases[c] == XB_FLEET_NONE || b->cases[c] == XB_FLEET_NONE)
                continue;
            const char *x = xb_model_group(&a->model, a->cases[c], g)->kernel;
            const char *y = xb_model_group(&b->model, b->cases[c], g)->kernel;
            if (x && y && strcmp(x, y) != 0)
                return false;
        }
    return true;
}

static bool is_equal(const struct xb_fleet *f, const struct xb_fleet_shard *a,
                     const struct xb_fleet_shard *b, size_t fact)
{
    if (fact == GUESTS)
        return same_kernels(f, a, b);
    xb_auto_free char *x = fact_of(a, fact), *y = fact_of(b, fact);
    return strcmp(x, y) == 0;
}

/* The first shard of a kind. */
static const struct xb_fleet_shard *first_of(const struct xb_fleet *f, size_t kind)
{
    size_t i = 0;
    while (f->shards[i].kind != kind)
        i++;
    return &f->shards[i];
}

static size_t kind_of(const struct xb_fleet *f, const struct xb_fleet_shard *s)
{
    size_t kind = 0;
    for (; kind < f->kind_count; kind++) {
        size_t fact = 0;
        while (fact <= GUESTS && is_equal(f, first_of(f, kind), s, fact))
            fact++;
        if (fact > GUESTS)
            break;
    }
    return kind;
}

static bool varies(const struct xb_fleet *f, size_t fact)
{
    for (size_t kind = 1; kind < f->kind_count; kind++)
        if (!is_equal(f, first_of(f, 0), first_of(f, kind), fact))
            return true;
    return false;
}

/* "CPU Xeon 8370C, Xen 4.17.5" */
static void say_kind(struct xb_fleet *f, size_t kind)
{
    char *text = xb_strdup("");
    for (size_t fact = 0; fact <= GUESTS; fact++) {
        if (!varies(f, fact))
            continue;
        xb_auto_free char *value = fact_of(first_of(f, kind), fact);
        char *more = xb_asprintf("%s%s%s %.160s", text, *text ? "; " : "",
                                 fact < GUESTS ? facts[fact].label : "guests' kernels",
                                 *value ? value : "not known");
        free(text);
        text = more;
    }
    f->kinds[kind].what = xb_arena_strdup(&f->arena, text);
    free(text);
}

void xb_fleet_find_kinds(struct xb_fleet *f)
{
    for (size_t i = 0; i < f->count; i++)
        f->shards[i].kind = XB_FLEET_NONE;
    for (size_t i = 0; i < f->count; i++) {
        size_t kind = kind_of(f, &f->shards[i]);
        f->shards[i].kind = kind;
        if (kind == f->kind_count)
            xb_arena_grow(&f->arena, &f->kinds, &f->kind_count, sizeof(*f->kinds));
        f->kinds[kind].shards++;
    }
    for (size_t kind = 0; kind < f->kind_count; kind++)
        say_kind(f, kind);
}
