/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which settings of the host are restored and which are left alone, as far as this needs no Xen. */
#include "allocation.h"
#include "base.h"
#include "host_power.h"
#include "host_record.h"
#include "xen_domains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static json_t *json(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

static const char recorded_text[] = "[{\"name\": \"Pool-0\"}, {\"name\": \"mine\"}]";

static void test_only_pools_of_the_run_are_removed(void **state XB_UNUSED)
{
    json_t *recorded = json(recorded_text), *made = json("[\"bench\", \"mine\"]");
    assert_true(xb_pool_is_made("bench", recorded, made));
    assert_false(xb_pool_is_made("prod", recorded, made));
    assert_false(xb_pool_is_made("Pool-0", recorded, made));
    /* A pool that existed before the run is not the run's, even if the list names it. */
    assert_false(xb_pool_is_made("mine", recorded, made));
    /* Earlier versions listed no pools, so every new pool counts as made by the run. */
    assert_true(xb_pool_is_made("prod", recorded, NULL));
    assert_false(xb_pool_is_made("Pool-0", recorded, NULL));
    json_decref(recorded);
    json_decref(made);
}

/* UUIDs are compared without regard to case, names with. */
static void a_record_is_searched_by_a_key(void **state XB_UNUSED)
{
    json_t *list =
        json("[{\"name\": \"Web\", \"uuid\": \"AB-1\"}, {\"uuid\": 3}, 7, {\"name\": \"db\"}]");
    assert_true(xb_record_lists(list, "name", "Web", strcmp));
    assert_true(xb_record_lists(list, "name", "db", strcmp));
    assert_false(xb_record_lists(list, "name", "web", strcmp));
    assert_true(xb_record_lists(list, "uuid", "ab-1", strcasecmp));
    assert_false(xb_record_lists(list, "uuid", "ab-2", strcasecmp));
    assert_false(xb_record_lists(NULL, "uuid", "ab-1", strcasecmp));
    json_decref(list);
}

static struct xb_pool pool(const char *name, const char *cpus)
{
    struct xb_pool out = {0};
    snprintf(out.name, sizeof(out.name), "%s", name);
    assert_int_equal(xb_cpus_parse(cpus, &out.cpus, NULL), 0);
    return out;
}

static void expect_back(const char *made_text, const char *expected)
{
    json_t *recorded = json(recorded_text), *made = made_text ? json(made_text) : NULL;
    struct xb_pool want = pool("Pool-0", "0-3"), expect = pool("", expected);
    const struct xb_pool now[] = {pool("Pool-0", "0-1"), pool("bench", "2"), pool("prod", "3")};
    struct xb_cpus back = xb_pool_cpus_back(&want, now, XB_ARRAY_LEN(now), recorded, made);
    assert_true(xb_cpus_equal(&back, &expect.cpus, XB_CPUS_MAX));
    json_decref(recorded);
    json_decref(made);
}

/* A pool that somebody else has made since keeps its CPUs, too. */
static void test_pools_of_others_keep_their_cpus(void **state XB_UNUSED)
{
    expect_back("[\"bench\"]", "0-2");
    expect_back("[\"bench\", \"prod\"]", "0-3");
    expect_back(NULL, "0-3");
}

static void put_cpu(struct xb_power *power, const char *governor, int turbo)
{
    struct xb_power_cpu *cpu = &power->cpus[power->cpu_count++];
    snprintf(cpu->governor, sizeof(cpu->governor), "%s", governor);
    cpu->turbo = turbo;
}

/* CPUs with different governors each get their own back. */
static void test_each_cpu_gets_its_own_back(void **state XB_UNUSED)
{
    static struct xb_power found, now;
    struct xb_power_want want = {.governor = "", .turbo = -1, .max_cstate = -1, .found = &found};
    char why[160];
    found = now = (struct xb_power){.max_cstate = -1};
    put_cpu(&found, "performance", 1);
    put_cpu(&found, "powersave", 0);
    put_cpu(&found, "", -1); /* no driver scales it */
    put_cpu(&now, "performance", 1);
    put_cpu(&now, "performance", 1);
    put_cpu(&now, "", -1);
    assert_false(xb_power_differs(&want, &now, why, sizeof(why)));
    want.governor_found = true;
    assert_string_equal(xb_power_governor_of(&want, 0), "performance");
    assert_string_equal(xb_power_governor_of(&want, 1), "powersave");
    assert_string_equal(xb_power_governor_of(&want, 2), "");
    assert_string_equal(xb_power_governor_of(&want, XB_CPUS_MAX + 1), "");
    assert_true(xb_power_differs(&want, &now, why, sizeof(why)));
    assert_string_equal(why, "CPU 1: governor powersave asked, performance in force");
    want.governor = "performance";
    want.turbo_found = true;
    assert_true(xb_power_differs(&want, &now, why, sizeof(why)));
    assert_string_equal(why, "CPU 1: turbo off asked, on in force");
    want.turbo = 1;
    assert_false(xb_power_differs(&want, &now, why, sizeof(why)));
    want.max_cstate = 1;
    assert_true(xb_power_differs(&want, &now, why, sizeof(why)));
}

