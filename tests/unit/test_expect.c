/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent may send, and when. test_controller_hostile.c shows the same from outside. */
#include "agent_expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct xb_expect expect;

static int clear(void **state)
{
    (void)state;
    memset(&expect, 0, sizeof(expect));
    return 0;
}

static void sent(uint16_t type, uint32_t job_id, const ProtobufCMessage *msg)
{
    assert_int_equal(xb_expect_sent(&expect, type, job_id, msg, NULL), 0);
}

static int received(uint16_t type, uint32_t job_id, const ProtobufCMessage *msg)
{
    struct xb_err err = {0};
    int r = xb_expect_received(&expect, type, job_id, msg, &err);
    assert_int_equal(err.class, r == 0 ? XB_E_NONE : XB_E_BENCH);
    return r;
}

static void send_arm(uint32_t job_id, bool streamed, uint64_t credit_bytes)
{
    Xb__Arm arm = XB__ARM__INIT;
    arm.output = streamed ? XB__OUTPUT_MODE__OUTPUT_STREAM : XB__OUTPUT_MODE__OUTPUT_KEEP;
    arm.credit_bytes = credit_bytes;
    sent(XB_ARM, job_id, &arm.base);
}

static void send_fetch(uint32_t job_id, Xb__Stream stream, uint64_t credit_bytes)
{
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = stream;
    fetch.credit_bytes = credit_bytes;
    sent(XB_FETCH, job_id, &fetch.base);
}

static int output(uint32_t job_id, Xb__Stream stream, size_t bytes, bool eof)
{
    static uint8_t data[XB_DATA_MAX + 1];
    Xb__Output msg = XB__OUTPUT__INIT;
    msg.stream = stream;
    msg.data = (ProtobufCBinaryData){.len = bytes, .data = data};
    msg.eof = eof;
    return received(XB_OUTPUT, job_id, &msg.base);
}

static int refusal(uint32_t job_id, uint16_t request)
{
    Xb__Error msg = XB__ERROR__INIT;
    msg.request = request;
    return received(XB_ERROR, job_id, &msg.base);
}

static void test_the_life_of_a_job(void **state)
{
    (void)state;
    Xb__Release release = XB__RELEASE__INIT;
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = 50;
    assert_int_equal(received(XB_ARMED, 1, NULL), -1);
    send_arm(1, true, 100);
    assert_int_equal(received(XB_ARMED, 1, NULL), 0);
    assert_int_equal(received(XB_ARMED, 1, NULL), -1);
    sent(XB_RELEASE, 1, &release.base);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 60, false), 0);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDERR, 41, false), -1);
    sent(XB_CREDIT, 1, &credit.base);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDERR, 41, true), 0);
    assert_int_equal(received(XB_RESULT, 1, NULL), 0);
    assert_int_equal(received(XB_RESULT, 1, NULL), -1);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 0, true), 0);
    sent(XB_FORGET, 1, NULL);
    assert_int_equal(received(XB_DONE, 1, NULL), 0);
    assert_int_equal(received(XB_DONE, 1, NULL), -1);
}

static void test_kept_output_comes_when_fetched(void **state)
{
    (void)state;
    send_arm(1, false, 0);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 1, false), -1);
    send_fetch(1, XB__STREAM__STREAM_STDOUT, 1000);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDERR, 1, false), -1);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 1000, true), 0);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 0, true), -1);
}

static void test_no_more_in_a_frame_than_the_limit(void **state)
{
    (void)state;
    send_arm(1, true, UINT64_MAX);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, XB_DATA_MAX, false), 0);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, XB_DATA_MAX + 1, false), -1);
}

static void test_credit_does_not_overflow(void **state)
{
    (void)state;
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = UINT64_MAX;
    send_arm(1, true, 100);
    sent(XB_CREDIT, 1, &credit.base);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 1000, false), 0);
}

static void test_a_refusal_stands_for_the_answer(void **state)
{
    (void)state;
    Xb__Kill kill = XB__KILL__INIT;
    send_arm(1, true, 100);
    assert_int_equal(refusal(1, XB_KILL), -1);
    assert_int_equal(refusal(1, XB_ARM), 0);
    assert_int_equal(received(XB_ARMED, 1, NULL), -1);
    assert_int_equal(refusal(1, XB_ARM), -1);
    send_arm(2, true, 100);
    sent(XB_KILL, 2, &kill.base);
    sent(XB_FORGET, 2, NULL);
    assert_int_equal(refusal(2, XB_KILL), 0);
    assert_int_equal(received(XB_DONE, 2, NULL), 0);
    assert_int_equal(received(XB_DONE, 2, NULL), -1);
    assert_int_equal(refusal(2, 60000), -1);
}

