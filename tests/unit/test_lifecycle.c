/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a lifecycle computes from its measurements and from what guests report. */
#include "base.h"
#include "lifecycle_answer.h"
#include "lifecycle_i.h"
#include "lifecycle_summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#define S XB_NS_PER_S

static void phases_are_named(void **state XB_UNUSED)
{
    unsigned phases = 0;
    struct xb_err err = {0};
    assert_int_equal(xb_phases_parse("boot", &phases, &err), 0);
    assert_int_equal(phases, 1u << XB_PHASE_BOOT);
    assert_int_equal(xb_phases_parse("shutdown,checkpoint,restore", &phases, &err), 0);
    assert_int_equal(phases,
                     1u << XB_PHASE_SHUTDOWN | 1u << XB_PHASE_CHECKPOINT | 1u << XB_PHASE_RESTORE);
    static const char *const bad[] = {"", "boo", "boots", "boot;shutdown", ",boot", "boot,,pause"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_err why = {0};
        if (xb_phases_parse(bad[i], &phases, &why) == 0)
            fail_msg("`%s` passed", bad[i]);
        assert_int_equal(why.class, XB_E_INPUT);
    }
    for (enum xb_phase p = 0; p < XB_PHASES; p++) {
        assert_int_equal(xb_phases_parse(xb_phase_name(p), &phases, &err), 0);
        assert_int_equal(phases, 1u << p);
    }
}

/*
 * The guest ran from 100 s on, its clock from 101 s, PID 1 from 103 s, the agent from 104 s; the
 * agent published itself at 105 s.
 */
static const struct xb_answer good = {
    .answered_ns = 106 * S,
    .has_status = true,
    .zero_ns = 101 * S,
    .userspace_ns = 2 * S,
    .started_ns = 3 * S,
    .published_ns = 4 * S,
};

static uint64_t part_of(const struct xb_life_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->part_count; i++)
        if (strcmp(sample->parts[i].name, name) == 0)
            return sample->parts[i].ns;
    fail_msg("no part %s", name);
    return 0;
}

static uint64_t sum_of(const struct xb_life_sample *sample)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sample->part_count; i++)
        sum += sample->parts[i].ns;
    return sum;
}

static void a_boot_is_told_apart(void **state XB_UNUSED)
{
    struct xb_life_sample sample = {0};
    xb_answer_parts(&sample, &good, 100 * S);
    assert_false(sample.parts_refused);
    assert_int_equal(part_of(&sample, "loader"), 1 * S);
    assert_int_equal(part_of(&sample, "kernel"), 2 * S);
    assert_int_equal(part_of(&sample, "user space"), 1 * S);
    assert_int_equal(part_of(&sample, "agent"), 1 * S);
    assert_int_equal(part_of(&sample, "answer"), 1 * S);
    assert_int_equal(sum_of(&sample), 6 * S);
}

/* The parts add up, even if the clock reading is slightly off. */
static void rounding_is_no_lie(void **state XB_UNUSED)
{
    struct xb_life_sample sample = {0};
    struct xb_answer answer = good;
    answer.zero_ns = 100 * S - 20 * XB_NS_PER_MS;
    answer.published_ns = 6 * S + 30 * XB_NS_PER_MS;
    xb_answer_parts(&sample, &answer, 100 * S);
    assert_false(sample.parts_refused);
    assert_int_equal(sum_of(&sample), 6 * S);
}

static void assert_lie(struct xb_answer answer)
{
    struct xb_life_sample sample = {0};
    xb_answer_parts(&sample, &answer, 100 * S);
    assert_true(sample.parts_refused);
    assert_int_equal(sample.part_count, 1);
    assert_int_equal(part_of(&sample, "guest"), 6 * S);
}

static void what_cannot_be_is_not_told(void **state XB_UNUSED)
{
    struct xb_answer answer = good;
    answer.has_status = false;
    assert_lie(answer);
    answer = good;
    answer.published_ns = 7 * S; /* after the answer */
    assert_lie(answer);
    answer = good;
    answer.zero_ns = 98 * S; /* before the guest ran */
    assert_lie(answer);
    answer = good;
    answer.started_ns = 1 * S; /* before PID 1 */
    assert_lie(answer);
    answer = good;
    answer.published_ns = 0;
    assert_lie(answer);
    answer = good;
    answer.published_ns = UINT64_MAX;
    answer.started_ns = UINT64_MAX;
    assert_lie(answer);
}

