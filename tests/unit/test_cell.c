/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cell's calculations, as far as they need no guest. */
#include "base.h"
#include "cell_clock.h"
#include "cell_state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define S(n) ((n)*XB_NS_PER_S)
#define MS(n) ((n)*XB_NS_PER_MS)

static const struct xb_clock_fit before = {
    .offset_ns = 1000, .at_ns = S(100), .error_ns = 100000, .pings = 1};

static struct xb_clock_fit after(uint64_t at_ns, int64_t drift_ns, uint64_t error_ns)
{
    return (struct xb_clock_fit){
        .offset_ns = 1000 + drift_ns, .at_ns = at_ns, .error_ns = error_ns, .pings = 1};
}

/* A drift of 30 ppm is 10.8 ms in six minutes, but 0.09 ms in the 3 s until the release. */
static void test_a_long_job_does_not_make_the_release_worse(void **state XB_UNUSED)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        struct xb_clock_fit end = after(S(460), INT64_C(10800000) * sign, 100000);
        assert_true(xb_clock_is_even(&before, &end));
        assert_int_equal(xb_clock_release_error(&before, &end, S(103)), 190000);
    }
    struct xb_clock_fit hours = after(S(100 + 36000), 1080000000, 100000);
    assert_int_equal(xb_clock_release_error(&before, &hours, S(103)), 190000);
}

/* At the first fit, the error is that fit's own; later, the second fit's distance adds to it. */
static void test_release_error_between_the_fits(void **state XB_UNUSED)
{
    struct xb_clock_fit end = after(S(110), 1000000, 300000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(100)), 100000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(105)), 700000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(110)), 1300000);
}

/* The clock may have jumped before the release, so the complete difference counts. */
static void test_a_clock_that_is_not_even_counts_whole(void **state XB_UNUSED)
{
    struct xb_clock_fit jumped = after(S(110), 60000000, 100000);
    assert_false(xb_clock_is_even(&before, &jumped));
    assert_int_equal(xb_clock_release_error(&before, &jumped, S(101)), 60100000);
    /* The clock runs evenly up to a difference of 2 ms, a thousandth, and the fits' errors. */
    struct xb_clock_fit most = after(S(110), MS(12) + 200000, 100000);
    assert_true(xb_clock_is_even(&before, &most));
    most.offset_ns++;
    assert_false(xb_clock_is_even(&before, &most));
}

static void test_the_instant_lies_as_far_ahead_as_guests_need(void **state XB_UNUSED)
{
    const struct xb_clock_fit near = {.longest_rtt_ns = 100000}, far = {.longest_rtt_ns = MS(9)};
    const struct xb_clock_fit endless = {.longest_rtt_ns = S(20)};
    const struct xb_clock_fit *fits[] = {&near, &far, &endless};
    assert_int_equal(xb_clocks_lead_ns(fits, 0, MS(65)), MS(20));
    assert_int_equal(xb_clocks_lead_ns(fits, 1, MS(65)), MS(20) + 200000);
    assert_int_equal(xb_clocks_lead_ns(fits, 2, MS(65)), MS(38) + 200000);
    assert_int_equal(xb_clocks_lead_ns(fits, 3, MS(65)), MS(65));
    assert_int_equal(xb_clocks_lead_ns(fits, 1, MS(5)), MS(5));
}

/* For a cell that is resumed after a restart, the fit's time is unknown. */
static void test_times_that_are_not_known(void **state XB_UNUSED)
{
    struct xb_clock_fit stored = {.offset_ns = 1000, .error_ns = 100000};
    struct xb_clock_fit end = after(S(460), -500000, 100000);
    assert_false(xb_clock_is_even(&stored, &end));
    assert_int_equal(xb_clock_release_error(&stored, &end, 0), 600000);
    assert_int_equal(xb_clock_release_error(&before, &end, 0), 600000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(461)), 600000);
}

static enum xb_cell_state state, ends_at, seen[XB_CELL_CLOSED];
static enum xb_cell_outcome outcome;
static size_t seen_count;

static int step(struct xb_cell *cell XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    seen[seen_count++] = state;
    return state == ends_at ? -1 : 0;
}

static int step_without_load(struct xb_cell *cell, struct xb_err *err)
{
    outcome = XB_CELL_REPEAT_LOAD;
    return step(cell, err);
}

static int step_ahead(struct xb_cell *cell, struct xb_err *err)
{
    int r = step(cell, err);
    state = XB_CELL_PUT_BACK;
    return r;
}

/*
 * Advance a cell from a state. The step of state `fails` fails (CLOSED: none does), and the step of
 * state `special` is replaced by `with`.
 */