static void test_places_are_used_again(void **state)
{
    (void)state;
    for (uint32_t id = 1; id < 1000; id++) {
        send_arm(id, true, 100);
        assert_int_equal(received(XB_RESULT, id, NULL), 0);
        sent(XB_FORGET, id, NULL);
        assert_int_equal(received(XB_DONE, id, NULL), 0);
    }
}

static void test_too_many_jobs_are_refused_here(void **state)
{
    (void)state;
    Xb__Arm arm = XB__ARM__INIT;
    struct xb_err err = {0};
    for (uint32_t id = 1; id <= XB_EXPECT_MAX; id++)
        send_arm(id, true, 100);
    assert_int_equal(xb_expect_sent(&expect, XB_ARM, 9999, &arm.base, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
}

static void test_after_a_reconnect(void **state)
{
    (void)state;
    Xb__JobState running = XB__JOB_STATE__INIT, done = XB__JOB_STATE__INIT;
    running.job_id = 1;
    running.phase = XB__JOB_PHASE__JOB_PHASE_RELEASED;
    done.job_id = 2;
    done.phase = XB__JOB_PHASE__JOB_PHASE_DONE;
    Xb__JobState *jobs[] = {&running, &done};
    Xb__Hello hello = XB__HELLO__INIT;
    hello.jobs = jobs;
    hello.n_jobs = 2;
    send_arm(1, true, 100);
    send_arm(3, true, 100);
    xb_expect_reconnected(&expect, &hello);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 1, false),
                     -1); /* the credit is used up */
    send_fetch(1, XB__STREAM__STREAM_STDOUT, 10);
    assert_int_equal(output(1, XB__STREAM__STREAM_STDOUT, 10, false), 0);
    assert_int_equal(received(XB_RESULT, 1, NULL), 0);
    assert_int_equal(received(XB_RESULT, 2, NULL), -1); /* not fetched */
    send_fetch(2, XB__STREAM__STREAM_NONE, 0);
    assert_int_equal(received(XB_RESULT, 2, NULL), 0);
    /* A stream's end may come twice: it may have been on its way when we requested the stream. */
    send_fetch(2, XB__STREAM__STREAM_STDERR, 10);
    assert_int_equal(output(2, XB__STREAM__STREAM_STDERR, 0, true), 0);
    assert_int_equal(output(2, XB__STREAM__STREAM_STDERR, 0, true), 0);
    assert_int_equal(output(2, XB__STREAM__STREAM_STDERR, 0, true), -1);
    assert_int_equal(received(XB_RESULT, 3, NULL), -1); /* not listed */
}

/* An agent that still prepares a job lists it as armed, and answers ARM on the new connection. */
static void test_after_a_reconnect_before_armed(void **state)
{
    (void)state;
    Xb__JobState one = XB__JOB_STATE__INIT, two = XB__JOB_STATE__INIT;
    one.job_id = 1;
    two.job_id = 2;
    one.phase = two.phase = XB__JOB_PHASE__JOB_PHASE_ARMED;
    Xb__JobState *jobs[] = {&one, &two};
    Xb__Hello hello = XB__HELLO__INIT;
    hello.jobs = jobs;
    hello.n_jobs = 2;
    xb_expect_reconnected(&expect, &hello);
    assert_int_equal(received(XB_ARMED, 1, NULL), 0);
    assert_int_equal(received(XB_ARMED, 1, NULL), -1);
    sent(XB_CANCEL, 2, NULL);
    assert_int_equal(received(XB_DONE, 2, NULL), 0);
    assert_int_equal(refusal(2, XB_ARM), 0);
    assert_int_equal(refusal(2, XB_ARM), -1);
}

static void pull(uint32_t id)
{
    Xb__Pull msg = XB__PULL__INIT;
    msg.credit_bytes = 100;
    sent(XB_PULL, id, &msg.base);
    assert_int_equal(received(XB_PULLING, id, NULL), 0);
}

static int data(uint32_t id)
{
    Xb__Data msg = XB__DATA__INIT;
    msg.data = (ProtobufCBinaryData){.len = 1, .data = (uint8_t *)"x"};
    return received(XB_DATA, id, &msg.base);
}

