/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and applying settings asks Xen no more than it must. The test's own Xen counts calls. */
#include "alloc.h"
#include "allocation.h"
#include "base.h"

#include <libxl_utils.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <xenctrl.h>

#include <cmocka.h>

#define VCPUS 2
#define UNLISTED 7 /* a domain in a pool that Xen does not list */

static const char *const names[] = {"Pool-0", "bench"};
static unsigned lists, looks, vcpu_lists;
static struct xb_xen xen;

/* CPUs 2 and 3. */
static libxl_bitmap two_cpus(void)
{
    uint8_t *bits = xb_calloc(1, 1);
    *bits = 1 << 2 | 1 << 3;
    return (libxl_bitmap){.size = 1, .map = bits};
}

libxl_cpupoolinfo *libxl_list_cpupool(libxl_ctx *ctx XB_UNUSED, int *count)
{
    libxl_cpupoolinfo *list = xb_calloc(XB_ARRAY_LEN(names), sizeof(*list));
    lists++;
    *count = XB_ARRAY_LEN(names);
    for (uint32_t i = 0; i < XB_ARRAY_LEN(names); i++)
        list[i] = (libxl_cpupoolinfo){.poolid = i,
                                      .pool_name = xb_strdup(names[i]),
                                      .sched = LIBXL_SCHEDULER_CREDIT2,
                                      .cpumap = two_cpus()};
    return list;
}

int libxl_sched_credit2_params_get(libxl_ctx *ctx XB_UNUSED, uint32_t pool XB_UNUSED,
                                   libxl_sched_credit2_params *out)
{
    out->ratelimit_us = 1000;
    return 0;
}

int libxl_domain_info(libxl_ctx *ctx XB_UNUSED, libxl_dominfo *info, uint32_t domid)
{
    looks++;
    info->domid = domid;
    info->cpupool = domid == UNLISTED ? 9 : 1;
    info->current_memkb = 1000;
    info->outstanding_memkb = 24;
    return 0;
}

libxl_vcpuinfo *libxl_list_vcpu(libxl_ctx *ctx XB_UNUSED, uint32_t domid XB_UNUSED, int *count,
                                int *cpus)
{
    libxl_vcpuinfo *list = xb_calloc(VCPUS, sizeof(*list));
    vcpu_lists++;
    *count = VCPUS;
    *cpus = 4;
    for (uint32_t v = 0; v < VCPUS; v++)
        list[v] = (libxl_vcpuinfo){
            .vcpuid = v, .online = true, .cpumap = two_cpus(), .cpumap_soft = two_cpus()};
    return list;
}

int libxl_domain_sched_params_get(libxl_ctx *ctx XB_UNUSED, uint32_t domid XB_UNUSED,
                                  libxl_domain_sched_params *params)
{
    params->weight = 512;
    params->cap = 50;
    return 0;
}

static int changes;
int libxl_domain_sched_params_set(libxl_ctx *ctx XB_UNUSED, uint32_t domid XB_UNUSED,
                                  const libxl_domain_sched_params *params)
{
    changes += params->weight == 300;
    return 0;
}

int libxl_set_vcpuaffinity(libxl_ctx *ctx XB_UNUSED, uint32_t domid XB_UNUSED,
                           uint32_t vcpu XB_UNUSED, const libxl_bitmap *hard,
                           const libxl_bitmap *soft XB_UNUSED)
{
    changes += hard != NULL;
    return 0;
}

int libxl_cpu_bitmap_alloc(libxl_ctx *ctx XB_UNUSED, libxl_bitmap *map, int max XB_UNUSED)
{
    *map = (libxl_bitmap){.size = 1, .map = xb_calloc(1, 1)};
    return 0;
}

static unsigned hypercalls;
int xc_domain_getinfolist(xc_interface *xc XB_UNUSED, uint32_t first, unsigned max XB_UNUSED,
                          xc_domaininfo_t *info)
{
    hypercalls++;
    /* If no domain has this number, Xen reports the next one. */
    *info = (xc_domaininfo_t){.domain = first == 4 ? 5 : (domid_t)first, .max_vcpu_id = VCPUS - 1};
    return 1;
}

