/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of settings: each is parsed, written, compared and shown like the others. */
#include "allocation.h"
#include "base.h"
#include "experiment.h"
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The next row whose value is a number; schedules have their own test. */
static const struct xb_setting *number_after(const struct xb_setting *row)
{
    row = row ? row + 1 : xb_pool_settings;
    while (row->name && row->kind != &xb_setting_number)
        row++;
    return row;
}

/* A pool under the first scheduler that has the row, with the row's smallest value plus one. */
static struct xb_pool pool_with(const struct xb_setting *row, int *value)
{
    struct xb_pool pool = {.name = "p", .params = XB_POOL_PARAMS_KEEP};
    size_t s = 0;
    while (!row->xen[s])
        s++;
    snprintf(pool.scheduler, sizeof(pool.scheduler), "%s", xb_scheduler_words[s]);
    pool.cpus = xb_cpus_first(2);
    *value = (int)row->min + 1;
    *(int *)((char *)&pool.params + row->offset) = *value;
    return pool;
}

static struct xb_experiment *parse(const char *pool_text)
{
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    char text[300];
    snprintf(text, sizeof(text),
             "name: t\nworkload: x\nguests: {a: }\ncases:\n  - name: one\n    pools: {p: {%s}}\n",
             pool_text);
    if (xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s", err.msg);
    return exp;
}

static void every_parameter_can_be_asked_in_a_file(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = number_after(NULL); row->name; row = number_after(row)) {
        int value;
        struct xb_pool want = pool_with(row, &value);
        char text[120], why[160];
        snprintf(text, sizeof(text), "cpus: \"1\", scheduler: %s, %s: %d", want.scheduler,
                 row->name, value);
        struct xb_experiment *exp = parse(text);
        const struct xb_exp_pool *got = &exp->cases[0].pools[0];
        assert_false(
            xb_settings_differ(xb_pool_settings, &want.params, &got->params, why, sizeof(why)));
        json_t *json = xb_exp_pools_to_json(&exp->cases[0]);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "p"), row->name)),
                         value);
        json_decref(json);
        xb_experiment_free(exp);
    }
}

static void every_parameter_is_recorded_and_told(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = number_after(NULL); row->name; row = number_after(row)) {
        int value;
        struct xb_pool pool = pool_with(row, &value), again;
        struct xb_pool_params keep = XB_POOL_PARAMS_KEEP;
        struct xb_err err = {0};
        char said[160] = "", number[24], why[160] = "";
        json_t *json = xb_pool_to_json(&pool);
        assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
        assert_memory_equal(&again.params, &pool.params, sizeof(pool.params));
        xb_settings_say(xb_pool_settings, &pool.params, said, sizeof(said));
        snprintf(number, sizeof(number), " %d %s", value, row->unit);
        assert_non_null(strstr(said, number));
        assert_true(xb_settings_differ(xb_pool_settings, &pool.params, &keep, why, sizeof(why)));
        assert_false(xb_settings_differ(xb_pool_settings, &keep, &pool.params, why, sizeof(why)));
        /* A record written by a version that did not know the parameter. */
        json_object_del(json, row->name);
        assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
        assert_memory_equal(&again.params, &keep, sizeof(keep));
        json_decref(json);
    }
}

static void every_parameter_reaches_xen_and_comes_back(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = number_after(NULL); row->name; row = number_after(row)) {
        int value;
        struct xb_pool pool = pool_with(row, &value);
        struct xb_pool_params back = XB_POOL_PARAMS_KEEP;
        enum xb_scheduler scheduler = xb_scheduler_of(pool.scheduler);
        int xen[16] = {0};
        assert_in_range(row->xen[scheduler], 1, sizeof(xen) - sizeof(int) + 1);
        xb_settings_to_xen(xb_pool_settings, &pool.params, scheduler, xen);
        xb_settings_from_xen(xb_pool_settings, &back, scheduler, xen);
        assert_int_equal(*(int *)((char *)&back + row->offset), value);
    }
}

static void what_differs_is_named_with_its_unit(void **state XB_UNUSED)
{
    struct xb_pool_params want = XB_POOL_PARAMS_KEEP, got = {30, 1000, 0, ""};
    char why[160] = "", said[160] = "credit", who[80];
    want.migration_delay_us = 500;
    assert_true(xb_settings_differ(xb_pool_settings, &want, &got, why, sizeof(why)));
    assert_string_equal(why, "migration delay in us 500 asked, 0 in force");
    xb_settings_say(xb_pool_settings, &got, said, sizeof(said));
    assert_string_equal(said, "credit, timeslice 30 ms, ratelimit 1000 us, migration delay 0 us");
    assert_null(xb_settings_unknown(xb_pool_settings, &got, "credit"));
    assert_string_equal(xb_settings_unknown(xb_pool_settings, &got, "credit2")->name,
                        "timeslice_ms");
    const struct xb_setting *limit = xb_settings_find(xb_pool_settings, "ratelimit_us");
    assert_string_equal(xb_setting_knowers(limit, "has", "have", who, sizeof(who)),
                        "credit and credit2 have");
    /* A scheduler unknown to this version has none of the parameters. */
    assert_non_null(xb_settings_unknown(xb_pool_settings, &got, "sedf"));
    assert_null(xb_settings_find(xb_pool_settings, "tslice_ms"));
}