static int advance(enum xb_cell_state from, enum xb_cell_state fails, enum xb_cell_state special,
                   xb_cell_step with)
{
    xb_cell_step steps[XB_CELL_CLOSED];
    for (size_t i = 0; i < XB_CELL_CLOSED; i++)
        steps[i] = i == special ? with : step;
    state = from;
    ends_at = fails;
    seen_count = 0;
    return xb_cell_advance(NULL, &state, &outcome, steps, NULL);
}

static void test_a_cell_goes_through_every_state_once(void **unused XB_UNUSED)
{
    for (enum xb_cell_state from = XB_CELL_PLANNED; from < XB_CELL_CLOSED; from++) {
        outcome = XB_CELL_STANDS;
        assert_int_equal(advance(from, XB_CELL_CLOSED, XB_CELL_CLOSED, NULL), 0);
        assert_int_equal(state, XB_CELL_CLOSED);
        assert_int_equal(seen_count, XB_CELL_CLOSED - from);
        for (size_t i = 0; i < seen_count; i++)
            assert_int_equal(seen[i], from + i);
    }
    assert_int_equal(advance(XB_CELL_CLOSED, XB_CELL_CLOSED, XB_CELL_CLOSED, NULL), 0);
    assert_int_equal(seen_count, 0);
}

static void test_a_cell_that_fails_stays_where_it_was(void **unused XB_UNUSED)
{
    for (enum xb_cell_state at = XB_CELL_PLANNED; at < XB_CELL_CLOSED; at++) {
        assert_int_equal(advance(XB_CELL_PLANNED, at, XB_CELL_CLOSED, NULL), -1);
        assert_int_equal(state, at);
        assert_int_equal(seen_count, at + 1);
    }
}

static void test_a_step_can_tell_a_later_state_itself(void **unused XB_UNUSED)
{
    assert_int_equal(advance(XB_CELL_MEASURED, XB_CELL_CLOSED, XB_CELL_MEASURED, step_ahead), 0);
    assert_int_equal(state, XB_CELL_CLOSED);
    assert_int_equal(seen_count, 2);
    assert_int_equal(advance(XB_CELL_MEASURED, XB_CELL_MEASURED, XB_CELL_MEASURED, step_ahead), -1);
    assert_int_equal(state, XB_CELL_PUT_BACK);
}

static void test_without_its_load_nothing_is_released(void **unused XB_UNUSED)
{
    outcome = XB_CELL_STANDS;
    assert_int_equal(advance(XB_CELL_PLANNED, XB_CELL_CLOSED, XB_CELL_ARMED, step_without_load), 0);
    assert_int_equal(state, XB_CELL_LOADED);
    assert_int_equal(seen_count, 3);
    outcome = XB_CELL_STANDS;
}

static void test_which_states_owe_the_hook_after(void **unused XB_UNUSED)
{
    for (enum xb_cell_state at = XB_CELL_PLANNED; at <= XB_CELL_CLOSED; at++)
        assert_int_equal(xb_cell_owes_after(at),
                         at != XB_CELL_PLANNED && at != XB_CELL_PUT_BACK && at != XB_CELL_CLOSED);
}

static void test_of_several_reasons_the_gravest_is_told(void **unused XB_UNUSED)
{
    assert_null(xb_cell_outcome_why(XB_CELL_STANDS));
    for (enum xb_cell_outcome a = XB_CELL_STANDS; a < XB_CELL_OUTCOMES; a++) {
        assert_true(a == XB_CELL_STANDS || xb_cell_outcome_why(a));
        for (enum xb_cell_outcome b = XB_CELL_STANDS; b < XB_CELL_OUTCOMES; b++)
            assert_int_equal(xb_cell_outcome_of(a, b), a > b ? a : b);
    }
    assert_string_equal(
        xb_cell_outcome_why(xb_cell_outcome_of(XB_CELL_REPEAT_RELEASE, XB_CELL_REPEAT_HOOK)),
        "release error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_job_does_not_make_the_release_worse),
        cmocka_unit_test(test_release_error_between_the_fits),
        cmocka_unit_test(test_a_clock_that_is_not_even_counts_whole),
        cmocka_unit_test(test_times_that_are_not_known),
        cmocka_unit_test(test_the_instant_lies_as_far_ahead_as_guests_need),
        cmocka_unit_test(test_a_cell_goes_through_every_state_once),
        cmocka_unit_test(test_a_cell_that_fails_stays_where_it_was),
        cmocka_unit_test(test_a_step_can_tell_a_later_state_itself),
        cmocka_unit_test(test_without_its_load_nothing_is_released),
        cmocka_unit_test(test_which_states_owe_the_hook_after),
        cmocka_unit_test(test_of_several_reasons_the_gravest_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