/* What is on its way for a transfer that was given up is no lie, whatever is sent meanwhile. */
static void test_an_abandoned_pull_keeps_its_place(void **state)
{
    (void)state;
    uint32_t id = 1;
    for (; id < 2 * XB_EXPECT_MAX; id++) {
        pull(id);
        assert_int_equal(received(XB_END, id, NULL), 0);
    }
    uint32_t given_up = id++;
    pull(given_up);
    sent(XB_CANCEL, given_up, NULL);
    xb_expect_abandon(&expect, given_up);
    for (; id < 4 * XB_EXPECT_MAX; id++) {
        pull(id);
        assert_int_equal(received(XB_END, id, NULL), 0);
    }
    assert_int_equal(data(given_up), 0);
    assert_int_equal(received(XB_DONE, given_up, NULL), 0);
    /* Then nothing can come, so the next transfers use the place. */
    for (; id < 6 * XB_EXPECT_MAX; id++) {
        pull(id);
        assert_int_equal(received(XB_END, id, NULL), 0);
    }
    assert_false(xb_expect_knows(&expect, given_up));
}

static void send_input(uint64_t offset, size_t bytes)
{
    Xb__Input msg = XB__INPUT__INIT;
    msg.offset = offset;
    msg.data.len = bytes;
    sent(XB_INPUT, 1, &msg.base);
}

static int accept_input(uint64_t offset, uint64_t until, bool closed)
{
    Xb__Accept msg = XB__ACCEPT__INIT;
    msg.offset = offset;
    msg.until = until;
    msg.closed = closed;
    return received(XB_ACCEPT, 1, &msg.base);
}

static void arm_reading(void)
{
    Xb__Arm arm = XB__ARM__INIT;
    arm.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    arm.stdin_stream = true;
    sent(XB_ARM, 1, &arm.base);
}

static void test_accept(void **state)
{
    (void)state;
    const uint64_t window = XB_INPUT_WINDOW_BYTES, step = XB_INPUT_STEP_BYTES;
    send_arm(1, true, 0);
    assert_int_equal(accept_input(0, window, false), -1); /* no input was armed */
    clear(NULL);
    arm_reading();
    assert_int_equal(accept_input(0, window, false), 0);
    assert_int_equal(accept_input(0, window, false), -1); /* nothing new */
    send_input(0, step);
    assert_int_equal(accept_input(step, window + step - 1, false), -1); /* too little */
    assert_int_equal(accept_input(step, window + step, false), 0);
    assert_int_equal(accept_input(step + 1, 2 * window, false), -1);    /* never sent */
    assert_int_equal(accept_input(step, 2 * window + step, false), -1); /* beyond the window */
    assert_int_equal(accept_input(0, window + step, true), -1);         /* backwards */
    assert_int_equal(accept_input(step, window + step, true), 0);
    assert_int_equal(accept_input(step, window + step, true), -1); /* closed already */
    send_fetch(1, XB__STREAM__STREAM_STDIN, 0);
    assert_int_equal(accept_input(step, window + step, true), 0);
    assert_int_equal(accept_input(step, window + step, true), -1);
}

static void test_accept_after_a_lost_connection(void **state)
{
    (void)state;
    Xb__JobState job = XB__JOB_STATE__INIT, *jobs[] = {&job};
    Xb__Hello hello = XB__HELLO__INIT;
    job.job_id = 1;
    job.phase = XB__JOB_PHASE__JOB_PHASE_RELEASED;
    hello.jobs = jobs;
    hello.n_jobs = 1;
    arm_reading();
    xb_expect_reconnected(&expect, &hello);
    assert_int_equal(accept_input(0, 100, false), -1);
    send_fetch(1, XB__STREAM__STREAM_STDIN, 0);
    assert_int_equal(accept_input(1000, 1000 + XB_INPUT_WINDOW_BYTES + 1, false), -1);
    assert_int_equal(accept_input(1000, 1000 + XB_INPUT_WINDOW_BYTES, false), 0);
    assert_int_equal(accept_input(1001, 1000 + XB_INPUT_WINDOW_BYTES, true), -1);
    assert_int_equal(accept_input(UINT64_MAX, 5, true), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_life_of_a_job, clear),
        cmocka_unit_test_setup(test_accept, clear),
        cmocka_unit_test_setup(test_accept_after_a_lost_connection, clear),
        cmocka_unit_test_setup(test_kept_output_comes_when_fetched, clear),
        cmocka_unit_test_setup(test_no_more_in_a_frame_than_the_limit, clear),
        cmocka_unit_test_setup(test_credit_does_not_overflow, clear),
        cmocka_unit_test_setup(test_a_refusal_stands_for_the_answer, clear),
        cmocka_unit_test_setup(test_places_are_used_again, clear),
        cmocka_unit_test_setup(test_too_many_jobs_are_refused_here, clear),
        cmocka_unit_test_setup(test_after_a_reconnect, clear),
        cmocka_unit_test_setup(test_after_a_reconnect_before_armed, clear),
        cmocka_unit_test_setup(test_an_abandoned_pull_keeps_its_place, clear),
    };
    return cmocka_run_group_tests_name("what an agent may say", tests, NULL, NULL);
}