/* Schedules that differ only in spelling are requested, recorded and compared as equal. */
static void a_schedule_is_one_text(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        parse("cpus: \"1\", scheduler: arinc653, schedule: \"a 1000us,  a:1 500us ,idle 5ms\"");
    const struct xb_exp_pool *asked = &exp->cases[0].pools[0];
    struct xb_pool pool = {.name = "p", .scheduler = "arinc653", .params = asked->params}, again;
    struct xb_pool_params keep = XB_POOL_PARAMS_KEEP;
    struct xb_err err = {0};
    char said[160] = "", why[160] = "";
    assert_string_equal(asked->params.schedule, "a 1ms, a:1 500us, idle 5ms");
    json_t *json = xb_pool_to_json(&pool);
    assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
    json_decref(json);
    assert_memory_equal(&again.params, &pool.params, sizeof(pool.params));
    xb_settings_say(xb_pool_settings, &pool.params, said, sizeof(said));
    assert_string_equal(said, ", schedule a 1ms, a:1 500us, idle 5ms");
    assert_true(xb_settings_differ(xb_pool_settings, &pool.params, &keep, why, sizeof(why)));
    assert_string_equal(why, "schedule `a 1ms, a:1 500us, idle 5ms` asked, `` in force");
    assert_false(xb_settings_differ(xb_pool_settings, &keep, &pool.params, why, sizeof(why)));
    assert_string_equal(xb_settings_unknown(xb_pool_settings, &pool.params, "null")->name,
                        "schedule");
    /* A different schedule means a different pool, whose guests are built anew. */
    struct xb_exp_pool other = *asked;
    assert_true(xb_exp_same_pool(asked, &other));
    strcpy(other.params.schedule, "a 2ms");
    assert_false(xb_exp_same_pool(asked, &other));
    xb_experiment_free(exp);
    json = json_pack("{s:s, s:s, s:s}", "name", "p", "scheduler", "credit2", "cpus", "1");
    assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
    json_decref(json);
    json = xb_pool_to_json(&again);
    assert_null(json_object_get(json, "schedule")); /* records have the keys that they had before */
    json_decref(json);
}

static void a_damaged_number_is_refused(void **state XB_UNUSED)
{
    static const char *const bad[] = {"\"5\"", "1.5", "-2", "99999999", "true"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        char text[160];
        struct xb_pool pool;
        struct xb_err err = {0};
        snprintf(text, sizeof(text),
                 "{\"name\":\"p\",\"scheduler\":\"credit\",\"cpus\":\"1\",\"timeslice_ms\":%s}",
                 bad[i]);
        json_t *json = json_loads(text, 0, NULL);
        assert_int_equal(xb_pool_from_json(json, &pool, &err), -1);
        assert_non_null(strstr(err.msg, "`timeslice_ms` is not a number"));
        json_decref(json);
    }
}

/* A value for the row as an experiment file writes it, by the row's kind. */
static const char *value_of(const struct xb_setting *row, char *out, size_t bytes)
{
    if (row->kind == &xb_setting_masks)
        return "\"1\"";
    if (row->kind == &xb_setting_rtds)
        return "{period_us: 5000, budget_us: 1000, extratime: false}";
    if (row->kind == &xb_setting_size)
        return "512M";
    if (row->kind == &xb_setting_pool)
        return "bench";
    snprintf(out, bytes, "%llu", (unsigned long long)row->min + 1);
    return out;
}

/* The allocation of a newly made domain: Xen's defaults. */
static struct xb_allocation as_made(void)
{
    struct xb_allocation got = XB_ALLOCATION_KEEP;
    struct xb_rtds rtds = xb_rtds_given();
    struct xb_err err = {0};
    got.host_cpus = got.vcpus = 4;
    got.weight = XB_DEFAULT_WEIGHT;
    got.cap = 0;
    got.memory_bytes = UINT64_C(1) << 30;
    strcpy(got.pool, XB_POOL_0);
    for (int v = 0; v < 4; v++) {
        assert_int_equal(xb_allocation_set_hard(&got, v, "all", &err), 0);
        assert_int_equal(xb_allocation_set_soft(&got, v, "all", &err), 0);
        assert_int_equal(xb_allocation_set_rtds(&got, v, &rtds, &err), 0);
    }
    return got;
}

static struct xb_experiment *ask(const char *before, const char *after,
                                 const struct xb_setting *row)
{
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    char text[300], number[24];
    snprintf(text, sizeof(text),
             "name: t\nworkload: x\nguests: {a: }\ncases:\n  - name: one\n    %s%s: %s%s\n", before,
             row->name, value_of(row, number, sizeof(number)), after);
    if (xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s: %s", row->name, err.msg);
    return exp;
}

static void every_setting_of_a_domain_can_be_asked(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = xb_domain_settings; row->name; row++) {
        struct xb_experiment *exp = ask("guests: {a: {", "}}", row);
        const struct xb_exp_case *c = &exp->cases[0];
        /* A guest's memory is set when the guest is built, so it is not applied like a setting. */
        assert_true(row->kind->said(row, &c->guests[0]) != (row->kind == &xb_setting_size));
        assert_int_equal(xb_exp_line_of(&c->parts[0].lines, row->name), 6);
        xb_experiment_free(exp);
    }
}

