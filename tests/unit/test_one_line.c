/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment from the words of a command line: the file that results, and the errors. */
#include "base.h"
#include "key_tree.h"
#include "keypath.h"
#include "one_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TEXTS(...)                                                                                 \
    ((struct xb_texts){.v = (char *[]){__VA_ARGS__, NULL},                                         \
                       .count = sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)})

static struct xb_experiment *read_line(const struct xb_one_line *line, struct xb_err *err)
{
    struct xb_one_line_text text;
    struct xb_experiment *exp = NULL;
    if (xb_one_line_write(&text, line, err) == 0) {
        const struct xb_exp_source source = {
            .path = text.path, .text = text.text, .said = &text.said};
        xb_experiment_read(&exp, &source, err);
    }
    xb_one_line_text_clear(&text);
    return exp;
}

static struct xb_experiment *read_good(const struct xb_one_line *line)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = read_line(line, &err);
    if (!exp)
        fail_msg("%s", err.msg);
    return exp;
}

static void expect_bad(const struct xb_one_line *line, const char *message)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = read_line(line, &err);
    if (exp)
        fail_msg("accepted, expected `%s`", message);
    assert_int_equal(err.class, XB_E_INPUT);
    if (strncmp(err.msg, message, strlen(message)) != 0)
        fail_msg("got `%s`, expected `%s`", err.msg, message);
}

static void test_cases(void **state XB_UNUSED)
{
    const struct xb_one_line line = {
        .workload = "x264",
        .guests = "3",
        .image = "debian",
        .cases = TEXTS("apart: hard=1,2,3", "shared: hard=2-3",
                       "weighed: all.hard=2,3 g1.weight=4096 dom0.vcpus=1", "plain"),
    };
    struct xb_experiment *exp = read_good(&line);
    assert_string_equal(exp->name, "x264 in 3 guests");
    assert_int_equal(exp->case_count, 4);
    assert_int_equal(exp->guest_count, 3);
    assert_string_equal(exp->guests[2].image, "debian");
    for (uint32_t g = 0; g < 3; g++) {
        assert_true(xb_cpus_has(&exp->cases[0].guests[g].hard[0], g + 1));
        assert_false(xb_cpus_has(&exp->cases[0].guests[g].hard[0], (g + 1) % 3 + 1));
        assert_true(xb_cpus_has(&exp->cases[1].guests[g].hard[0], 2));
        assert_true(xb_cpus_has(&exp->cases[2].guests[g].hard[0], 3));
    }
    assert_int_equal(exp->cases[2].guests[0].weight, 4096);
    assert_int_equal(exp->cases[2].guests[1].weight, -1);
    assert_int_equal(exp->cases[2].dom0.vcpus, 1);
    assert_string_equal(exp->cases[3].name, "plain");
    xb_experiment_free(exp);
}

/* The resulting text, read as a file, is the same experiment. */
static void test_text_is_a_file(void **state XB_UNUSED)
{
    const struct xb_one_line line = {
        .name = "it's \"so\": a name",
        .guests = "2",
        .sets = TEXTS("repetitions=7", "g2.socket=run/two", "memory=1G", "cap=10,20",
                      "workload.env={A: \"1\"}", "hooks.before=echo # not a comment: a word"),
        .cases = TEXTS("lists: all.weight=[256,512] g1.rtds={period_us: 10000, budget_us: 4000}",
                       "cap=50"),
        .command = TEXTS("sh", "-c", "echo 'a: b' | tr a-z \"A-Z\" # {"),
    };
    struct xb_one_line_text text;
    struct xb_err err = {0};
    struct xb_experiment *a = read_good(&line), *b = NULL;
    assert_int_equal(xb_one_line_write(&text, &line, &err), 0);
    if (xb_experiment_parse(&b, "f.yaml", text.text, strlen(text.text), &err) < 0)
        fail_msg("%s\n%s", err.msg, text.text);
    assert_string_equal(a->text, b->text);
    assert_string_equal(a->name, "it's \"so\": a name");
    assert_int_equal(a->repetitions, 7);
    assert_int_equal(a->case_count, 3);
    assert_string_equal(a->cases[2].name, "cap=50");
    assert_int_equal(a->cases[0].guests[1].cap, 20);
    assert_int_equal(a->cases[2].guests[1].cap, 50);
    assert_string_equal(a->workloads[0].own->command.v[2], "echo 'a: b' | tr a-z \"A-Z\" # {");
    assert_string_equal(a->workloads[0].own->env.v[0], "A=1");
    assert_string_equal(a->hooks.before.v[2], "echo # not a comment: a word");
    assert_true(a->guests[1].socket[0] == '/');
    xb_one_line_text_clear(&text);
    xb_experiment_free(a);
    xb_experiment_free(b);
}

