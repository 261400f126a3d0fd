/* A cpupool's parameters: their rows, and a pool as JSON. */
#include "base.h"
#include "pool.h"

#include <libxl.h>
#include <string.h>

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
        json_object_set_new(json, row->name, row->kind->to_json(row, &pool->params));
    return json;
}

static int params_from_json(const json_t *json, struct xb_pool_params *out, struct xb_err *err)
{
    *out = XB_POOL_PARAMS_KEEP;
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++) {
        const json_t *value = json_object_get(json, row->name);
        if (value && json_integer_value(value) != row->keep &&
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