static void every_setting_of_a_domain_is_recorded_and_compared(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = xb_domain_settings; row->name; row++) {
        xb_auto_allocation struct xb_allocation got = as_made(), again = XB_ALLOCATION_KEEP,
                                                copy = XB_ALLOCATION_KEEP;
        struct xb_experiment *exp = ask("dom0: {", "}", row);
        const struct xb_allocation *asked = &exp->cases[0].dom0;
        struct xb_err err = {0};
        char why[256] = "";
        assert_true(xb_allocation_differs(asked, &got, why, sizeof(why)));
        assert_non_null(strstr(why, "asked"));
        json_t *json = xb_allocation_to_json(asked);
        assert_int_equal(json_object_size(json), 1);
        assert_int_equal(xb_allocation_from_json(json, &again, &err), 0);
        json_decref(json);
        assert_int_equal(xb_allocation_copy(&again, &copy, &err), 0);
        assert_int_equal(xb_settings_over(xb_domain_settings, &got, &copy, &err), 0);
        assert_false(xb_allocation_differs(asked, &got, why, sizeof(why)));
        xb_experiment_free(exp);
    }
}

static void what_a_scheduler_does_not_know_is_left_out(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation alloc = as_made();
    struct xb_err err = {0};
    assert_string_equal(xb_settings_unknown(xb_domain_settings, &alloc, "null")->name, "weight");
    assert_int_equal(xb_settings_fit(xb_domain_settings, &alloc, "credit2", &err), 0);
    assert_null(xb_settings_unknown(xb_domain_settings, &alloc, "credit2"));
    assert_int_equal(alloc.rtds_count, 0);
    assert_int_equal(xb_settings_fit(xb_domain_settings, &alloc, "rtds", &err), 0);
    assert_int_equal(alloc.weight, -1);
    assert_int_equal(alloc.rtds_count, 1);
    assert_int_equal(alloc.rtds[0].period_us, 10000);
    assert_int_equal(xb_settings_fit(xb_domain_settings, &alloc, "null", &err), 0);
    assert_false(xb_settings_said_of_scheduler(xb_domain_settings, &alloc));
    assert_int_equal(alloc.hard_count, 4); /* affinity belongs to no scheduler */
    assert_int_equal(xb_settings_fit(xb_domain_settings, &alloc, "credit", &err), 0);
    assert_int_equal(alloc.weight, XB_DEFAULT_WEIGHT);
    assert_int_equal(alloc.cap, 0);
}

/* A list makes one case per value, for rtds parameters too. */
static void a_list_of_budgets_makes_cases(void **state XB_UNUSED)
{
    static const char text[] =
        "name: t\nworkload: x\nguests: {a: {rtds: {budget_us: [1000, 2000]}}}\n";
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    if (xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(exp->case_count, 2);
    assert_int_equal(exp->cases[1].guests[0].rtds[0].budget_us, 2000);
    assert_string_equal(exp->cases[1].name, "budget_us 2000");
    xb_experiment_free(exp);
}

/* Xen accepts a period of more than a second. */
static void what_rtds_gives_is_recorded(void **state XB_UNUSED)
{
    xb_auto_allocation struct xb_allocation alloc = as_made(), again = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    char why[256];
    alloc.rtds[1] = (struct xb_rtds){86400000, 5000000, 0};
    json_t *json = xb_allocation_to_json(&alloc);
    if (xb_allocation_from_json(json, &again, &err) < 0)
        fail_msg("%s", err.msg);
    json_decref(json);
    assert_false(xb_allocation_differs(&again, &alloc, why, sizeof(why)));
    alloc.rtds[1].extratime = 1;
    assert_true(xb_allocation_differs(&again, &alloc, why, sizeof(why)));
    assert_string_equal(why, "vcpu 1: rtds extratime 0 asked, 1 in force");
    alloc.rtds[1].period_us = 10000;
    assert_true(xb_allocation_differs(&again, &alloc, why, sizeof(why)));
    assert_string_equal(why, "vcpu 1: rtds period in us 86400000 asked, 10000 in force");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_can_be_asked_in_a_file),
        cmocka_unit_test(every_parameter_is_recorded_and_told),
        cmocka_unit_test(every_parameter_reaches_xen_and_comes_back),
        cmocka_unit_test(what_differs_is_named_with_its_unit),
        cmocka_unit_test(a_schedule_is_one_text),
        cmocka_unit_test(a_damaged_number_is_refused),
        cmocka_unit_test(every_setting_of_a_domain_can_be_asked),
        cmocka_unit_test(every_setting_of_a_domain_is_recorded_and_compared),
        cmocka_unit_test(what_a_scheduler_does_not_know_is_left_out),
        cmocka_unit_test(what_rtds_gives_is_recorded),
        cmocka_unit_test(a_list_of_budgets_makes_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