static void test_command_line_for_the_shell(void **state XB_UNUSED)
{
    const struct xb_one_line line = {.guests = "web, db", .command = TEXTS("make -j4 | tail -1")};
    struct xb_experiment *exp = read_good(&line);
    assert_string_equal(exp->workloads[0].own->command.v[0], "/bin/sh");
    assert_string_equal(exp->guests[1].name, "db");
    assert_null(exp->guests[1].image);
    xb_experiment_free(exp);
    const struct xb_one_line counts = {.workload = "a,b", .guests = "1..3"};
    exp = read_good(&counts);
    assert_int_equal(exp->case_count, 6);
    xb_experiment_free(exp);
}

/* A range of guests makes a case of each number, or is refused; it never becomes one case. */
static void test_range_of_guests(void **state XB_UNUSED)
{
    static const char *const by_name[] = {"g1.cap=50", "cap=10,20,30"};
    struct xb_one_line line = {
        .workload = "a", .guests = "1..3", .sets = TEXTS("cap=50"), .cases = TEXTS("x: g1.cap=20")};
    struct xb_experiment *exp = read_good(&line);
    assert_int_equal(exp->case_count, 3);
    assert_int_equal(exp->cases[0].guests[0].cap, 20);
    assert_int_equal(exp->cases[2].guests[2].cap, 50);
    xb_experiment_free(exp);
    for (size_t i = 0; i < XB_ARRAY_LEN(by_name); i++) {
        char message[160];
        line.sets = TEXTS((char *)by_name[i]);
        snprintf(
            message, sizeof(message),
            "--set %s is for guests by name, and --guests 1..3 varies their number: ", by_name[i]);
        expect_bad(&line, message);
    }
}

static void test_errors_name_the_option(void **state XB_UNUSED)
{
    static const struct {
        const char *a_case, *set, *message;
    } bad[] = {
        {"x: wieght=3", NULL, "--case 'x': no key `wieght`; did you mean `weight`?"},
        {"x: weight=abc", NULL, "--case 'x', weight=abc: `weight` is `abc`; "},
        {"x: g1.wieght=3", NULL, "--case 'x', g1.wieght=3: no key `wieght` here; did you mean"},
        {"x: g3.weight=3", NULL, "--case 'x': no key `g3`; did you mean `g1`?"},
        {"x: dmo0.hard=3", NULL, "--case 'x': no key `dmo0`; did you mean `dom0`?"},
        {"x: dom0.hrd=3", NULL, "--case 'x', dom0.hrd=3: no key `hrd` here; did you mean `hard`?"},
        {"x: hard=1,2,3", NULL,
         "--case 'x': hard=1,2,3 has 3 values for 2 guests: give one for each"},
        {"x: hard=1,,", NULL, "--case 'x': hard=1,, has 3 values for 2 guests"},
        {"x: hard=1,", NULL, "--case 'x': hard=1, has an empty value"},
        {"x: hard", NULL, "--case 'x': `hard` is no KEY=VALUE"},
        {"x: hard=", NULL, "--case 'x': `hard` has no value"},
        {"x: hard=1-2 hard=2", NULL, "--case 'x', hard=2: `hard` has two values here, 1-2 and 2"},
        {"x: weight=[256", NULL, "--case 'x': `[256` begins as YAML and is not"},
        {"x: keep=true", NULL, "--case 'x': no key and no guest `keep`; there is: name, dom0"},
        {": hard=1-2", NULL, "--case ': hard=1-2': no name"},
        {"x: cpus=1-2", NULL, "--case 'x': no key `cpus`; did you mean `hard`?"},
        {"x: idle=true", NULL, "--case 'x': case `x` measures nobody"},
        {NULL, "repetition=3", "--set repetition=3: no key `repetition`; did you mean"},
        {NULL, "repetitions=x", "--set repetitions=x: `repetitions` is `x`"},
        {NULL, "dom0.vcpu=1", "--set dom0.vcpu=1: no key `vcpu` here; did you mean `vcpus`?"},
        {NULL, "workload.env={A: 1}",
         "--set workload.env={A: 1}: `workload` is x, so it has no key"},
        {NULL, "guests.g1.cap=x", "--set guests.g1.cap=x: `cap` is `x`"},
        {NULL, "name=a\x1b[2J", "--set name=a\x1b[2J: `name` has the control character 0x1b"},
        {NULL, "cases=[{name: a}]", NULL},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_one_line line = {.workload = "x", .guests = "2", .image = "i"};
        char *a_case[] = {(char *)bad[i].a_case, NULL}, *set[] = {(char *)bad[i].set, NULL};
        line.cases = (struct xb_texts){.v = a_case, .count = bad[i].a_case != NULL};
        line.sets = (struct xb_texts){.v = set, .count = bad[i].set != NULL};
        if (bad[i].message)
            expect_bad(&line, bad[i].message);
        else
            xb_experiment_free(read_good(&line));
    }
    const struct xb_one_line twice = {
        .workload = "x", .guests = "2", .cases = TEXTS("a: cap=1", "a: cap=2")};
    expect_bad(&twice, "--case 'a': a second case of this name");
    const struct xb_one_line both = {.workload = "x",
                                     .guests = "2",
                                     .cases = TEXTS("a: cap=1"),
                                     .sets = TEXTS("cases=[{name: a}]")};
    expect_bad(&both, "--case and --set cases=[{name: a}] exclude each other");
    const struct xb_one_line within = {
        .workload = "x", .guests = "2", .cases = TEXTS("a: cap=1"), .sets = TEXTS("cases.x=1")};
    expect_bad(&within, "--case and --set cases.x=1 exclude each other");
    const struct xb_one_line zero = {.workload = "x", .guests = "0"};
    expect_bad(&zero, "--guests 0: `guests` is `0`; how many");
    const struct xb_one_line same = {.workload = "x", .guests = "a,a"};
    expect_bad(&same, "--guests a,a: a second guest named `a`");
}

