/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU lists in xl's format, comparison of allocations, and records of both. */
#include "allocation.h"
#include "base.h"
#include "build_state.h"
#include "files.h"
#include "host.h"
#include "host_record.h"
#include "hypfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct xb_cpus parse(const char *text)
{
    struct xb_err err = {0};
    struct xb_cpus cpus;
    if (xb_cpus_parse(text, &cpus, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
    return cpus;
}

static void assert_formats(const char *text, uint32_t host_cpus, const char *expected)
{
    char out[XB_CPUS_TEXT_BYTES];
    struct xb_cpus cpus = parse(text);
    xb_cpus_format(&cpus, host_cpus, out, sizeof(out));
    assert_string_equal(out, expected);
}

static void lists_are_read_and_written(void **state XB_UNUSED)
{
    assert_formats("2-3", 8, "2-3");
    assert_formats("0,2,4-6", 8, "0,2,4-6");
    assert_formats("3,2,1", 8, "1-3");
    assert_formats("0, 2", 8, "0,2");
    assert_formats("0-3", 4, "all");
    assert_formats("all", 4, "all");
    assert_formats("none", 4, "none");
    assert_formats("all,^1", 4, "0,2-3");
    assert_formats("0,2,^1", 4, "0,2");
    assert_formats("0-3,^1-2", 8, "0,3");
    assert_formats("^1,1", 4, "1");
    assert_formats("511", 512, "511");
    assert_formats("2-9", 4, "2-3");
}

static void bad_lists_are_refused(void **state XB_UNUSED)
{
    static const char *const bad[] = {"",
                                      "a",
                                      "1-",
                                      "-1",
                                      "3-2",
                                      "512",
                                      "1,,2",
                                      "1;2",
                                      "0x1",
                                      "1-2-3",
                                      "^",
                                      "all1",
                                      "99999999999999999999",
                                      "1 2",
                                      "+1"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_err err = {0};
        struct xb_cpus cpus;
        if (xb_cpus_parse(bad[i], &cpus, &err) == 0)
            fail_msg("`%s` was accepted", bad[i]);
        assert_int_equal(err.class, XB_E_INPUT);
    }
}

static void the_longest_list_fits(void **state XB_UNUSED)
{
    char out[XB_CPUS_TEXT_BYTES];
    struct xb_cpus cpus = {0}, again;
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu += 2)
        xb_cpus_add(&cpus, cpu);
    xb_cpus_format(&cpus, XB_CPUS_MAX, out, sizeof(out));
    again = parse(out);
    assert_true(xb_cpus_equal(&cpus, &again, XB_CPUS_MAX));
    xb_cpus_format(&cpus, XB_CPUS_MAX, out, 16);
    assert_true(strlen(out) < 16);
}

static struct xb_allocation in_force(void)
{
    struct xb_allocation got = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    got.host_cpus = 4;
    got.vcpus = 2;
    got.weight = 256;
    got.cap = 0;
    strcpy(got.pool, "Pool-0");
    assert_int_equal(xb_allocation_set_hard(&got, 0, "all", &err), 0);
    assert_int_equal(xb_allocation_set_hard(&got, 1, "2-3", &err), 0);
    assert_int_equal(xb_allocation_set_soft(&got, 0, "all", &err), 0);
    assert_int_equal(xb_allocation_set_soft(&got, 1, "all", &err), 0);
    return got;
}

static void assert_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                           const char *expected)
{
    char why[256] = "";
    assert_int_equal(xb_allocation_differs(want, got, why, sizeof(why)), expected != NULL);
    if (expected)
        assert_string_equal(why, expected);
}

static void differences_are_told(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation got = in_force(), want = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    assert_differs(&want, &got, NULL);
    want.weight = 4096;
    assert_differs(&want, &got, "weight 4096 asked, 256 in force");
    want.weight = 256;
    want.cap = 40;
    assert_differs(&want, &got, "cap 40 asked, 0 in force");
    want.cap = -1;
    want.vcpus = 4;
    assert_differs(&want, &got, "vcpus online: 4 asked, 2 in force");
    want.vcpus = 0;
    strcpy(want.pool, "one");
    assert_differs(&want, &got, "cpupool one asked, Pool-0 in force");
    want.pool[0] = '\0';
    assert_int_equal(xb_allocation_set_hard(&want, -1, "2-3", &err), 0);
    assert_differs(&want, &got, "vcpu 0: hard affinity 2-3 asked, all in force");
    assert_int_equal(xb_allocation_set_hard(&want, 0, "0-3", &err), 0);
    assert_int_equal(xb_allocation_set_hard(&want, 1, "3,2", &err), 0);
    assert_differs(&want, &got, NULL);
    assert_int_equal(xb_allocation_set_hard(&want, 2, "1", &err), 0);
    assert_differs(&want, &got, "hard affinity for 3 vcpus asked, the domain has 2");
}

