/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Experiment files: reading them, and their errors. */
#include "base.h"
#include "experiment.h"
#include "cell_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "name: t\nworkload: x\nguests: {a: , b: , ab: }\n"

static struct xb_experiment *read_good(const char *text)
{
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    if (xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s", err.msg);
    return exp;
}

static void expect_bad(const char *text, const char *message)
{
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    assert_int_equal(xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    if (strncmp(err.msg, message, strlen(message)) != 0)
        fail_msg("got `%s`, expected `%s`", err.msg, message);
}

static void test_defaults(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_good(HEAD);
    assert_int_equal(exp->guest_count, 3);
    assert_int_equal(exp->case_count, 1);
    assert_int_equal(exp->repetitions, 3);
    assert_int_equal(exp->warmup, 0);
    assert_int_equal(exp->order, XB_ORDER_INTERLEAVED);
    assert_false(exp->has_seed);
    assert_int_equal(exp->guests[0].maxvcpus, 1);
    assert_int_equal(exp->cases[0].guests[0].weight, -1);
    xb_experiment_free(exp);
}

static void test_closer_keys_win(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_good("name: t\nworkload: x\ndefaults: {vcpus: 2, weight: 100}\nguests: {a: , b: "
                  "{weight: 200}, ab: }\n"
                  "dom0: {hard: \"0\"}\n"
                  "cases:\n"
                  "  - name: one\n"
                  "    guests: {ab: {cap: 1}, \"a*\": {cap: 2, hard: \"1\"}, all: {cap: 3}}\n"
                  "  - name: two\n"
                  "    dom0: {vcpus: 1}\n"
                  "    guests: {a: {vcpus: 4}}\n");
    const struct xb_exp_case *one = &exp->cases[0], *two = &exp->cases[1];
    assert_int_equal(one->guests[0].cap, 2);
    assert_int_equal(one->guests[1].cap, 3);
    assert_int_equal(one->guests[2].cap, 1);
    assert_int_equal(one->guests[2].hard_count, 1);
    assert_int_equal(one->guests[1].weight, 200);
    assert_int_equal(one->guests[0].weight, 100);
    assert_int_equal(one->dom0.hard_count, 1);
    assert_int_equal(two->dom0.vcpus, 1);
    assert_int_equal(two->guests[0].cap, -1);
    assert_int_equal(exp->guests[0].maxvcpus, 4);
    assert_int_equal(exp->guests[1].maxvcpus, 2);
    xb_experiment_free(exp);
}

static void test_lists_multiply(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_good(HEAD "cases:\n"
                       "  - name: m\n"
                       "    guests: {all: {weight: [1, 2]}, a: {cap: [10, 20, 30]}}\n"
                       "  - name: last\n");
    assert_int_equal(exp->case_count, 7);
    assert_string_equal(exp->cases[0].name, "m: weight 1, cap 10");
    assert_string_equal(exp->cases[5].name, "m: weight 2, cap 30");
    assert_int_equal(exp->cases[4].guests[0].cap, 20);
    assert_int_equal(exp->cases[4].guests[0].weight, 2);
    assert_int_equal(exp->cases[4].guests[1].cap, -1);
    xb_experiment_free(exp);
}

static void test_affinity_per_vcpu(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_good("name: t\nworkload: x\nguests:\n"
                  "  a: {vcpus: 2, hard: {0: \"2\", 1: \"3\"}, soft: \"2-3\"}\n");
    const struct xb_allocation *a = &exp->cases[0].guests[0];
    assert_int_equal(a->hard_count, 2);
    assert_true(xb_cpus_has(&a->hard[1], 3));
    assert_false(xb_cpus_has(&a->hard[1], 2));
    assert_int_equal(a->soft_count, 1);
    xb_experiment_free(exp);
}

static void test_own_workload(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_good("name: t\nguests: {a: {socket: /tmp/a}}\n"
                                          "workload: {command: [x, \"1\"], metric: {name: ops, "
                                          "pattern: \"ops=([0-9]+)\", better: more}}\n");
    assert_non_null(exp->workloads[0].own);
    assert_int_equal(exp->workloads[0].own->command.count, 2);
    assert_string_equal(exp->workloads[0].own->primary, "ops");
    assert_string_equal(exp->workloads[0].own->metrics[0].from, "stdout");
    assert_string_equal(exp->workloads[0].name, "command");
    xb_experiment_free(exp);
}

static void test_pools(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_good(
        HEAD "pools: {bench: {cpus: \"1\"}}\n"
             "cases:\n"
             "  - name: one\n"
             "  - name: two\n"
             "    pools: {bench: {scheduler: credit, timeslice_ms: 5}, more: {cpus: \"2\"}}\n");
    assert_int_equal(exp->cases[0].pool_count, 1);
    assert_string_equal(exp->cases[0].pools[0].scheduler, "");
    assert_int_equal(exp->cases[1].pool_count, 2);
    assert_string_equal(exp->cases[1].pools[0].scheduler, "credit");
    assert_true(exp->cases[1].pools[0].has_cpus);
    assert_int_equal(exp->cases[1].pools[0].params.timeslice_ms, 5);
    xb_experiment_free(exp);
}

/* Every error names the line and the remedy. */
static void test_complaints(void **state XB_UNUSED)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "t.yaml:1: the file is empty"},
        {"- a\n", "t.yaml:1: `key: value` lines were expected"},
        {"name: t\nname: u\n", "t.yaml:2: not YAML: duplicate key"},
        {"name: t\n---\nname: u\n", "t.yaml:3: a second document starts here"},
        {"name: \x01\n", "t.yaml:1: byte 0x01 is not text"},
        {"name: \xff\n", "t.yaml:1: byte 0xff is not text"},
        {"name: *none\n", "t.yaml:1: not YAML: invalid alias"},
        {"workload: x\nguests: {a: }\n", "t.yaml:1: `name` is missing; it is the report's title"},
        {"name: t\nguests: {a: }\n", "t.yaml:2: guest a has no `workload`"},
        {"name: t\nworkload: x\n", "t.yaml:1: `guests` is missing"},
        {"name: t\nworkload: x\nguest: {a: }\n",
         "t.yaml:3: no key `guest` here; did you mean `guests`?"},
        {"name: t\nworkload: x\nguests: {}\n", "t.yaml:3: `guests` must name at least one guest"},
        {"name: t\nworkload: x\nguests: {all: }\n", "t.yaml:3: `all` has another meaning"},
        {"name: t\nworkload: x\nguests: {\"12\": }\n", "t.yaml:3: `12` cannot name a guest"},
        {"name: t\nworkload: x\nguests: {a/b: }\n", "t.yaml:3: `a/b` cannot name a guest"},
        {"name: t\nworkload: x\nguests:\n  a: {memory: 5}\n",
         "t.yaml:4: `memory` is `5`, out of range; it is 32M or more"},
        {"name: t\nworkload: x\nguests:\n  a: {memory: 5X}\n",
         "t.yaml:4: `memory` is `5X`; a size such as 512M or 2G"},
        {"name: t\nworkload: x\nguests:\n  a: {type: xenolith}\n",
         "t.yaml:4: `type` is `xenolith`; it can be default, pv, pvh or hvm"},
        {"name: t\nworkload: x\nguests:\n  a: {image: ../x}\n",
         "t.yaml:4: `image` is `../x`; the name of an image"},
        {"name: t\nworkload: x\nguests:\n  a: {cpus: \"1\"}\n",
         "t.yaml:4: no key `cpus` here; did you mean `hard`?"},
        {HEAD "order: randm\n", "t.yaml:4: `order` is `randm`; did you mean `random`?"},
        {HEAD "repetitions: 0\n", "t.yaml:4: `repetitions` is `0`; a whole number from 1 to 10000"},
        {HEAD "repetitions: -1\n", "t.yaml:4: `repetitions` is `-1`; a whole number"},
        {HEAD "repetitions: 3.5\n", "t.yaml:4: `repetitions` is `3.5`; a whole number"},
        {HEAD "repetitions: [1]\n", "t.yaml:4: `repetitions` is a list; a whole number"},
        {HEAD "repetitions:\n", "t.yaml:4: `repetitions` has no value"},
        {HEAD "timeout: 5\n", "t.yaml:4: `timeout` is `5`; a time such as 30s, 5min or 50ms"},
        {HEAD "timeout: 1000h\n", "t.yaml:4: `timeout` is `1000h`, out of range"},
        {HEAD "cases: {}\n", "t.yaml:4: `cases` is a list"},
        {HEAD "cases:\n  - guests: {}\n", "t.yaml:5: this case has no `name`"},
        {HEAD "cases:\n  - name: one\n  - name: one\n",
         "t.yaml:6: a second case named `one`; the first is in line 5"},
        {HEAD "cases:\n  - name: one\n    guests: {c: {cap: 1}}\n",
         "t.yaml:6: no guest `c`; did you mean `a`?"},
        {HEAD "cases:\n  - name: one\n    guests: {\"z*\": {cap: 1}}\n", "t.yaml:6: no guest `z*`"},
        {HEAD "cases:\n  - name: one\n    guests:\n      a: {weight: 70000}\n",
         "t.yaml:7: `weight` is `70000`; a whole number from 1 to 65535"},
        {HEAD "cases:\n  - name: one\n    guests:\n      a: {cap: []}\n",
         "t.yaml:7: `cap` is an empty list"},
        {HEAD "cases:\n  - name: one\n    dom0: {hard: \"9-1\"}\n", "t.yaml:6: `hard`: "},
        {HEAD "cases:\n  - name: one\n    dom0: {hard: \"1,^1\"}\n",
         "t.yaml:6: `hard` is `1,^1`: no CPU is left"},
        {HEAD "cases:\n  - name: one\n    dom0: {hard: {x: \"1\"}}\n",
         "t.yaml:6: `hard` by vcpu: `x` is no vcpu number"},
        {HEAD "cases:\n  - name: one\n    dom0: {pool: \"a b\"}\n",
         "t.yaml:6: `pool` is `a b`; a cpupool's name"},
        {HEAD "cases:\n  - name: one\n    pools: {p: {scheduler: cfs}}\n",
         "t.yaml:6: `scheduler` is `cfs`; it can be credit"},
        {HEAD "cases:\n  - name: one\n    pools: {p: {cpus: none}}\n",
         "t.yaml:6: `cpus` is `none`; CPUs such as"},
        {"name: t\nworkload: x\nguests:\n  a: {maxvcpus: 1}\ncases:\n  - name: one\n    guests: "
         "{a: {vcpus: 2}}\n",
         "t.yaml:6: case `one` gives a 2 vcpus, but its maxvcpus is 1"},
        {"name: t\nworkload: {command: \"\"}\nguests: {a: }\n", "t.yaml:2: `command` is "},
        {"name: t\nworkload: {metric: {}}\nguests: {a: }\n", "t.yaml:2: "},
        {"name: t\nworkload:\n  command: x\n  metric: {name: m, pattern: \"(\", better: "
         "more}\nguests: {a: }\n",
         "t.yaml:4: "},
        {"name: t\nworkload:\n  command: x\n  metric: {name: m, pattern: x, better: more}\nguests: "
         "{a: }\n",
         "t.yaml:4: "},
        {"name: t\nworkload:\n  command: x\n  metric: {name: time, pattern: (x), better: "
         "more}\nguests: {a: }\n",
         "t.yaml:4: the metric `time` is built in"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++)
        expect_bad(bad[i].text, bad[i].message);
}

