/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cpupool's parameters: their rows, and a pool as JSON. */
#include "base.h"
#include "pool.h"

#include <libxl.h>
#include <string.h>
#include <xenctrl.h>

static char *text_of(const struct xb_setting *row, const void *in)
{
    return (char *)in + row->offset;
}

static bool said(const struct xb_setting *row, const void *in)
{
    return text_of(row, in)[0];
}

static void clear(const struct xb_setting *row, void *in)
{
    memset(text_of(row, in), 0, XB_SCHEDULE_TEXT_BYTES);
}

static int copy(const struct xb_setting *row, void *to, const void *from,
                struct xb_err *err XB_UNUSED)
{
    memcpy(text_of(row, to), text_of(row, from), XB_SCHEDULE_TEXT_BYTES);
    return 0;
}

static bool differs(const struct xb_setting *row, const void *want, const void *got, char *why,
                    size_t why_bytes)
{
    const char *in_force = text_of(row, got);
    if (strcmp(text_of(row, want), in_force) == 0)
        return false;
    snprintf(why, why_bytes, "%s `%s` asked, `%s` in force", row->name, text_of(row, want),
             in_force);
    return true;
}

static json_t *to_json(const struct xb_setting *row, const void *in)
{
    return json_string(text_of(row, in));
}

static int from_json(const struct xb_setting *row, void *in, const json_t *json, struct xb_err *err)
{
    struct xb_schedule schedule;
    const char *text = json_string_value(json);
    clear(row, in);
    if (!text || xb_schedule_parse(text, &schedule, err) < 0 ||
        !xb_schedule_format(&schedule, text_of(row, in), XB_SCHEDULE_TEXT_BYTES))
        return xb_fail(err, XB_E_INPUT, 0, "`%s` is no schedule", row->name);
    return 0;
}

/* A schedule is stored as its text. */
const struct xb_setting_kind xb_setting_schedule = {
    .said = said,
    .clear = clear,
    .copy = copy,
    .differs = differs,
    .to_json = to_json,
    .from_json = from_json,
    .text = text_of,
};

#define PARAM(key) .name = #key, .offset = offsetof(struct xb_pool_params, key), .keep = -1
#define CREDIT(member) [XB_SCHED_CREDIT] = XB_IN_XEN(libxl_sched_credit_params, member)
#define CREDIT2(member) [XB_SCHED_CREDIT2] = XB_IN_XEN(libxl_sched_credit2_params, member)

/* The bounds are Xen's own: XEN_SYSCTL_CSCHED_* and XEN_SYSCTL_SCHED_* in public/sysctl.h. */
const struct xb_setting xb_pool_settings[] = {
    {PARAM(timeslice_ms), .label = "timeslice", .unit = "ms", .kind = &xb_setting_number, .min = 1,
     .max = 1000, .xen = {CREDIT(tslice_ms)}},
    {PARAM(ratelimit_us), .label = "ratelimit", .unit = "us", .kind = &xb_setting_number,
     .max = 500000, .what = "0 (off) to 500000 microseconds",
     .xen = {CREDIT(ratelimit_us), CREDIT2(ratelimit_us)}},
    {PARAM(migration_delay_us), .label = "migration delay", .unit = "us",
     .kind = &xb_setting_number, .max = 100000, .what = "0 to 100000 microseconds",
     .xen = {CREDIT(vcpu_migr_delay_us)}},
    {.name = "schedule",
     .offset = offsetof(struct xb_pool_params, schedule),
     .kind = &xb_setting_schedule,
     .xen = {[XB_SCHED_ARINC653] = XB_IN_XEN(struct xen_sysctl_arinc653_schedule, sched_entries)}},
    {0},
};

/*
 * Numbers that the scheduler lacks are written as -1, because earlier records contain all numbers.
 */
json_t *xb_pool_to_json(const struct xb_pool *pool)
{
    char cpus[XB_CPUS_TEXT_BYTES];
    xb_cpus_format(&pool->cpus, XB_CPUS_MAX, cpus, sizeof(cpus));
    json_t *json = json_pack("{s:s, s:s, s:s}", "name", pool->name, "scheduler", pool->scheduler,
                             "cpus", cpus);
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++)
        if (!row->kind->text || row->kind->said(row, &pool->params))
            json_object_set_new(json, row->name, row->kind->to_json(row, &pool->params));
    return json;
}

static int params_from_json(const json_t *json, struct xb_pool_params *out, struct xb_err *err)
{
    *out = XB_POOL_PARAMS_KEEP;
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++) {
        const json_t *value = json_object_get(json, row->name);
        if (value && (row->kind->text || json_integer_value(value) != row->keep) &&
            row->kind->from_json(row, out, value, err) < 0)
            return -1;
    }
    return 0;
}

int xb_pool_from_json(const json_t *json, struct xb_pool *out, struct xb_err *err)
{
    const char *name, *scheduler, *cpus;
    struct xb_pool pool = {0};
    if (json_unpack((json_t *)json, "{s:s, s:s, s:s}", "name", &name, "scheduler", &scheduler,
                    "cpus", &cpus) < 0 ||
        strlen(name) > XB_POOL_NAME_MAX || strlen(scheduler) > XB_SCHEDULER_NAME_MAX)
        return xb_fail(err, XB_E_HOST, 0, "a cpupool's record is damaged");
    snprintf(pool.name, sizeof(pool.name), "%s", name);
    snprintf(pool.scheduler, sizeof(pool.scheduler), "%s", scheduler);
    if (params_from_json(json, &pool.params, err) < 0)
        return xb_fail_context(err, "cpupool %s", name);
    if (xb_cpus_parse(cpus, &pool.cpus, err) < 0)
        return -1;
    *out = pool;
    return 0;
}
