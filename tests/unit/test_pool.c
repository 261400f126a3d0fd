/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cpupools whose CPUs cannot all be moved, on a simulated Xen. */
#include "alloc.h"
#include "base.h"
#include "host_record.h"
#include "pool.h"
#include "xen.h"

#include <libxl_utils.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CPUS 8
#define NOWHERE (-1)

/* Pool-0, a pool of the user's, and one that a run made; and the CPUs that Xen refuses to move. */
static const char *const names[] = {"Pool-0", "mine", "bench"};
static int home[CPUS];
static bool stuck[CPUS], is_there[3];

static libxl_cpupoolinfo describe(uint32_t pool)
{
    libxl_cpupoolinfo info = {.poolid = pool,
                              .pool_name = xb_strdup(names[pool]),
                              .sched = LIBXL_SCHEDULER_NULL,
                              .cpumap = {.size = 1, .map = xb_calloc(1, 1)}};
    for (int cpu = 0; cpu < CPUS; cpu++)
        if (home[cpu] == (int)pool)
            libxl_bitmap_set(&info.cpumap, cpu);
    return info;
}

libxl_cpupoolinfo *libxl_list_cpupool(libxl_ctx *ctx XB_UNUSED, int *count)
{
    libxl_cpupoolinfo *list = xb_calloc(XB_ARRAY_LEN(names), sizeof(*list));
    *count = 0;
    for (uint32_t pool = 0; pool < XB_ARRAY_LEN(names); pool++)
        if (is_there[pool])
            list[(*count)++] = describe(pool);
    return list;
}

int libxl_cpupool_info(libxl_ctx *ctx XB_UNUSED, libxl_cpupoolinfo *info, uint32_t pool)
{
    if (!is_there[pool])
        return ERROR_FAIL;
    *info = describe(pool);
    return 0;
}

int libxl_cpupool_cpuremove(libxl_ctx *ctx XB_UNUSED, uint32_t pool, int cpu)
{
    if (stuck[cpu] || home[cpu] != (int)pool)
        return ERROR_FAIL;
    home[cpu] = NOWHERE;
    return 0;
}

int libxl_cpupool_cpuadd(libxl_ctx *ctx XB_UNUSED, uint32_t pool, int cpu)
{
    if (stuck[cpu] || home[cpu] != NOWHERE)
        return ERROR_FAIL;
    home[cpu] = (int)pool;
    return 0;
}

int libxl_cpupool_destroy(libxl_ctx *ctx XB_UNUSED, uint32_t pool)
{
    is_there[pool] = false;
    return 0;
}

libxl_dominfo *libxl_list_domain(libxl_ctx *ctx XB_UNUSED, int *count)
{
    *count = 0;
    return xb_calloc(1, sizeof(libxl_dominfo));
}

/* Xen's version is unknown. */
const libxl_version_info *libxl_get_version_info(libxl_ctx *ctx XB_UNUSED)
{
    return NULL;
}

void xb_xen_forget(struct xb_xen *xen XB_UNUSED)
{
}

int xb_xen_fail(struct xb_xen *xen XB_UNUSED, struct xb_err *err, enum xb_err_class class,
                int rc XB_UNUSED, const char *fmt, ...)
{
    char what[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return xb_fail(err, class, 0, "%s: busy", what);
}

/* Place each CPU in the pool with this first letter ("-": none); stuck_cpus cannot be moved. */
static void play(const char *places, const char *stuck_cpus)
{
    memset(is_there, 0, sizeof(is_there));
    is_there[0] = true;
    for (int cpu = 0; cpu < CPUS; cpu++) {
        home[cpu] = NOWHERE;
        stuck[cpu] = strchr(stuck_cpus, '0' + cpu) != NULL;
        for (int pool = 0; pool < (int)XB_ARRAY_LEN(names); pool++)
            if (names[pool][0] == places[cpu])
                is_there[home[cpu] = pool] = true;
    }
}

static void expect(const char *places)
{
    char now[CPUS + 1] = "";
    memset(now, '-', CPUS);
    for (int cpu = 0; cpu < CPUS; cpu++)
        if (home[cpu] != NOWHERE)
            now[cpu] = names[home[cpu]][0];
    assert_string_equal(now, places);
}

static struct xb_xen xen;

static struct xb_cpus cpus_of(const char *text)
{
    struct xb_cpus cpus;
    assert_int_equal(xb_cpus_parse(text, &cpus, NULL), 0);
    return cpus;
}

/* What a dead run left is undone as far as Xen allows, and all that Xen refuses is reported. */
static void each_cpu_is_given_back(void **state XB_UNUSED)
{
    json_t *pools =
        json_loads("[{\"name\": \"Pool-0\", \"scheduler\": \"null\", \"cpus\": \"0-5\"},"
                   " {\"name\": \"mine\", \"scheduler\": \"null\", \"cpus\": \"6-7\"}]",
                   0, NULL);
    json_t *made = json_loads("[\"bench\"]", 0, NULL);
    struct xb_undo undo = {.xen = &xen};
    play("Pbb-m-m-", "137");
    xb_undo_pools(&undo, pools, made);
    expect("PbP-PPm-");
    assert_int_equal(undo.failed.class, XB_E_HOST);
    assert_non_null(strstr(undo.failed.msg, "cannot take CPU 1 out of cpupool bench"));
    assert_non_null(strstr(undo.failed.msg, "cannot put CPU 3 into cpupool Pool-0"));
    assert_non_null(strstr(undo.failed.msg, "cannot put CPU 7 into cpupool mine"));

    undo.failed = (struct xb_err){0};
    play("Pbb-m-m-", "");
    xb_undo_pools(&undo, pools, made);
    expect("PPPPPPmm");
    assert_string_equal(undo.failed.msg, "");
    json_decref(pools);
    json_decref(made);
}

/* A CPU that its pool keeps is reported once, although it also could not join the other pool. */
static void a_failure_is_told_once(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_cpus want = cpus_of("0,2-4");
    play("PPmmm---", "23");
    assert_int_equal(xb_pool_return_cpus(&xen, "Pool-0", &want, &err), -1);
    expect("P-mmP---");
    assert_string_equal(err.msg,
                        "cannot take CPUs 2-3 out of cpupool mine (is a vcpu pinned there, "
                        "or would a pool with domains lose its last CPU?): busy");
}

static void a_pool_that_cannot_be_removed_keeps_only_what_is_stuck(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    play("PPbbbb--", "4");
    assert_int_equal(xb_pool_destroy(&xen, "bench", &err), -1);
    expect("PPPPbP--");
    play("PPbbbb--", "");
    xb_err_clear(&err);
    assert_int_equal(xb_pool_destroy(&xen, "bench", &err), 0);
    expect("PPPPPP--");
    assert_false(is_there[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cpu_is_given_back),
        cmocka_unit_test(a_failure_is_told_once),
        cmocka_unit_test(a_pool_that_cannot_be_removed_keeps_only_what_is_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