static void samples_are_summed_up(void **state XB_UNUSED)
{
    struct xb_life_options options = {.repeat = 3, .xl = true};
    struct xb_life life = {.options = &options, .count = 1};
    struct xb_life_summary summary[XB_PHASES];
    for (unsigned r = 1; r <= 3; r++) {
        struct xb_life_sample *s = xb_life_add(&life, 0, r, XB_PHASE_BOOT, XB_BY_XENBENCH);
        s->total_ns = r * S;
        xb_life_part(s, "toolstack", r * S, false);
        xb_life_part(s, "kernel", 2 * S, true);
        s = xb_life_add(&life, 0, r, XB_PHASE_BOOT, XB_BY_XL);
        s->command_ns = r * S / 2;
        s->total_ns = 4 * S;
    }
    /* A guest that lied has a time but no parts. */
    life.samples[4].parts_refused = true;
    life.samples[4].part_count = 1;
    assert_int_equal(xb_life_summarise(&life, 0, summary), 1);
    assert_int_equal(summary[0].phase, XB_PHASE_BOOT);
    assert_true(summary[0].total[XB_BY_XENBENCH].median == 2e9);
    assert_true(summary[0].total[XB_BY_XENBENCH].mad == 1e9);
    assert_true(summary[0].command.median == 1e9);
    assert_true(summary[0].total[XB_BY_XL].median == 4e9);
    assert_int_equal(summary[0].part_count, 2);
    assert_string_equal(summary[0].parts[1].name, "kernel");
    assert_int_equal(summary[0].parts[1].stats.n, 2);
    assert_int_equal(summary[0].refused, 1);
    xb_life_clear(&life);
}

/* PV guests cannot migrate live; the other guests of the group are moved. */
static void those_that_can_be_moved_are_picked(void **state XB_UNUSED)
{
    static const char *const names[] = {"none", "a", "b", "c", "d"};
    const char *path[] = {"pa", "pb", "pc", "pd"};
    struct xb_guest_def guests[] = {
        {.type = "pvh"}, {.type = "pv"}, {.type = "pvh"}, {.type = "pv"}, {.type = "hvm"}};
    struct xb_answer answers[4] = {
        {.answered_ns = 1}, {.answered_ns = 2}, {.answered_ns = 3}, {.answered_ns = 4}};
    struct xb_life life = {.names = names, .guests = guests, .count = 5};
    struct xb_life_group group = {.life = &life,
                                  .first = 1,
                                  .count = 4,
                                  .repetition = 7,
                                  .names = names + 1,
                                  .path = path,
                                  .answers = answers};
    struct xb_life_movers movers;
    xb_life_movers_pick(&group, &movers);
    assert_int_equal(movers.group.count, 2);
    assert_int_equal(movers.group.repetition, 7);
    assert_string_equal(movers.group.names[0], "b");
    assert_string_equal(movers.group.names[1], "d");
    assert_string_equal(movers.group.path[1], "pd");
    assert_int_equal(xb_life_guest_no(&movers.group, 0), 2);
    assert_int_equal(xb_life_guest_no(&movers.group, 1), 4);
    assert_int_equal(xb_life_guest_no(&group, 1), 2);
    assert_int_equal(movers.group.answers[1].answered_ns, 4);
    movers.group.answers[0].answered_ns = 20;
    movers.group.answers[1].answered_ns = 40;
    xb_life_movers_put_back(&movers, &group);
    assert_int_equal(answers[0].answered_ns, 1);
    assert_int_equal(answers[1].answered_ns, 20);
    assert_int_equal(answers[2].answered_ns, 3);
    assert_int_equal(answers[3].answered_ns, 40);
    xb_life_movers_clear(&movers);
    group.count = 1;
    xb_life_movers_pick(&group, &movers);
    assert_int_equal(movers.group.count, 0);
    xb_life_movers_clear(&movers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_are_named),
        cmocka_unit_test(a_boot_is_told_apart),
        cmocka_unit_test(rounding_is_no_lie),
        cmocka_unit_test(what_cannot_be_is_not_told),
        cmocka_unit_test(samples_are_summed_up),
        cmocka_unit_test(those_that_can_be_moved_are_picked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
