/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Agents that break the protocol. Each session must end in time with an error that names the cause
 * and leave nothing behind; the same controller then goes on with the next guest.
 */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Time for a refusal, which includes starting the session's process. */
#define REFUSED_NS (5 * XB_NS_PER_S)

/* Connecting must fail with this message. */
static void assert_refused(fake_script *script, const char *part)
{
    struct session s;
    assert_int_equal(hostile_start(&s, script, REFUSED_NS), -1);
    assert_null(s.agent);
    hostile_says(&s, part);
    hostile_end(&s);
}

static void arm(struct session *s, fake_script *script)
{
    assert_int_equal(hostile_start(s, script, SOON_NS), 0);
    hostile_arm(s, 1, 1000);
}

static void assert_ends(struct session *s, const char *part)
{
    struct xb_agents_wait wait = {
        .agents = &s->agent,
        .count = 1,
        .deadline_ns = xb_now_ns() + SOON_NS,
        .stop_fd = -1,
        .on_message = hostile_ignore,
    };
    assert_int_equal(xb_agents_wait(&wait, &s->err), -1);
    hostile_says(s, part);
    assert_false(xb_agent_ready(s->agent));
    assert_false(xb_agent_may_return(s->agent));
    hostile_end(s);
}

/* With a job armed with 1000 bytes of credit, the session must end with this message. */
static void assert_cut_off(fake_script *script, const char *part)
{
    struct session s;
    arm(&s, script);
    assert_ends(&s, part);
}

static void other_major(int fd)
{
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 2;
    hello.minor = 7;
    fake_await(fd, XB_HELLO);
    fake_send(fd, XB_HELLO, 0, &hello.base);
    fake_linger(fd);
}

static void test_other_major_names_both_versions(void **state XB_UNUSED)
{
    assert_refused(other_major, "protocol 2.7");
    assert_refused(other_major, "this xenbench 1.2");
}

static void never_answers(int fd)
{
    fake_linger(fd);
}

static void test_silence_meets_the_deadline(void **state XB_UNUSED)
{
    uint64_t before_ns = xb_now_ns();
    assert_refused(never_answers, "does not answer HELLO");
    assert_true(xb_now_ns() - before_ns < SOON_NS);
}

static void huge_frame(int fd)
{
    fake_send_header(fd, UINT32_MAX, XB_HELLO, 0, 0);
    fake_linger(fd);
}

static void reserved_bits(int fd)
{
    fake_send_header(fd, 0, XB_HELLO, 1, 0);
    fake_linger(fd);
}

static void garbage_hello(int fd)
{
    fake_send_header(fd, 4, XB_HELLO, 0, 0);
    fake_send_raw(fd, "\xff\xff\xff\xff", 4);
    fake_linger(fd);
}

static void output_first(int fd)
{
    fake_send(fd, XB_DONE, 0, NULL);
    fake_linger(fd);
}

static void too_many_jobs(int fd)
{
    enum { JOBS = 2000 };
    static Xb__JobState state = XB__JOB_STATE__INIT;
    static Xb__JobState *states[JOBS];
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 1;
    for (size_t i = 0; i < JOBS; i++)
        states[i] = &state;
    hello.jobs = states;
    hello.n_jobs = JOBS;
    fake_send(fd, XB_HELLO, 0, &hello.base);
    fake_linger(fd);
}

static void turns_away(int fd)
{
    Xb__Error error = XB__ERROR__INIT;
    error.request = XB_HELLO;
    error.message = (char *)"go \033]0;away\007\nnow";
    fake_send(fd, XB_ERROR, 0, &error.base);
    fake_linger(fd);
}

static void test_bad_first_words(void **state XB_UNUSED)
{
    assert_refused(huge_frame, "frame of 4294967295 bytes");
    assert_refused(reserved_bits, "reserved bits");
    assert_refused(garbage_hello, "malformed HELLO");
    assert_refused(output_first, "DONE before HELLO");
    assert_refused(too_many_jobs, "2000 jobs");
    assert_refused(turns_away, "go ?]0;away??now");
}

static void half_a_frame(int fd)
{
    fake_send_header(fd, 100, XB_HELLO, 0, 0);
}

static void test_end_within_a_frame(void **state XB_UNUSED)
{
    assert_refused(half_a_frame, "no agent in time");
}

