/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPU time that settings promise to guests, and Dom0's probe. */
#include "base.h"
#include "probe.h"
#include "promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct xb_err err;

/* The lab: four CPUs in Pool-0, under a scheduler. */
static struct xb_pool pool_of(const char *scheduler, const char *name, const char *cpus)
{
    struct xb_pool pool = {0};
    snprintf(pool.name, sizeof(pool.name), "%s", name);
    snprintf(pool.scheduler, sizeof(pool.scheduler), "%s", scheduler);
    xb_cpus_parse(cpus, &pool.cpus, NULL);
    return pool;
}

static struct xb_pool pool_0(const char *scheduler)
{
    return pool_of(scheduler, "Pool-0", "0-3");
}

/* A guest's allocation as read back. */
static struct xb_allocation guest(uint32_t vcpus, const char *hard, int weight, int cap)
{
    struct xb_allocation a = XB_ALLOCATION_KEEP;
    a.vcpus = vcpus;
    a.weight = weight;
    a.cap = cap;
    snprintf(a.pool, sizeof(a.pool), "Pool-0");
    for (uint32_t v = 0; v < vcpus; v++)
        assert_int_equal(xb_allocation_set_hard(&a, (int)v, hard, &err), 0);
    return a;
}

static void promise_in(const struct xb_pool *pools, size_t pool_count, struct xb_allocation *guests,
                       size_t count, struct xb_promise *out)
{
    xb_promises(pools, pool_count, guests, count, out);
    for (size_t g = 0; g < count; g++)
        xb_allocation_free(&guests[g]);
}

static void assert_promised(const struct xb_promise *promise, double cpus)
{
    if (!promise->known)
        fail_msg("not known: %s", promise->how);
    if (promise->cpus < cpus - 1e-6 || promise->cpus > cpus + 1e-6)
        fail_msg("%f promised (%s), %f expected", promise->cpus, promise->how, cpus);
}

static void assert_all(const char *scheduler, struct xb_allocation *guests, size_t count,
                       const double *cpus)
{
    struct xb_pool pool = pool_0(scheduler);
    struct xb_promise out[8];
    promise_in(&pool, 1, guests, count, out);
    for (size_t g = 0; g < count; g++)
        assert_promised(&out[g], cpus[g]);
}

static void test_a_core_each(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "1", 256, 0), guest(1, "2", 4096, 0),
                                     guest(1, "3", 256, 0)};
    assert_all("credit2", guests, 3, (double[]){1, 1, 1});
}

static void test_no_pinning_and_room_for_all(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "all", 256, 0), guest(2, "all", 512, 0),
                                     guest(1, "2-3", 256, 0)};
    assert_all("credit", guests, 3, (double[]){1, 2, 1});
}

/* Measured under Xen 4.17: run times of 4.0 : 7.3 : 14.1. */
static void test_weights_bind_among_pinned_guests_under_credit2(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "3", 256, 0), guest(1, "3", 512, 0),
                                     guest(1, "3", 1024, 0)};
    assert_all("credit2", guests, 3, (double[]){1 / 7.0, 2 / 7.0, 4 / 7.0});
}

/* Measured in the same way: 6100 : 6000 : 6000. */
static void test_weights_bind_nothing_among_pinned_guests_under_credit(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "3", 256, 0), guest(1, "3", 512, 0),
                                     guest(1, "3", 1024, 0)};
    assert_all("credit", guests, 3, (double[]){1 / 3.0, 1 / 3.0, 1 / 3.0});
}

/* Measured in a pool of one CPU under credit: 2670 : 5500 : 11070. */
static void test_weights_bind_in_a_pool_of_one_cpu_under_credit(void **state XB_UNUSED)
{
    struct xb_pool pools[] = {pool_of("credit2", "Pool-0", "0-2"), pool_of("credit", "one", "3")};
    struct xb_allocation guests[] = {guest(1, "all", 256, 0), guest(1, "all", 512, 0),
                                     guest(1, "all", 1024, 0)};
    struct xb_promise out[3];
    for (size_t g = 0; g < 3; g++)
        snprintf(guests[g].pool, sizeof(guests[g].pool), "one");
    promise_in(pools, 2, guests, 3, out);
    assert_promised(&out[0], 1 / 7.0);
    assert_promised(&out[1], 2 / 7.0);
    assert_promised(&out[2], 4 / 7.0);
}

