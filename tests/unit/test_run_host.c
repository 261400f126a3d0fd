/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's settings between cases, on a host that this file plays. */
#include "base.h"
#include "host.h"
#include "run_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define POOLS 3

/* Pool-0 and a pool of the user's, with CPUs 0-3 and 4-7; and the pool of the run. */
static struct xb_pool host[2];
static struct xb_pool now[POOLS];
static size_t count;

/* The linker calls these instead of what moves CPUs of a real Xen (build.mk). */
__typeof__(xb_pool_set_cpus) __wrap_xb_pool_set_cpus;
__typeof__(xb_pool_create) __wrap_xb_pool_create;
__typeof__(xb_pool_destroy) __wrap_xb_pool_destroy;
__typeof__(xb_pool_set_params) __wrap_xb_pool_set_params;
__typeof__(xb_host_record_pools) __wrap_xb_host_record_pools;

static struct xb_pool *find(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(now[i].name, name) == 0)
            return &now[i];
    return NULL;
}

int __wrap_xb_pool_set_cpus(struct xb_xen *xen XB_UNUSED, const char *name,
                            const struct xb_cpus *cpus, struct xb_err *err XB_UNUSED)
{
    for (size_t i = 0; i < count; i++)
        now[i].cpus = xb_cpus_without(&now[i].cpus, cpus);
    find(name)->cpus = *cpus;
    return 0;
}

int __wrap_xb_pool_create(struct xb_xen *xen, const char *name, const char *scheduler XB_UNUSED,
                          const char *gran XB_UNUSED, const struct xb_cpus *cpus,
                          struct xb_err *err)
{
    assert_true(count < POOLS);
    now[count] = (struct xb_pool){.params = XB_POOL_PARAMS_KEEP};
    strcpy(now[count++].name, name);
    return __wrap_xb_pool_set_cpus(xen, name, cpus, err);
}

/* Xen's own rule: the CPUs go to Pool-0. */
int __wrap_xb_pool_destroy(struct xb_xen *xen XB_UNUSED, const char *name,
                           struct xb_err *err XB_UNUSED)
{
    struct xb_pool *gone = find(name);
    for (uint32_t cpu = 0; cpu < 8; cpu++)
        if (xb_cpus_has(&gone->cpus, cpu))
            xb_cpus_add(&now[0].cpus, cpu);
    *gone = now[--count];
    return 0;
}

int __wrap_xb_pool_set_params(struct xb_xen *xen XB_UNUSED, const char *name XB_UNUSED,
                              const struct xb_pool_params *want XB_UNUSED,
                              struct xb_err *err XB_UNUSED)
{
    return 0;
}

int __wrap_xb_host_record_pools(struct xb_app *app XB_UNUSED, const char *const *names XB_UNUSED,
                                size_t names_count XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

static struct xb_cpus cpus_of(const char *text)
{
    struct xb_cpus cpus;
    struct xb_err err = {0};
    assert_int_equal(xb_cpus_parse(text, &cpus, &err), 0);
    return cpus;
}

static void begin(struct xb_run *run, struct xb_experiment *exp)
{
    host[0] = (struct xb_pool){.name = XB_POOL_0, .params = XB_POOL_PARAMS_KEEP};
    host[1] = (struct xb_pool){.name = "mine", .params = XB_POOL_PARAMS_KEEP};
    host[0].cpus = cpus_of("0-3");
    host[1].cpus = cpus_of("4-7");
    memcpy(now, host, sizeof(host));
    count = 2;
    *run = (struct xb_run){.exp = exp};
    run->host.pools = host;
    run->host.pool_count = 2;
    run->host.pools_case = XB_EXP_NO_CASE;
}

/* Case 0 makes a pool of these CPUs, case 1 needs none. */
static void change_and_back(const char *cpus)
{
    struct xb_exp_case cases[2] = {{.pool_count = 1}, {.pool_count = 0}};
    struct xb_experiment exp = {.cases = cases, .case_count = 2};
    struct xb_run run;
    struct xb_err err = {0};
    cases[0].pools[0] = (struct xb_exp_pool){
        .name = "bench", .has_cpus = true, .sched_gran = -1, .params = XB_POOL_PARAMS_KEEP};
    cases[0].pools[0].cpus = cpus_of(cpus);
    begin(&run, &exp);
    assert_int_equal(xb_run_pools_apply(&run, 0, &err), 0);
    assert_true(xb_cpus_equal(&find("bench")->cpus, &cases[0].pools[0].cpus, 8));
    assert_int_equal(xb_run_pools_apply(&run, 1, &err), 0);
    assert_null(find("bench"));
    for (size_t i = 0; i < 2; i++)
        assert_true(xb_cpus_equal(&find(host[i].name)->cpus, &host[i].cpus, 8));
}

static void pools_of_the_host_get_their_cpus_back(void **state XB_UNUSED)
{
    change_and_back("2-3");
    change_and_back("6-7");
    change_and_back("3-4");
}

/* Nothing is known of a host that was not read: then only what the case itself names is wanted. */
static void what_is_wanted_of_power(void **state XB_UNUSED)
{
    struct xb_exp_case cases[2] = {
        {.host = {.governor = "performance", .turbo = 0, .max_cstate = 1}},
        {.host = {.turbo = -1, .max_cstate = -1}}};
    struct xb_experiment exp = {.cases = cases, .case_count = 2};
    struct xb_run run = {.exp = &exp, .host = {.lock = -1, .power = {.max_cstate = 3}}};
    struct xb_power_want want = xb_run_wanted_power(&run, &cases[1]);
    assert_false(want.governor_found || want.turbo_found);
    assert_int_equal(want.max_cstate, -1);
    run.host.lock = 0;
    want = xb_run_wanted_power(&run, &cases[1]);
    assert_true(want.governor_found && want.turbo_found);
    assert_int_equal(want.max_cstate, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_of_the_host_get_their_cpus_back),
        cmocka_unit_test(what_is_wanted_of_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