/* The linker calls these instead of what reads and changes domains of a real Xen (build.mk). */
__typeof__(xb_domain_with_uuid) __wrap_xb_domain_with_uuid;
__typeof__(xb_allocation_read) __wrap_xb_allocation_read;
__typeof__(xb_allocation_apply) __wrap_xb_allocation_apply;

static const char *domains_now[3]; /* allocations, as JSON; NULL: the domain cannot be read */
static char applied[256];          /* what was applied, in order */

bool __wrap_xb_domain_with_uuid(struct xb_xen *xen XB_UNUSED, const char *uuid, uint32_t *domid)
{
    *domid = (uint32_t)(uuid[0] - '0');
    return true;
}

int __wrap_xb_allocation_read(struct xb_xen *xen XB_UNUSED, uint32_t domid,
                              struct xb_allocation *out, struct xb_err *err)
{
    if (!domains_now[domid])
        return xb_fail(err, XB_E_HOST, 0, "cannot be read");
    json_t *now = json(domains_now[domid]);
    assert_int_equal(xb_allocation_from_json(now, out, err), 0);
    out->host_cpus = 8;
    json_decref(now);
    return 0;
}

/* Dom0's memory cannot be changed. */
int __wrap_xb_allocation_apply(struct xb_xen *xen XB_UNUSED, uint32_t domid,
                               const struct xb_allocation *want, struct xb_err *err)
{
    size_t used = strlen(applied);
    snprintf(applied + used, sizeof(applied) - used, "%s%s%s%s",
             want->memory_bytes ? (domid ? "guest's memory, " : "Dom0's memory, ") : "",
             want->vcpus ? "vcpus, " : "", want->weight > 0 ? "weight, " : "",
             want->hard_count ? "affinity, " : "");
    return want->memory_bytes && !domid ? xb_fail(err, XB_E_BENCH, 0, "no memory") : 0;
}

static struct xb_undo undo(const char *text, bool memory)
{
    struct xb_undo out = {.xen = NULL};
    json_t *list = json(text);
    applied[0] = '\0';
    xb_undo_domains(&out, list, memory);
    json_decref(list);
    return out;
}

/* Dom0 needs the memory that a guest gives back, and what it does not get holds up nothing else. */
static void each_part_is_restored(void **state XB_UNUSED)
{
    static const char record[] =
        "[{\"domid\": 0, \"uuid\": \"0\", \"allocation\": {\"memory_bytes\": 4294967296, \"vcpus\": 4, "
        "\"weight\": 256}}, {\"domid\": 1, \"uuid\": \"1\", \"allocation\": {\"memory_bytes\": "
        "536870912}}, {\"domid\": 2, \"uuid\": \"2\", \"allocation\": {\"vcpus\": 1}}]";
    domains_now[0] = "{\"memory_bytes\": 1073741824, \"vcpus\": 2, \"weight\": 512}";
    domains_now[1] = "{\"memory_bytes\": 1073741824}";
    domains_now[2] = NULL;
    struct xb_undo done = undo(record, true);
    assert_string_equal(applied, "guest's memory, vcpus, weight, Dom0's memory, ");
    assert_string_equal(done.failed.msg, "cannot be read; no memory");
    done = undo(record, false);
    assert_string_equal(applied, "vcpus, weight, ");
    assert_string_equal(done.failed.msg, "cannot be read");
}

/* Moving CPUs between pools breaks affinities of any domain; what a person set since stays. */
static void bystanders_keep_what_others_set(void **state XB_UNUSED)
{
    static const char record[] =
        "[{\"domid\": 1, \"uuid\": \"1\", \"bystander\": true, \"allocation\": {\"weight\": 256, "
        "\"hard\": [\"0-3\", \"4\"]}}]";
    domains_now[1] = "{\"weight\": 512, \"hard\": [\"4-7\", \"4\"]}";
    undo(record, true);
    assert_string_equal(applied, "");
    domains_now[1] = "{\"weight\": 512, \"hard\": [\"4-7\", \"0-7\"]}";
    undo(record, true);
    assert_string_equal(applied, "affinity, ");
    xb_auto_allocation struct xb_allocation was = XB_ALLOCATION_KEEP, now = XB_ALLOCATION_KEEP;
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    json_t *recorded = json("{\"hard\": [\"0-3\", \"4\"]}");
    assert_int_equal(xb_allocation_from_json(recorded, &was, &err), 0);
    json_decref(recorded);
    assert_int_equal(__wrap_xb_allocation_read(NULL, 1, &now, &err), 0);
    assert_true(xb_affinity_mended(&was, &now, &want));
    assert_true(xb_cpus_equal(&want.hard[0], &now.hard[0], 8));
    assert_true(xb_cpus_equal(&want.hard[1], &was.hard[1], 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_searched_by_a_key),
        cmocka_unit_test(test_only_pools_of_the_run_are_removed),
        cmocka_unit_test(test_pools_of_others_keep_their_cpus),
        cmocka_unit_test(test_each_cpu_gets_its_own_back),
        cmocka_unit_test(each_part_is_restored),
        cmocka_unit_test(bystanders_keep_what_others_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
