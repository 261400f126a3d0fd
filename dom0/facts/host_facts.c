/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a host as JSON, and back. */
#include "host_facts.h"

#include "alloc.h"
#include "base.h"
#include "files.h"

#include <string.h>

void xb_host_facts_clear(struct xb_host_facts *facts)
{
    for (size_t i = 0; i < facts->image_count; i++) {
        json_decref(facts->images[i].workloads);
        json_decref(facts->images[i].types);
    }
    for (size_t i = 0; i < facts->guest_count; i++)
        xb_allocation_free(&facts->guests[i].now);
    free(facts->pcpus);
    free(facts->pools);
    free(facts->pool_grans);
    free(facts->guests);
    free(facts->images);
    xb_allocation_free(&facts->dom0);
    *facts = (struct xb_host_facts){.max_cstate = -1};
}

uint32_t xb_host_cpus_online(const struct xb_host_facts *facts)
{
    uint32_t online = 0;
    for (uint32_t i = 0; facts->pcpus && i < facts->cpus; i++)
        online += facts->pcpus[i].online;
    return facts->pcpus ? online : facts->cpus;
}

const struct xb_host_guest *xb_host_guest(const struct xb_host_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->guest_count; i++)
        if (strcmp(facts->guests[i].name, name) == 0)
            return &facts->guests[i];
    return NULL;
}

const struct xb_host_guest *xb_host_present(const struct xb_host_facts *facts, const char *name)
{
    const struct xb_host_guest *guest = xb_host_guest(facts, name);
    return guest && !guest->made ? guest : NULL;
}

const struct xb_host_image *xb_host_image(const struct xb_host_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->image_count; i++)
        if (strcmp(facts->images[i].name, name) == 0)
            return &facts->images[i];
    return NULL;
}

enum xb_known xb_host_scheduler(const struct xb_host_facts *facts, const char *name)
{
    enum xb_scheduler scheduler = xb_scheduler_of(name);
    return scheduler < XB_SCHEDULERS ? facts->schedulers[scheduler] : XB_UNKNOWN;
}

/* Leave out the key of an unknown fact. */
static void put_known(json_t *json, const char *key, enum xb_known known)
{
    if (known != XB_UNKNOWN)
        json_object_set_new(json, key, json_boolean(known == XB_YES));
}

static enum xb_known get_known(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    return json_is_true(value) ? XB_YES : json_is_false(value) ? XB_NO : XB_UNKNOWN;
}

static void put_text(json_t *json, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(json, key, json_string(text));
}

static void get_text(const json_t *json, const char *key, char *out, size_t bytes)
{
    const char *text = json_string_value(json_object_get(json, key));
    snprintf(out, bytes, "%s", text ? text : "");
}

static uint64_t get_number(const json_t *json, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(json, key));
    return n > 0 ? (uint64_t)n : 0;
}

static json_t *pcpus_to_json(const struct xb_host_facts *facts)
{
    json_t *list = json_array();
    for (uint32_t i = 0; facts->pcpus && i < facts->cpus; i++) {
        const struct xb_pcpu *p = &facts->pcpus[i];
        json_array_append_new(list, json_pack("{s:b, s:i, s:i, s:i}", "online", p->online, "core",
                                              (int)p->core, "socket", (int)p->socket, "node",
                                              (int)p->node));
    }
    return list;
}

static json_t *pools_to_json(const struct xb_host_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->pool_count; i++)
        json_array_append_new(list, xb_pool_to_json(&facts->pools[i]));
    return list;
}

static json_t *guests_to_json(const struct xb_host_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->guest_count; i++) {
        const struct xb_host_guest *g = &facts->guests[i];
        json_t *json =
            json_pack("{s:s, s:b, s:i, s:I}", "name", g->name, "running", g->running, "vcpus",
                      (int)g->vcpus, "memory_bytes", (json_int_t)g->memory_bytes);
        put_text(json, "pool", g->pool);
        put_text(json, "image", g->image);
        if (g->maxvcpus)
            json_object_set_new(json, "maxvcpus", json_integer(g->maxvcpus));
        if (g->made)
            json_object_set_new(json, "made_by_run", json_true());
        if (g->now.hard_count)
            json_object_set_new(json, "allocation", xb_allocation_to_json(&g->now));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *images_to_json(const struct xb_host_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->image_count; i++) {
        const struct xb_host_image *image = &facts->images[i];
        json_t *json = json_pack("{s:s, s:I}", "name", image->name, "min_memory_bytes",
                                 (json_int_t)image->min_memory_bytes);
        if (image->workloads)
            json_object_set(json, "workloads", image->workloads);
        if (image->types)
            json_object_set(json, "types", image->types);
        json_array_append_new(list, json);
    }
    return list;
}