static void result_unasked(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    Xb__Result result = XB__RESULT__INIT;
    fake_send(fd, XB_RESULT, 1, &result.base);
    fake_send(fd, XB_RESULT, 1, &result.base);
    fake_linger(fd);
}

static void result_of_no_job(int fd)
{
    Xb__Result result = XB__RESULT__INIT;
    fake_greet(fd);
    fake_send(fd, XB_RESULT, 77, &result.base);
    fake_linger(fd);
}

static void result_of_no_job_and_leaves(int fd)
{
    Xb__Result result = XB__RESULT__INIT;
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    fake_send(fd, XB_RESULT, 77, &result.base);
}

static void pong_unasked(int fd)
{
    Xb__Pong pong = XB__PONG__INIT;
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    fake_send(fd, XB_PONG, 1, &pong.base);
    fake_linger(fd);
}

static void beyond_credit(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    hostile_send_output(fd, 1, 1, 600, false);
    hostile_send_output(fd, 1, 2, 600, false);
    fake_linger(fd);
}

static void empty_output(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    hostile_send_output(fd, 1, 1, 0, false);
    fake_linger(fd);
}

static void two_ends(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    hostile_send_output(fd, 1, 1, 1, true);
    hostile_send_output(fd, 1, 1, 1, true);
    fake_linger(fd);
}

static void third_stream(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    hostile_send_output(fd, 1, 3, 1, true);
    fake_linger(fd);
}

static void controller_words(int fd)
{
    Xb__Arm arm = XB__ARM__INIT;
    fake_greet(fd);
    fake_send(fd, XB_ARM, 1, &arm.base);
    fake_linger(fd);
}

static void unknown_type(int fd)
{
    fake_greet(fd);
    fake_send(fd, 4711, 1, NULL);
    fake_linger(fd);
}

static void refuses_the_unsent(int fd)
{
    Xb__Error error = XB__ERROR__INIT;
    error.request = XB_KILL;
    error.message = (char *)"";
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    fake_send(fd, XB_ERROR, 1, &error.base);
    fake_linger(fd);
}

static void second_hello(int fd)
{
    fake_greet(fd);
    Xb__Hello hello = XB__HELLO__INIT;
    fake_send(fd, XB_HELLO, 0, &hello.base);
    fake_linger(fd);
}

static void file_unasked(int fd)
{
    Xb__Data data = XB__DATA__INIT;
    data.data = (ProtobufCBinaryData){.len = 4, .data = (uint8_t *)"data"};
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    fake_send(fd, XB_DATA, 1, &data.base);
    fake_linger(fd);
}

static void test_what_was_not_asked_for(void **state XB_UNUSED)
{
    assert_cut_off(result_unasked, "RESULT without being asked");
    assert_cut_off(result_of_no_job, "for job 77");
    assert_cut_off(pong_unasked, "PONG without being asked");
    assert_cut_off(beyond_credit, "with 400 of credit left");
    assert_cut_off(empty_output, "an empty OUTPUT");
    assert_cut_off(two_ends, "stream that has ended");
    assert_cut_off(third_stream, "OUTPUT of stream 3");
    assert_cut_off(controller_words, "type 7 (ARM)");
    assert_cut_off(unknown_type, "type 4711");
    assert_cut_off(refuses_the_unsent, "refused a message (KILL)");
    assert_cut_off(second_hello, "HELLO");
    assert_cut_off(file_unasked, "unasked DATA");
}

/* Its last message and the end of its connection arrive at once: it must not come back. */
static void test_what_was_not_asked_for_before_it_leaves(void **state XB_UNUSED)
{
    struct session s;
    siginfo_t ended;
    arm(&s, result_of_no_job_and_leaves);
    assert_int_equal(waitid(P_PID, (id_t)s.fake.pid, &ended, WEXITED | WNOWAIT), 0);
    usleep(300000); /* the session's process passes both on, and ends */
    hostile_arm(&s, 2, 1000);
    assert_ends(&s, "for job 77");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_major_names_both_versions),
        cmocka_unit_test(test_silence_meets_the_deadline),
        cmocka_unit_test(test_bad_first_words),
        cmocka_unit_test(test_end_within_a_frame),
        cmocka_unit_test(test_what_was_not_asked_for),
        cmocka_unit_test(test_what_was_not_asked_for_before_it_leaves),
    };
    return cmocka_run_group_tests_name("agents that break the protocol", tests,
                                       hostile_make_run_dir, hostile_remove_run_dir);
}