static void one_mask_is_meant_for_all_vcpus(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation alloc = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    assert_int_equal(xb_allocation_set_hard(&alloc, 2, "1", &err), 0);
    assert_int_equal(alloc.hard_count, 3);
    assert_true(xb_cpus_has(&alloc.hard[0], 7)); /* not set, so all CPUs */
    assert_int_equal(xb_allocation_set_hard(&alloc, -1, "0", &err), 0);
    assert_int_equal(alloc.hard_count, 1);
    assert_int_equal(xb_allocation_set_hard(&alloc, -1, "x", &err), -1);
}

static void allocations_survive_json(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation got = in_force(), again = XB_ALLOCATION_KEEP,
                                            copy = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    json_t *json = xb_allocation_to_json(&got);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(
        text, "{\"vcpus\":2,\"hard\":[\"all\",\"2-3\"],\"soft\":[\"all\",\"all\"],\"weight\":256,"
              "\"cap\":0,\"pool\":\"Pool-0\"}");
    assert_int_equal(xb_allocation_from_json(json, &again, &err), 0);
    assert_differs(&again, &got, NULL);
    assert_int_equal(xb_allocation_copy(&again, &copy, &err), 0);
    assert_ptr_not_equal(copy.hard, again.hard);
    assert_differs(&copy, &got, NULL);
    free(text);
    json_decref(json);
}

static void kept_fields_are_absent_in_json(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation keep = XB_ALLOCATION_KEEP, again = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    json_t *json = xb_allocation_to_json(&keep);
    assert_int_equal(json_object_size(json), 0);
    assert_int_equal(xb_allocation_from_json(json, &again, &err), 0);
    assert_int_equal(again.weight, -1);
    assert_int_equal(again.cap, -1);
    assert_int_equal(again.hard_count, 0);
    json_decref(json);
}

static void damaged_json_is_refused(void **state XB_UNUSED)
{
    static const char *const bad[] = {
        "{\"weight\":-1}",
        "{\"weight\":\"x\"}",
        "{\"cap\":1e9}",
        "{\"hard\":[1]}",
        "{\"hard\":[\"x\"]}",
        "{\"vcpus\":9999999}",
        "{\"pool\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        xb_auto_allocation struct xb_allocation alloc = XB_ALLOCATION_KEEP;
        struct xb_err err = {0};
        json_t *json = json_loads(bad[i], 0, NULL);
        assert_non_null(json);
        if (xb_allocation_from_json(json, &alloc, &err) == 0)
            fail_msg("accepted: %s", bad[i]);
        json_decref(json);
    }
}

static size_t recorded(const char *path, const char *uuid, int64_t *weight)
{
    xb_auto_json json_t *record = xb_json_load(path, NULL);
    json_t *domains = json_object_get(record, "domains"), *domain;
    size_t i;
    json_array_foreach(domains, i, domain)
    {
        if (strcmp(json_string_value(json_object_get(domain, "uuid")), uuid) == 0)
            *weight = json_integer_value(
                json_object_get(json_object_get(domain, "allocation"), "weight"));
    }
    return json_array_size(domains);
}

/* A guest that a run starts does not exist yet when the host is recorded. */
static void a_domain_is_added_to_the_record_once(void **state XB_UNUSED)
{
    static const char first[] = "00000000-0000-4000-8000-000000000001",
                      late[] = "00000000-0000-4000-8000-00000000000a",
                      shouted[] = "00000000-0000-4000-8000-00000000000A";
    char folder[] = "/tmp/xenbench-record.XXXXXX", path[64];
    xb_auto_allocation struct xb_allocation found = in_force();
    struct xb_err err = {0};
    int64_t weight = 0;
    assert_non_null(mkdtemp(folder));
    struct xb_app app = {.run_dir = folder};
    snprintf(path, sizeof(path), "%s/host-record.json", folder);
    assert_int_equal(xb_host_record_domain(&app, 7, late, &found, &err),
                     -1); /* there is no record */
    xb_auto_json json_t *record = json_pack("{s:i, s:[{s:i, s:s, s:{}}]}", "format", 1, "domains",
                                            "domid", 1, "uuid", first, "allocation");
    assert_int_equal(xb_json_save(path, record, &err), 0);

    assert_int_equal(xb_host_record_domain(&app, 7, late, &found, &err), 0);
    assert_int_equal(recorded(path, late, &weight), 2);
    assert_int_equal(weight, 256);
    /* The first record counts, not later changes by a case. */
    found.weight = 4096;
    assert_int_equal(xb_host_record_domain(&app, 9, shouted, &found, &err), 0);
    assert_int_equal(recorded(path, late, &weight), 2);
    assert_int_equal(weight, 256);
    unlink(path);
    rmdir(folder);
}