/*
 * Measured: 24.7 : 14.4 : 14.3 of 53.4 s on CPUs 2 and 3; the heavy vcpu cannot use more than one
 * CPU.
 */
static void test_nobody_gets_more_than_its_vcpus_can_use(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "2-3", 4096, 0), guest(1, "2-3", 256, 0),
                                     guest(1, "2-3", 256, 0)};
    assert_all("credit2", guests, 3, (double[]){1, 0.5, 0.5});
}

static void test_caps_bound_and_leave_the_rest_to_the_others(void **state XB_UNUSED)
{
    struct xb_allocation one[] = {guest(1, "3", 256, 40)};
    assert_all("credit", one, 1, (double[]){0.4});
    struct xb_allocation guests[] = {guest(1, "3", 256, 20), guest(1, "3", 256, 0)};
    assert_all("credit2", guests, 2, (double[]){0.2, 0.8});
    struct xb_allocation both[] = {guest(1, "3", 256, 20), guest(1, "3", 256, 0)};
    assert_all("credit", both, 2, (double[]){0.2, 0.8});
    struct xb_allocation wide[] = {guest(2, "2-3", 256, 150)};
    assert_all("credit2", wide, 1, (double[]){1.5});
}

/* A weight applies to each vcpu, under both schedulers. */
static void test_a_guest_with_two_vcpus_weighs_twice(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(2, "3", 256, 0), guest(1, "3", 256, 0)};
    assert_all("credit2", guests, 2, (double[]){2 / 3.0, 1 / 3.0});
}

static void test_cpus_that_overlap_in_part_are_not_computed(void **state XB_UNUSED)
{
    struct xb_pool pool = pool_0("credit2");
    struct xb_promise out[4];
    struct xb_allocation guests[] = {guest(1, "1-2", 256, 0), guest(1, "2-3", 256, 0),
                                     guest(2, "1-3", 256, 0), guest(1, "0", 256, 0)};
    promise_in(&pool, 1, guests, 4, out);
    for (size_t g = 0; g < 3; g++) {
        assert_false(out[g].known);
        assert_non_null(strstr(out[g].how, "not computed"));
    }
    assert_promised(&out[3], 1);
}

/* The affinities overlap, but there is an assignment in which each vcpu has its own CPU. */
static void test_room_is_found_by_moving_on(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(1, "1-2", 256, 0), guest(1, "1", 256, 0),
                                     guest(1, "2-3", 256, 0)};
    assert_all("credit2", guests, 3, (double[]){1, 1, 1});
}

static struct xb_allocation with_rtds(struct xb_allocation a, uint32_t period_us,
                                      uint32_t budget_us, int extratime)
{
    for (uint32_t v = 0; v < a.vcpus; v++)
        assert_int_equal(xb_allocation_set_rtds(
                             &a, (int)v, &(struct xb_rtds){period_us, budget_us, extratime}, &err),
                         0);
    return a;
}

static void test_rtds_promises_budgets(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {
        with_rtds(guest(2, "all", -1, -1), 10000, 4000, 0),
        with_rtds(guest(1, "3", -1, -1), 20000, 15000, 1),
        guest(1, "0-1", -1, -1), /* Xen's defaults: 4 ms of 10 */
    };
    assert_all("rtds", guests, 3, (double[]){0.8, 0.75, 0.4});
}

/* Two guests ask for slightly more than one CPU, to which their affinity confines them. */
static void test_rtds_promises_nothing_beyond_its_cpus(void **state XB_UNUSED)
{
    struct xb_pool pool = pool_0("rtds");
    struct xb_promise out[3];
    struct xb_allocation guests[] = {with_rtds(guest(1, "3", -1, -1), 10000, 5000, 0),
                                     with_rtds(guest(1, "3", -1, -1), 10000, 5100, 0),
                                     with_rtds(guest(1, "1", -1, -1), 10000, 5100, 0)};
    promise_in(&pool, 1, guests, 3, out);
    assert_false(out[0].known || out[1].known);
    assert_non_null(strstr(out[0].how, "budgets are more than its CPUs can give"));
    assert_promised(&out[2], 0.51);
}