static void test_missing_file(void **state XB_UNUSED)
{
    const struct xb_exp_source source = {.path = "/no/such/file.yaml"};
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    assert_int_equal(xb_experiment_read(&exp, &source, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_non_null(strstr(err.msg, "/no/such/file.yaml: cannot be opened"));
}

static struct xb_plan_cell *lay_out(const char *more, uint64_t seed, size_t *count)
{
    char text[512];
    snprintf(text, sizeof(text),
             "%scases: [{name: x}, {name: y}, {name: z}]\nwarmup: 1\nrepetitions: 2\n%s", HEAD,
             more);
    struct xb_experiment *exp = read_good(text);
    struct xb_plan_cell *cells;
    xb_plan_cells(exp, seed, &cells, count);
    xb_experiment_free(exp);
    assert_int_equal(*count, 9);
    return cells;
}

static void test_order(void **state XB_UNUSED)
{
    size_t count;
    struct xb_plan_cell *cells = lay_out("", 0, &count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(cells[i].case_no, i % 3);
    assert_true(cells[2].warmup);
    assert_false(cells[3].warmup);
    assert_int_equal(cells[8].repetition, 1);
    free(cells);

    cells = lay_out("order: sequential\n", 0, &count);
    assert_int_equal(cells[2].case_no, 0);
    assert_int_equal(cells[3].case_no, 1);
    assert_true(cells[3].warmup);
    free(cells);
}

/* The same seed gives the same order, and each round has every case once. */
static void test_random_order(void **state XB_UNUSED)
{
    size_t count;
    struct xb_plan_cell *a = lay_out("order: random\n", 7, &count),
                        *b = lay_out("order: random\n", 7, &count);
    assert_memory_equal(a, b, count * sizeof(*a));
    for (size_t round = 0; round < 3; round++) {
        unsigned seen = 0;
        for (size_t i = 0; i < 3; i++)
            seen |= 1u << a[round * 3 + i].case_no;
        assert_int_equal(seen, 7);
    }
    bool differs = false;
    for (uint64_t seed = 8; seed < 16 && !differs; seed++) {
        struct xb_plan_cell *c = lay_out("order: random\n", seed, &count);
        for (size_t i = 0; i < count; i++)
            differs = differs || a[i].case_no != c[i].case_no;
        free(c);
    }
    assert_true(differs);
    free(a);
    free(b);
}

/* If two guests have lists with the same key, the guest's name tells them apart. */
static void test_lists_of_one_key(void **state XB_UNUSED)
{
#define TWO "guests: {a: {weight: [1, 2]}, b: {weight: [2, 3]}}\n"
    struct xb_experiment *exp =
        read_good("name: t\nworkload: x\n" TWO "exclude: [{a.weight: 2, b.weight: 2}]\n");
    assert_int_equal(exp->case_count, 3);
    assert_string_equal(exp->cases[0].name, "a.weight 1, b.weight 2");
    assert_string_equal(exp->cases[2].name, "a.weight 2, b.weight 3");
    xb_experiment_free(exp);
    expect_bad("name: t\nworkload: x\n" TWO "exclude: [{weight: 2}]\n",
               "t.yaml:4: this entry of `exclude` does not say whose list it means");
    /* A single list needs only its key; a list for all guests has no other name. */
    exp = read_good(HEAD "cases: [{name: m, guests: {a: {cap: [10, 20]}, \"a*\": {weight: [1, 2]}, "
                         "b: {weight: [2, 3]}}}]\nexclude: [{cap: 20}, {a.cap: 10, weight: 1}]\n");
    assert_int_equal(exp->case_count, 2);
    assert_string_equal(exp->cases[0].name, "m: weight 2, cap 10, b.weight 2");
    assert_string_equal(exp->cases[1].name, "m: weight 2, cap 10, b.weight 3");
    xb_experiment_free(exp);
}

static void expect_wanted(const struct xb_experiment *exp, uint32_t case_no,
                          const struct xb_allocation *found, int weight, int cap,
                          struct xb_rtds rtds)
{
    const struct xb_exp_case *c = &exp->cases[case_no];
    struct xb_pool pool_0 = {.name = XB_POOL_0, .scheduler = "credit2"};
    struct xb_allocation want = XB_ALLOCATION_KEEP;
    struct xb_err err = {0};
    assert_int_equal(xb_exp_wanted(c, &pool_0, 1, found, &c->guests[0], &want, &err), 0);
    assert_int_equal(want.weight, weight);
    assert_int_equal(want.cap, cap);
    assert_int_equal(want.rtds_count, rtds.budget_us ? 1 : 0);
    if (want.rtds_count) {
        assert_int_equal(want.rtds[0].period_us, rtds.period_us);
        assert_int_equal(want.rtds[0].budget_us, rtds.budget_us);
        assert_int_equal(want.rtds[0].extratime, rtds.extratime);
    }
    assert_int_equal(want.hard_count, found->hard_count);
    xb_allocation_free(&want);
}

/* Settings that only a new guest can have, and settings for which its domain is rebuilt. */
static void test_made_anew(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_good("name: t\nworkload: spin\n"
                  "guests: {a: {image: micro, type: pv}, b: {image: micro, maxvcpus: 2}}\n"
                  "cases:\n"
                  "  - {name: plain}\n"
                  "  - {name: type, guests: {a: {type: pvh}}}\n"
                  "  - {name: image, guests: {a: {image: debian}}}\n"
                  "  - {name: vcpus, guests: {b: {maxvcpus: 3}}}\n"
                  "  - {name: memory, guests: {a: {memory: 128M}, b: {memory: 96M}}}\n"
                  "  - {name: more, guests: {a: {memory: 192M}, b: {memory: 96M}}}\n");
    assert_string_equal(xb_exp_made_anew(exp, 0, 1, 0), "type");
    assert_string_equal(xb_exp_made_anew(exp, 0, 2, 0), "image");
    assert_string_equal(xb_exp_made_anew(exp, 0, 3, 1), "maxvcpus");
    assert_null(xb_exp_made_anew(exp, 0, 3, 0));
    assert_null(xb_exp_made_anew(exp, 0, 4, 0));
    assert_true(xb_exp_build_differs(exp, 0, 4, 0));
    assert_null(xb_exp_made_anew(exp, 4, 5, 0));
    assert_true(xb_exp_build_differs(exp, 4, 5, 0));
    assert_false(xb_exp_build_differs(exp, 4, 5, 1));
    assert_int_equal(xb_exp_maxvcpus(exp, 3, 1), 3);
    assert_int_equal(xb_exp_maxvcpus(exp, 0, 1), 2);
    assert_int_equal(exp->cases[0].guests[1].vcpus, 2);
    xb_experiment_free(exp);
}

/*
 * An experiment that compares schedulers sets only the parameters that each scheduler has, whatever
 * scheduler the host had before the run.
 */
static void test_found_settings_fit_the_scheduler(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_good(
        HEAD "cases:\n"
             "  - name: m\n"
             "    pools: {p: {cpus: \"1\", scheduler: [credit, \"null\", rtds, credit2]}}\n"
             "    guests: {all: {pool: p}}\n"
             "  - name: asked\n"
             "    pools: {p: {cpus: \"1\", scheduler: [\"null\", rtds]}}\n"
             "    guests: {all: {pool: p, weight: 512, rtds: {budget_us: 8000}}}\n"
             "  - name: host\n");
    const struct xb_rtds none = {0, 0, -1};
    struct xb_err err = {0};
    struct xb_allocation credit = XB_ALLOCATION_KEEP, rtds = XB_ALLOCATION_KEEP;
    credit.weight = 300;
    credit.cap = 20;
    assert_int_equal(xb_allocation_set_hard(&credit, 0, "1", &err), 0);
    assert_int_equal(xb_allocation_set_rtds(&rtds, 0, &(struct xb_rtds){20000, 5000, 0}, &err), 0);
    expect_wanted(exp, 0, &credit, 300, 20, none);
    expect_wanted(exp, 1, &credit, -1, -1, none);
    expect_wanted(exp, 2, &credit, -1, -1, xb_rtds_given());
    expect_wanted(exp, 3, &credit, 300, 20, none);
    /* After rtds, credit's parameters are Xen's defaults, whatever the previous case set. */
    expect_wanted(exp, 0, &rtds, 256, 0, none);
    expect_wanted(exp, 1, &rtds, -1, -1, none);
    expect_wanted(exp, 2, &rtds, -1, -1, (struct xb_rtds){20000, 5000, 0});
    /* The case's own setting stays, to be refused later; a budget alone keeps the period. */
    expect_wanted(exp, 4, &credit, 512, -1, (struct xb_rtds){0, 8000, -1});
    expect_wanted(exp, 5, &rtds, 512, -1, (struct xb_rtds){20000, 8000, 0});
    expect_wanted(exp, 6, &credit, 300, 20, none);
    xb_allocation_free(&credit);
    xb_allocation_free(&rtds);
    xb_experiment_free(exp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_closer_keys_win),
        cmocka_unit_test(test_lists_multiply),
        cmocka_unit_test(test_affinity_per_vcpu),
        cmocka_unit_test(test_own_workload),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_random_order),
        cmocka_unit_test(test_lists_of_one_key),
        cmocka_unit_test(test_made_anew),
        cmocka_unit_test(test_found_settings_fit_the_scheduler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