static void pools_survive_json(void **state XB_UNUSED)
{
    struct xb_pool pool = {
        .name = "one", .scheduler = "credit", .cpus = xb_cpus_first(3), .params = {30, 1000, -1}};
    struct xb_pool again = {0};
    struct xb_err err = {0};
    json_t *json = xb_pool_to_json(&pool);
    assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
    assert_string_equal(again.name, "one");
    assert_string_equal(again.scheduler, "credit");
    assert_true(xb_cpus_equal(&pool.cpus, &again.cpus, XB_CPUS_MAX));
    assert_memory_equal(&pool.params, &again.params, sizeof(pool.params));
    json_object_del(json, "cpus");
    assert_int_equal(xb_pool_from_json(json, &again, &err), -1);
    json_decref(json);
}

static void expect_build(const char *tsc_mode, const char *nodes, const struct xb_build_state *got,
                         uint64_t built_nodes, const char *expected)
{
    char why[256] = "";
    bool differs = xb_build_differs(tsc_mode, nodes, got, built_nodes, why, sizeof(why));
    assert_int_equal(differs, expected != NULL);
    if (expected)
        assert_string_equal(why, expected);
}

static void what_a_domain_was_built_with_is_compared(void **state XB_UNUSED)
{
    const struct xb_build_state native = {.tsc_mode = "native", .tsc_khz = 2400000, .nodes = 3};
    const struct xb_build_state unknown = {.tsc_mode = NULL};
    expect_build(NULL, "", &native, 3, NULL);
    expect_build(NULL, "", &unknown, 0, NULL);
    expect_build("native", "0-1", &native, 3, NULL);
    expect_build("default", "", &native, 3, "tsc_mode default asked, native in force");
    expect_build("native", "", &unknown, 0, "tsc_mode native asked, not known what is in force");
    expect_build("native", "1", &native, 3,
                 "memory from nodes 1 asked, from nodes 0-1 when it was built");
    /* The present affinity tells nothing about where memory was allocated earlier. */
    expect_build("native", "1", &native, 2, NULL);
    expect_build("native", "1", &native, 0, NULL);
}

static void what_a_domain_was_built_with_is_recorded(void **state XB_UNUSED)
{
    const struct xb_build_state known = {.tsc_mode = "default", .tsc_khz = 2400000, .nodes = 5};
    const struct xb_build_state unknown = {.tsc_mode = NULL};
    json_t *json = json_object();
    xb_build_put(json, &unknown);
    assert_int_equal(json_object_size(json), 0);
    xb_build_put(json, &known);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text,
                        "{\"tsc_mode\":\"default\",\"tsc_khz\":2400000,\"node_affinity\":\"0,2\"}");
    free(text);
    json_decref(json);
}

static void granularity_is_found_on_a_command_line(void **state XB_UNUSED)
{
    static const struct {
        const char *line, *asked;
    } lines[] = {
        {"sched-gran=core", "core"},
        {"dom0_mem=512M sched-gran=socket loglvl=all", "socket"},
        {"sched-gran=core sched-gran=cpu", "cpu"},
        {"sched-gran=core sched-gran=die", "core"},
        {"sched-gran=corella", NULL},
        {"no-sched-gran=core", NULL},
        {"dom0_mem=512M", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(lines); i++) {
        char gran[16] = "";
        bool asked = xb_gran_asked(lines[i].line, gran, sizeof(gran));
        if (asked != (lines[i].asked != NULL) || (asked && strcmp(gran, lines[i].asked) != 0))
            fail_msg("%s: %s", lines[i].line, gran);
    }
    /* A unit test has no hypervisor, so only the command line is known. */
    char gran[16];
    assert_string_equal(xb_host_gran_read("sched-gran=core", gran, sizeof(gran)),
                        "Xen's command line, sched-gran=");
    assert_string_equal(gran, "core");
    assert_non_null(strstr(xb_host_gran_read("x=y", gran, sizeof(gran)), "default"));
    assert_string_equal(gran, "cpu");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_and_written),
        cmocka_unit_test(bad_lists_are_refused),
        cmocka_unit_test(the_longest_list_fits),
        cmocka_unit_test(differences_are_told),
        cmocka_unit_test(one_mask_is_meant_for_all_vcpus),
        cmocka_unit_test(allocations_survive_json),
        cmocka_unit_test(kept_fields_are_absent_in_json),
        cmocka_unit_test(damaged_json_is_refused),
        cmocka_unit_test(a_domain_is_added_to_the_record_once),
        cmocka_unit_test(pools_survive_json),
        cmocka_unit_test(granularity_is_found_on_a_command_line),
        cmocka_unit_test(what_a_domain_was_built_with_is_compared),
        cmocka_unit_test(what_a_domain_was_built_with_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
