/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as JSON, and questions about a whole experiment. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

static json_t *pool_to_json(const struct xb_exp_pool *pool)
{
    json_t *json = json_object();
    if (pool->has_cpus) {
        char cpus[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(&pool->cpus, XB_CPUS_MAX, cpus, sizeof(cpus));
        json_object_set_new(json, "cpus", json_string(cpus));
    }
    if (pool->scheduler[0])
        json_object_set_new(json, "scheduler", json_string(pool->scheduler));
    if (pool->sched_gran >= 0)
        json_object_set_new(json, "sched_gran", json_string(xb_sched_gran_words[pool->sched_gran]));
    xb_settings_put(xb_pool_settings, &pool->params, json);
    return json;
}

json_t *xb_exp_pools_to_json(const struct xb_exp_case *c)
{
    json_t *pools = json_object();
    for (size_t p = 0; p < c->pool_count; p++)
        json_object_set_new(pools, c->pools[p].name, pool_to_json(&c->pools[p]));
    return pools;
}

json_t *xb_exp_host_to_json(const struct xb_exp_host *host)
{
    json_t *json = json_object();
    if (host->governor[0])
        json_object_set_new(json, "governor", json_string(host->governor));
    if (host->turbo >= 0)
        json_object_set_new(json, "turbo", json_boolean(host->turbo));
    if (host->max_cstate == XB_CSTATE_UNLIMITED)
        json_object_set_new(json, "max_cstate", json_string("unlimited"));
    else if (host->max_cstate >= 0)
        json_object_set_new(json, "max_cstate", json_integer(host->max_cstate));
    if (host->smt >= 0)
        json_object_set_new(json, "smt", json_boolean(host->smt));
    if (host->sched_gran >= 0)
        json_object_set_new(json, "sched_gran", json_string(xb_sched_gran_words[host->sched_gran]));
    return json;
}

static json_t *part_to_json(const struct xb_experiment *exp, const struct xb_exp_part *part)
{
    json_t *json = json_pack("{s:s}", "role", xb_role_words[part->role]);
    if (part->role != XB_ROLE_IDLE)
        json_object_set_new(json, "workload", json_string(exp->workloads[part->workload].name));
    xb_exp_build_put(&part->build, json);
    return json;
}

json_t *xb_exp_case_to_json(const struct xb_experiment *exp, const struct xb_exp_case *c)
{
    json_t *guests = json_object(), *parts = json_object(), *host = xb_exp_host_to_json(&c->host);
    for (size_t g = 0; g < exp->guest_count; g++) {
        json_object_set_new(guests, exp->guests[g].name, xb_allocation_to_json(&c->guests[g]));
        json_object_set_new(parts, exp->guests[g].name, part_to_json(exp, &c->parts[g]));
    }
    json_t *json = json_pack("{s:o, s:o, s:o, s:o}", "dom0", xb_allocation_to_json(&c->dom0),
                             "guests", guests, "pools", xb_exp_pools_to_json(c), "parts", parts);
    if (json_object_size(host) > 0)
        json_object_set(json, "host", host);
    json_decref(host);
    return json;
}

const char *xb_exp_pool_of(const struct xb_exp_case *c, size_t guest)
{
    return c->guests[guest].pool[0] ? c->guests[guest].pool : XB_POOL_0;
}

/* The pool of this name that a case makes or changes; NULL: the pool stays as on the host. */
static const struct xb_exp_pool *find_pool(const struct xb_exp_case *c, const char *name)
{
    for (size_t i = 0; i < c->pool_count; i++)
        if (strcmp(c->pools[i].name, name) == 0)
            return &c->pools[i];
    return NULL;
}

/* A pool with other settings is another pool, even under the same name, except for Pool-0. */
static bool same_home(const struct xb_exp_case *a, const struct xb_exp_case *b, size_t guest)
{
    const char *name = xb_exp_pool_of(a, guest);
    if (strcmp(name, xb_exp_pool_of(b, guest)) != 0)
        return false;
    const struct xb_exp_pool *p = find_pool(a, name), *q = find_pool(b, name);
    if (strcmp(name, XB_POOL_0) == 0 || (!p && !q))
        return true;
    return p && q && xb_exp_same_pool(p, q);
}

bool xb_exp_same_pool(const struct xb_exp_pool *a, const struct xb_exp_pool *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->scheduler, b->scheduler) == 0 &&
           a->has_cpus == b->has_cpus && xb_cpus_equal(&a->cpus, &b->cpus, XB_CPUS_MAX) &&
           a->cpus.nodes == b->cpus.nodes && a->sched_gran == b->sched_gran &&
           memcmp(&a->params, &b->params, sizeof(a->params)) == 0;
}

uint32_t xb_exp_maxvcpus(const struct xb_experiment *exp, uint32_t case_no, size_t guest)
{
    uint32_t own = exp->cases[case_no].parts[guest].build.maxvcpus;
    return own ? own : exp->guests[guest].maxvcpus;
}

const char *xb_exp_made_anew(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                             size_t guest)
{
    return xb_exp_remade_key(&exp->cases[case_a].parts[guest].build,
                             &exp->cases[case_b].parts[guest].build);
}

bool xb_exp_build_differs(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                          size_t guest)
{
    const struct xb_exp_case *a = &exp->cases[case_a], *b = &exp->cases[case_b];
    const struct xb_exp_build *p = &a->parts[guest].build, *q = &b->parts[guest].build;
    if (!exp->guests[guest].image || exp->guests[guest].keep)
        return false;
    return xb_exp_build_key(p, q) || !same_home(a, b, guest);
}

bool xb_exp_builds_differ(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b)
{
    for (size_t g = 0; g < exp->guest_count; g++)
        if (xb_exp_build_differs(exp, case_a, case_b, g))
            return true;
    return false;
}

bool xb_exp_uses_pools(const struct xb_experiment *exp)
{
    for (size_t c = 0; c < exp->case_count; c++) {
        if (exp->cases[c].pool_count > 0)
            return true;
        for (size_t g = 0; g < exp->guest_count; g++)
            if (strcmp(xb_exp_pool_of(&exp->cases[c], g), XB_POOL_0) != 0)
                return true;
    }
    return false;
}

bool xb_exp_sets_memory(const struct xb_experiment *exp, int guest)
{
    for (size_t c = 0; c < exp->case_count; c++) {
        const struct xb_allocation *alloc =
            guest < 0 ? &exp->cases[c].dom0 : &exp->cases[c].guests[guest];
        if (alloc->memory_bytes)
            return true;
    }
    return false;
}

json_t *xb_texts_to_json(const struct xb_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; texts && i < texts->count; i++)
        json_array_append_new(list, json_string(texts->v[i]));
    return list;
}