static void test_which_keys_are_set(void **state XB_UNUSED)
{
    static const struct {
        const char *a_case, *set;
        bool sets;
    } words[] = {
        {"a: image=micro", NULL, true},      {"a: g1.image=micro", NULL, true},
        {"image=micro", NULL, true},         {"big image: cap=50", NULL, false},
        {"a: cap=50", NULL, false},          {NULL, "image=micro", true},
        {NULL, "defaults.image=m", true},    {NULL, "guests={a: {image: micro}}", true},
        {NULL, "name=an image test", false}, {NULL, "images=3", false},
        {NULL, "name=x image: y", false},    {NULL, "name=x image=y", false},
        {"a: name='image: y'", NULL, false}, {NULL, "guests=[{image: micro}]", true},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(words); i++) {
        char *a_case[] = {(char *)words[i].a_case, NULL}, *set[] = {(char *)words[i].set, NULL};
        const struct xb_one_line line = {
            .cases = {.v = a_case, .count = words[i].a_case != NULL},
            .sets = {.v = set, .count = words[i].set != NULL},
        };
        if (xb_one_line_sets(&line, "image") != words[i].sets)
            fail_msg("%s", words[i].set ? words[i].set : words[i].a_case);
    }
}

/* A word's path of keys is completed by the parts that it may leave out. */
static void test_paths(void **state XB_UNUSED)
{
    static const char *const guests[] = {"g1", "web.1", NULL};
    static const struct {
        enum xb_keypath_of of;
        const char *word, *path;
    } good[] = {
        {XB_KEYPATH_TOP, "repetitions=3", "repetitions"},
        {XB_KEYPATH_TOP, "cap=3", "defaults/cap"},
        {XB_KEYPATH_TOP, "keep=true", "defaults/keep"},
        {XB_KEYPATH_TOP, "all.cap=3", "defaults/cap"},
        {XB_KEYPATH_TOP, "g1.cap=3", "guests/g1/cap"},
        {XB_KEYPATH_TOP, "\"web.1\".cap=3", "guests/web.1/cap"},
        {XB_KEYPATH_TOP, "g1..2.cap=3", "guests/g1..2/cap"},
        {XB_KEYPATH_CASE, "cap=3", "guests/all/cap"},
        {XB_KEYPATH_CASE, "g*.cap=3", "guests/g*/cap"},
        {XB_KEYPATH_CASE, "pools.bench.cpus=3", "pools/bench/cpus"},
        {XB_KEYPATH_CASE, "hard.0=3", "guests/all/hard/0"},
        {XB_KEYPATH_CASE, "hrd.0=3", NULL},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(good); i++) {
        struct xb_keypath path;
        struct xb_err err = {0};
        char joined[100] = "";
        const struct xb_keypath_place place = {good[i].of, guests, "it"};
        int r = xb_keypath_read(&path, good[i].word, &place, &err);
        assert_int_equal(r, good[i].path ? 0 : -1);
        for (size_t k = 0; r == 0 && k < path.count; k++) {
            strcat(joined, k ? "/" : "");
            strcat(joined, path.keys[k]);
        }
        if (good[i].path)
            assert_string_equal(joined, good[i].path);
        xb_keypath_clear(&path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_text_is_a_file),
        cmocka_unit_test(test_command_line_for_the_shell),
        cmocka_unit_test(test_range_of_guests),
        cmocka_unit_test(test_errors_name_the_option),
        cmocka_unit_test(test_which_keys_are_set),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