static void test_null_promises_a_cpu_for_each_vcpu(void **state XB_UNUSED)
{
    struct xb_allocation guests[] = {guest(2, "all", -1, -1), guest(1, "3", -1, -1)};
    assert_all("null", guests, 2, (double[]){2, 1});
    struct xb_pool pool = pool_0("null");
    struct xb_promise out[2];
    struct xb_allocation crowd[] = {guest(4, "all", -1, -1), guest(1, "3", -1, -1)};
    promise_in(&pool, 1, crowd, 2, out);
    assert_false(out[0].known || out[1].known);
    assert_non_null(strstr(out[1].how, "without a CPU"));
}

/* CPUs 0 and 1 are the threads of a core, 2 and 3 those of another. */
static const struct xb_pcpu threads[] = {
    {0, true, 0, 0, 0, 0}, {1, true, 0, 0, 0, 0}, {2, true, 1, 0, 0, 0}, {3, true, 1, 0, 0, 0}};

static void promise_by_cores(const char *scheduler, struct xb_allocation *guests, size_t count,
                             struct xb_promise *out)
{
    struct xb_pool pool = pool_0(scheduler);
    pool.units = (struct xb_units){.gran = 1, .pcpus = threads, .count = 4};
    promise_in(&pool, 1, guests, count, out);
}

static void test_core_scheduling_shares_out_cores(void **state XB_UNUSED)
{
    struct xb_promise out[3];
    /* Two guests of one vcpu each take turns on a core that has a thread for each of them. */
    struct xb_allocation pair[] = {guest(1, "2-3", 256, 0), guest(1, "2-3", 256, 0)};
    promise_by_cores("credit2", pair, 2, out);
    assert_promised(&out[0], 0.5);
    assert_promised(&out[1], 0.5);
    assert_string_equal(out[0].how, "2 units on 1 core, by weights");
    /* Both vcpus of a guest run at once, on the threads of a core. */
    struct xb_allocation wide[] = {guest(2, "2-3", 256, 0), guest(1, "2", 768, 0)};
    promise_by_cores("credit2", wide, 2, out);
    assert_promised(&out[0], 0.5);
    assert_promised(&out[1], 0.75);
    /* Three vcpus are two units, and each unit has its own core. */
    struct xb_allocation three[] = {guest(3, "all", 256, 0)};
    promise_by_cores("credit2", three, 1, out);
    assert_promised(&out[0], 3);
    assert_string_equal(out[0].how, "a core for each unit");
    struct xb_allocation crowd[] = {guest(1, "all", 256, 0), guest(1, "all", 256, 0),
                                    guest(1, "all", 256, 0)};
    promise_by_cores("credit2", crowd, 3, out);
    assert_promised(&out[0], 2.0 / 3);
    /* A cap limits the unit's time on a core, in which each of its vcpus runs. */
    struct xb_allocation capped[] = {guest(2, "all", 256, 50)};
    promise_by_cores("credit2", capped, 1, out);
    assert_promised(&out[0], 1);
    struct xb_allocation none[] = {guest(2, "all", -1, -1), guest(1, "all", -1, -1),
                                   guest(1, "all", -1, -1)};
    promise_by_cores("null", none, 3, out);
    assert_false(out[0].known);
    assert_non_null(strstr(out[0].how, "some of the units without a core"));
}

static void test_a_schedule_promises_its_entries(void **state XB_UNUSED)
{
    struct xb_pool pool = pool_of("arinc653", "p", "3");
    struct xb_promise out = {.how = "before"};
    xb_promise_by_schedule(&pool, "a", 1, &out);
    assert_string_equal(out.how, "before");
    strcpy(pool.params.schedule, "a 2ms, b 5ms, a 500us, a:1 1500us, idle 1ms");
    xb_promise_by_schedule(&pool, "a", 1, &out);
    assert_promised(&out, 0.25);
    assert_string_equal(out.how, "arinc653: 2.5 ms of each 10 ms");
    xb_promise_by_schedule(&pool, "a", 2, &out);
    assert_promised(&out, 0.4);
    strcpy(pool.scheduler, "credit2");
    out = (struct xb_promise){.how = "before"};
    xb_promise_by_schedule(&pool, "a", 1, &out);
    assert_string_equal(out.how, "before");
}

static void test_a_scheduler_that_is_not_known_is_said(void **state XB_UNUSED)
{
    struct xb_pool pool = pool_0("arinc653");
    struct xb_promise out[2];
    struct xb_allocation guests[] = {guest(1, "all", 256, 0), guest(1, "all", 256, 0)};
    snprintf(guests[1].pool, sizeof(guests[1].pool), "gone");
    promise_in(&pool, 1, guests, 2, out);
    assert_false(out[0].known);
    assert_string_equal(out[0].how, "not computed for the scheduler arinc653");
    assert_false(out[1].known);
    assert_non_null(strstr(out[1].how, "cpupool"));
}