int xc_vcpu_getinfo(xc_interface *xc XB_UNUSED, uint32_t domid XB_UNUSED, uint32_t vcpu,
                    xc_vcpuinfo_t *info)
{
    hypercalls++;
    *info = (xc_vcpuinfo_t){
        .vcpu = vcpu, .online = vcpu == 0, .running = 1, .cpu = 3, .cpu_time = 100 + vcpu};
    return 0;
}

void xb_xen_forget(struct xb_xen *of XB_UNUSED)
{
}

int xb_xen_fail(struct xb_xen *of XB_UNUSED, struct xb_err *err, enum xb_err_class class,
                int rc XB_UNUSED, const char *fmt, ...)
{
    return xb_fail(err, class, 0, "%s", fmt);
}

static int begin(void **state XB_UNUSED)
{
    lists = looks = vcpu_lists = 0;
    changes = 0;
    return 0;
}

static void test_pools_are_listed_once_for_all_domains(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    assert_int_equal(xb_pool_list(&xen, &pools, &count, &err), 0);
    for (uint32_t domid = 0; domid < 3; domid++) {
        xb_auto_allocation struct xb_allocation got = XB_ALLOCATION_KEEP;
        assert_int_equal(xb_allocation_read_in(&xen, domid, pools, count, &got, &err), 0);
        assert_string_equal(got.pool, "bench");
        assert_int_equal(got.memory_bytes, 1024 * XB_KIB);
        assert_int_equal(got.vcpus, VCPUS);
        assert_int_equal(got.weight, 512);
        assert_int_equal(got.cap, 50);
        assert_true(xb_cpus_has(&got.hard[1], 3) && !xb_cpus_has(&got.hard[1], 1));
    }
    assert_int_equal(lists, 1);
    assert_int_equal(looks, 3);
    assert_int_equal(vcpu_lists, 3);
}

static void test_a_domain_in_a_pool_that_is_not_listed(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_allocation struct xb_allocation got = XB_ALLOCATION_KEEP;
    assert_int_equal(xb_allocation_read(&xen, UNLISTED, &got, &err), -1);
    assert_string_equal(err.msg, "domain 7 is in cpupool 9, which Xen does not list");
}

/* Affinity and weight are checked against the same pool. */
static void test_applying_asks_for_the_pool_once(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    assert_int_equal(xb_allocation_set_hard(&want, -1, "2-3", &err), 0);
    want.weight = 300;
    assert_int_equal(xb_allocation_apply(&xen, 1, &want, &err), 0);
    assert_int_equal(changes, VCPUS + 1);
    assert_int_equal(lists, 1);
    assert_int_equal(looks, 1);
}

static void test_nothing_to_apply_asks_nothing(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    const struct xb_allocation want = XB_ALLOCATION_KEEP;
    assert_int_equal(xb_allocation_apply(&xen, 1, &want, &err), 0);
    assert_int_equal(lists + looks + vcpu_lists, 0);
}

static void test_run_times_are_one_hypercall_a_vcpu(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_vcpu_time times[VCPUS + 1];
    size_t count = 0;
    hypercalls = 0;
    assert_int_equal(xb_vcpu_times(&xen, 1, times, XB_ARRAY_LEN(times), &count, &err), 0);
    assert_int_equal(count, VCPUS);
    assert_int_equal(hypercalls, 1 + VCPUS);
    assert_true(times[0].online && times[0].running && !times[1].online);
    assert_int_equal(times[1].vcpu, 1);
    assert_int_equal(times[1].pcpu, 3);
    assert_int_equal(times[1].run_ns, 101);
    /* There is room for fewer vcpus, but the count covers all of them. */
    assert_int_equal(xb_vcpu_times(&xen, 1, times, 1, &count, &err), 0);
    assert_int_equal(count, VCPUS);
    assert_int_equal(xb_vcpu_times(&xen, 4, times, 1, &count, &err), -1);
    assert_string_equal(err.msg, "cannot list the vcpus of domain 4");
    assert_int_equal(lists + looks + vcpu_lists, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_pools_are_listed_once_for_all_domains, begin),
        cmocka_unit_test_setup(test_a_domain_in_a_pool_that_is_not_listed, begin),
        cmocka_unit_test_setup(test_applying_asks_for_the_pool_once, begin),
        cmocka_unit_test_setup(test_nothing_to_apply_asks_nothing, begin),
        cmocka_unit_test_setup(test_run_times_are_one_hypercall_a_vcpu, begin),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("reading and applying settings", tests, NULL, NULL);
}