json_t *xb_host_facts_to_json(const struct xb_host_facts *facts)
{
    json_t *schedulers = json_object(), *types = json_object();
    put_known(types, "pv", facts->pv);
    put_known(types, "pvh", facts->pvh);
    put_known(types, "hvm", facts->hvm);
    for (size_t i = 0; i < XB_SCHEDULERS; i++)
        put_known(schedulers, xb_scheduler_words[i], facts->schedulers[i]);
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "schema",
                  XB_HOST_FACTS_SCHEMA, "xen_version", facts->version, "cpus", pcpus_to_json(facts),
                  "pools", pools_to_json(facts), "dom0", xb_allocation_to_json(&facts->dom0),
                  "memory_bytes", (json_int_t)facts->memory_bytes, "free_bytes",
                  (json_int_t)facts->free_bytes, "schedulers", schedulers, "guest_types", types,
                  "guests", guests_to_json(facts), "images", images_to_json(facts));
    put_known(json, "dom0_balloons", facts->balloons);
    put_known(json, "risky_pool_moves", facts->risky_moves);
    put_known(json, "cpufreq", facts->cpufreq);
    put_text(json, "governor", facts->governor);
    put_text(json, "governors", facts->governors);
    put_known(json, "turbo", facts->turbo);
    put_known(json, "cstates", facts->cstates);
    if (facts->max_cstate >= 0)
        json_object_set_new(json, "max_cstate", json_integer(facts->max_cstate));
    put_known(json, "smt", facts->smt);
    put_text(json, "sched_gran", facts->sched_gran);
    put_known(json, "pool_sched_gran", facts->pool_gran);
    if (facts->lab_cpus) {
        json_object_set_new(json, "lab_host_cpus", json_integer(facts->lab_host_cpus));
        json_object_set_new(json, "lab_cpus", json_integer(facts->lab_cpus));
    }
    return json;
}

static int get_pcpus(struct xb_host_facts *out, const json_t *list, struct xb_err *err)
{
    size_t count = json_array_size(list);
    if (count < 1 || count > XB_CPUS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "`cpus` is not a list of 1 to %d CPUs", XB_CPUS_MAX);
    out->pcpus = xb_calloc(count, sizeof(*out->pcpus));
    out->cpus = (uint32_t)count;
    for (uint32_t i = 0; i < out->cpus; i++) {
        const json_t *p = json_array_get(list, i);
        out->pcpus[i] = (struct xb_pcpu){.cpu = i,
                                         .online = json_is_true(json_object_get(p, "online")),
                                         .core = (uint32_t)get_number(p, "core"),
                                         .socket = (uint32_t)get_number(p, "socket"),
                                         .node = (uint32_t)get_number(p, "node")};
    }
    return 0;
}

static int get_pools(struct xb_host_facts *out, const json_t *list, struct xb_err *err)
{
    size_t count = json_array_size(list);
    out->pools = xb_calloc(count + 1, sizeof(*out->pools));
    for (; out->pool_count < count; out->pool_count++)
        if (xb_pool_from_json(json_array_get(list, out->pool_count), &out->pools[out->pool_count],
                              err) < 0)
            return -1;
    return count ? 0 : xb_fail(err, XB_E_INPUT, 0, "`pools` is empty: Xen always has one");
}

