/* Rows of what Xen can be told: each is read, written, compared and told like the others. */
#include "base.h"
#include "experiment.h"
#include "pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A pool of the first scheduler that knows the row, with the row's smallest value but one. */
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
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++) {
        int value;
        struct xb_pool want = pool_with(row, &value);
        char text[120], why[160];
        snprintf(text, sizeof(text), "cpus: \"1\", scheduler: %s, %s: %d", want.scheduler, row->name,
                 value);
        struct xb_experiment *exp = parse(text);
        const struct xb_exp_pool *got = &exp->cases[0].pools[0];
        assert_false(xb_settings_differ(xb_pool_settings, &want.params, &got->params, why,
                                        sizeof(why)));
        json_t *json = xb_exp_pools_to_json(&exp->cases[0]);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "p"), row->name)),
                         value);
        json_decref(json);
        xb_experiment_free(exp);
    }
}

static void every_parameter_is_recorded_and_told(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++) {
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
        /* A record of a version that did not know the parameter. */
        json_object_del(json, row->name);
        assert_int_equal(xb_pool_from_json(json, &again, &err), 0);
        assert_memory_equal(&again.params, &keep, sizeof(keep));
        json_decref(json);
    }
}

static void every_parameter_reaches_xen_and_comes_back(void **state XB_UNUSED)
{
    for (const struct xb_setting *row = xb_pool_settings; row->name; row++) {
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
    struct xb_pool_params want = XB_POOL_PARAMS_KEEP, got = {30, 1000, 0};
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
    /* A scheduler that this version has not heard of knows none of them. */
    assert_non_null(xb_settings_unknown(xb_pool_settings, &got, "sedf"));
    assert_null(xb_settings_find(xb_pool_settings, "tslice_ms"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_can_be_asked_in_a_file),
        cmocka_unit_test(every_parameter_is_recorded_and_told),
        cmocka_unit_test(every_parameter_reaches_xen_and_comes_back),
        cmocka_unit_test(what_differs_is_named_with_its_unit),
        cmocka_unit_test(a_damaged_number_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