static void test_shares_add_up(void **state XB_UNUSED)
{
    const double weights[] = {1, 2, 4, 100}, limits[] = {1, 0.1, 1, 0.5};
    double out[4], sum = 0;
    xb_share_out(1, weights, limits, 4, out);
    for (int i = 0; i < 4; i++)
        sum += out[i];
    assert_true(sum > 1 - 1e-9 && sum < 1 + 1e-9);
    assert_true(out[3] == 0.5 && out[1] == 0.1);
    assert_true(out[2] > 3.99 * out[0] && out[2] < 4.01 * out[0]);
    xb_share_out(100, weights, limits, 4, out);
    assert_memory_equal(out, limits, sizeof(out));
    xb_share_out(0, NULL, limits, 4, out);
    assert_true(out[0] == 0);
    xb_share_out(1, NULL, NULL, 0, out);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_the_probe_reads_what_is_there(void **state XB_UNUSED)
{
    char folder[] = "/tmp/xenbench-probe.XXXXXX", path[64];
    struct xb_probe before, after;
    assert_non_null(mkdtemp(folder));
    xb_probe_read(folder, &before);
    assert_false(before.has_steal || before.has_pressure || before.has_delay);
    snprintf(path, sizeof(path), "%s/pressure", folder);
    mkdir(path, 0700);
    write_file(folder, "stat", "cpu  1 2 3 4 5 6 7 100 0 0\ncpu0 1\n");
    write_file(folder, "pressure/cpu",
               "some avg10=0.00 avg60=0.00 avg300=0.00 total=5000\nfull avg10=0 total=1\n");
    xb_probe_read(folder, &before);
    assert_true(before.has_steal && before.has_pressure && !before.has_delay);
    assert_int_equal(before.pressure_ns, 5000000);
    write_file(folder, "stat", "cpu  1 2 3 4 5 6 7 112 0 0\n");
    xb_probe_read(folder, &after);
    struct xb_probe passed = xb_probe_between(&before, &after);
    assert_int_equal(passed.steal_ns, 12 * (XB_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)));
    assert_int_equal(passed.pressure_ns, 0);
    snprintf(path, sizeof(path), "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

static void test_short_of_cpu_begins_beyond_the_slack(void **state XB_UNUSED)
{
    struct xb_probe passed = {.time_ns = 10 * XB_NS_PER_S};
    assert_false(xb_probe_is_short(&passed));
    passed.steal_ns = 220 * XB_NS_PER_MS;
    assert_false(xb_probe_is_short(&passed));
    passed.steal_ns++;
    assert_true(xb_probe_is_short(&passed));
    passed.steal_ns = 0;
    passed.pressure_ns = 520 * XB_NS_PER_MS + 1;
    assert_true(xb_probe_is_short(&passed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_core_each),
        cmocka_unit_test(test_no_pinning_and_room_for_all),
        cmocka_unit_test(test_weights_bind_among_pinned_guests_under_credit2),
        cmocka_unit_test(test_weights_bind_nothing_among_pinned_guests_under_credit),
        cmocka_unit_test(test_weights_bind_in_a_pool_of_one_cpu_under_credit),
        cmocka_unit_test(test_nobody_gets_more_than_its_vcpus_can_use),
        cmocka_unit_test(test_caps_bound_and_leave_the_rest_to_the_others),
        cmocka_unit_test(test_a_guest_with_two_vcpus_weighs_twice),
        cmocka_unit_test(test_cpus_that_overlap_in_part_are_not_computed),
        cmocka_unit_test(test_room_is_found_by_moving_on),
        cmocka_unit_test(test_rtds_promises_budgets),
        cmocka_unit_test(test_rtds_promises_nothing_beyond_its_cpus),
        cmocka_unit_test(test_null_promises_a_cpu_for_each_vcpu),
        cmocka_unit_test(test_core_scheduling_shares_out_cores),
        cmocka_unit_test(test_a_schedule_promises_its_entries),
        cmocka_unit_test(test_a_scheduler_that_is_not_known_is_said),
        cmocka_unit_test(test_shares_add_up),
        cmocka_unit_test(test_the_probe_reads_what_is_there),
        cmocka_unit_test(test_short_of_cpu_begins_beyond_the_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