static int get_guests(struct xb_host_facts *out, const json_t *list, struct xb_err *err)
{
    size_t count = json_array_size(list);
    out->guests = xb_calloc(count + 1, sizeof(*out->guests));
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        const json_t *now = json_object_get(json, "allocation");
        struct xb_host_guest *g = &out->guests[out->guest_count++];
        g->now = XB_ALLOCATION_KEEP;
        if (now && xb_allocation_from_json(now, &g->now, err) < 0)
            return -1;
        g->made = json_is_true(json_object_get(json, "made_by_run"));
        get_text(json, "name", g->name, sizeof(g->name));
        get_text(json, "pool", g->pool, sizeof(g->pool));
        get_text(json, "image", g->image, sizeof(g->image));
        g->running = json_is_true(json_object_get(json, "running"));
        g->vcpus = (uint32_t)get_number(json, "vcpus");
        g->maxvcpus = (uint32_t)get_number(json, "maxvcpus");
        g->memory_bytes = get_number(json, "memory_bytes");
    }
    return 0;
}

static void get_images(struct xb_host_facts *out, const json_t *list)
{
    size_t count = json_array_size(list);
    out->images = xb_calloc(count + 1, sizeof(*out->images));
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        struct xb_host_image *image = &out->images[out->image_count++];
        get_text(json, "name", image->name, sizeof(image->name));
        image->min_memory_bytes = get_number(json, "min_memory_bytes");
        image->workloads = json_incref(json_object_get(json, "workloads"));
        image->types = json_incref(json_object_get(json, "types"));
    }
}

static void get_power(struct xb_host_facts *out, const json_t *json)
{
    const json_t *cstate = json_object_get(json, "max_cstate");
    out->cpufreq = get_known(json, "cpufreq");
    get_text(json, "governor", out->governor, sizeof(out->governor));
    get_text(json, "governors", out->governors, sizeof(out->governors));
    out->turbo = get_known(json, "turbo");
    out->cstates = get_known(json, "cstates");
    out->max_cstate = json_is_integer(cstate) ? json_integer_value(cstate) : -1;
    out->smt = get_known(json, "smt");
    get_text(json, "sched_gran", out->sched_gran, sizeof(out->sched_gran));
    out->pool_gran = get_known(json, "pool_sched_gran");
}

static int from_json(struct xb_host_facts *out, const json_t *json, struct xb_err *err)
{
    const json_t *schedulers = json_object_get(json, "schedulers");
    const json_t *types = json_object_get(json, "guest_types");
    out->pv = get_known(types, "pv");
    out->pvh = get_known(types, "pvh");
    out->hvm = get_known(types, "hvm");
    get_text(json, "xen_version", out->version, sizeof(out->version));
    out->memory_bytes = get_number(json, "memory_bytes");
    out->free_bytes = get_number(json, "free_bytes");
    out->balloons = get_known(json, "dom0_balloons");
    out->risky_moves = get_known(json, "risky_pool_moves");
    out->lab_host_cpus = (uint32_t)get_number(json, "lab_host_cpus");
    out->lab_cpus = (uint32_t)get_number(json, "lab_cpus");
    for (size_t i = 0; i < XB_SCHEDULERS; i++)
        out->schedulers[i] = get_known(schedulers, xb_scheduler_words[i]);
    get_power(out, json);
    if (get_pcpus(out, json_object_get(json, "cpus"), err) < 0 ||
        get_pools(out, json_object_get(json, "pools"), err) < 0 ||
        get_guests(out, json_object_get(json, "guests"), err) < 0)
        return -1;
    get_images(out, json_object_get(json, "images"));
    return xb_allocation_from_json(json_object_get(json, "dom0"), &out->dom0, err);
}

int xb_host_facts_load(struct xb_host_facts *out, const char *path, struct xb_err *err)
{
    json_error_t where;
    *out = (struct xb_host_facts){.dom0 = XB_ALLOCATION_KEEP, .max_cstate = -1};
    json_t *json = json_load_file(path, 0, &where);
    if (!json)
        return xb_fail(err, XB_E_INPUT, 0, "%s:%d: not read: %s", path, where.line, where.text);
    const char *schema = json_string_value(json_object_get(json, "schema"));
    int r = 0;
    if (!schema || strcmp(schema, XB_HOST_FACTS_SCHEMA) != 0)
        r = xb_fail(err, XB_E_INPUT, 0,
                    "%s: not a description of a host; `xenbench host show` on the host writes "
                    "one",
                    path);
    struct xb_err why = {0};
    if (r == 0 && from_json(out, json, &why) < 0)
        r = xb_fail(err, XB_E_INPUT, 0, "%s: %s", path, why.msg);
    json_decref(json);
    if (r < 0)
        xb_host_facts_clear(out);
    return r;
}
