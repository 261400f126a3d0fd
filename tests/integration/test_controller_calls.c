/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controller's calls and waits end in time, whatever the agents do. */
#include "agent_i.h"
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <cmocka.h>

static void leaves(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
}

static int remember(void *arg, struct xb_agent *agent, const struct xb_err *why,
                    struct xb_err *err XB_UNUSED)
{
    assert_true(xb_agent_may_return(agent));
    assert_non_null(strstr(why->msg, "closed the connection"));
    *(bool *)arg = true;
    return 0;
}

static void test_a_closed_connection_may_return(void **state XB_UNUSED)
{
    struct session s;
    bool lost = false;
    assert_int_equal(hostile_start(&s, leaves, SOON_NS), 0);
    hostile_arm(&s, 1, 1000);
    /*
     * A send that finds the connection closed leaves the error to the wait, which knows how it
     * ended.
     */
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)s.fake.pid, &ended, WEXITED | WNOWAIT), 0);
    for (uint32_t i = 1; i <= 3; i++)
        hostile_arm(&s, i, 1000);
    struct xb_agents_wait wait = {
        .agents = &s.agent,
        .count = 1,
        .deadline_ns = xb_now_ns() + SOON_NS,
        .stop_fd = -1,
        .stop = &lost,
        .on_message = hostile_ignore,
        .on_lost = remember,
        .arg = &lost,
    };
    assert_int_equal(xb_agents_wait(&wait, &s.err), XB_WAIT_STOPPED);
    assert_true(lost);
    /* Who sends later is told why there is no connection, in case nobody waited when it ended. */
    Xb__Fetch fetch = XB__FETCH__INIT;
    assert_int_equal(xb_agent_send(s.agent, XB_FETCH, 1, &fetch.base, &s.err), -1);
    hostile_says(&s, "no connection to send FETCH on: the other side closed the connection");
    hostile_end(&s);
}

/* A wait for the door may end with the lock just before it is cancelled. */
static void test_a_door_that_was_left_is_open(void **state XB_UNUSED)
{
    struct xb_app app = {.run_dir = (char *)hostile_run_dir()};
    struct xb_agent agent = {.app = &app, .socket_path = "/x", .state = XB_AGENT_SEEKING};
    struct xb_guest_talk other;
    snprintf(agent.guest.name, sizeof(agent.guest.name), "web");
    assert_int_equal(xb_agent_talk_open(&agent, NULL), 0);
    assert_int_equal(xb_guest_talk_open(&other, &app, "unix=x", "web", NULL), 0);
    assert_true(xb_guest_door_take(&other));
    assert_int_equal(xb_agent_door(&agent, NULL), 0);
    xb_guest_door_leave(&other);
    assert_int_equal(xb_child_await(&agent.door_wait.child, UINT64_MAX, -1), XB_CHILD_ENDED);
    xb_agent_door_leave(&agent);
    assert_true(xb_guest_door_take(&other));
    xb_guest_talk_close(&other);
    xb_guest_talk_close(&agent.talk);
}

static void greets_and_breaks_off(int fd)
{
    fake_greet(fd);
    fake_send(fd, XB_RESULT, 1, NULL);
    fake_linger(fd);
}

static void greets_late(int fd)
{
    usleep(300000);
    fake_greet(fd);
    fake_linger(fd);
}

/* A guest that is ready, and then lost while another still connects, must not be counted twice. */
static void test_one_that_is_lost_again_does_not_end_the_wait_for_another(void **state XB_UNUSED)
{
    struct session s[2];
    hostile_start_two(s, greets_and_breaks_off, greets_late);
    assert_null(s[0].agent);
    assert_int_equal(s[0].err.class, XB_E_BENCH);
    assert_int_equal(s[1].err.class, XB_E_NONE);
    assert_true(xb_agent_ready(s[1].agent));
    hostile_end(&s[0]);
    hostile_end(&s[1]);
}

/* Send single bytes, which the credit allows, but too many frames while a call waits. */
static void dribbles(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_STATUS_REQUEST);
    for (int i = 0; i < 100000; i++)
        hostile_send_output(fd, 1, 1, 1, false);
    fake_linger(fd);
}

static void test_a_flood_in_place_of_an_answer(void **state XB_UNUSED)
{
    struct session s;
    Xb__Status *status;
    assert_int_equal(hostile_start(&s, dribbles, SOON_NS), 0);
    hostile_arm(&s, 1, 1000000);
    assert_int_equal(xb_agent_status(s.agent, &status, &s.err), -1);
    hostile_says(&s, "instead of an answer");
    hostile_end(&s);
}

static void greets_only(int fd)
{
    fake_greet(fd);
    fake_linger(fd);
}

static void test_calls_end(void **state XB_UNUSED)
{
    struct session s;
    Xb__Arm msg = XB__ARM__INIT;
    assert_int_equal(hostile_start(&s, greets_only, SOON_NS), 0);
    assert_int_equal(
        xb_agent_call(s.agent, XB_ARM, 1, &msg.base, XB_ARMED, NULL, XB_NS_PER_S / 10, &s.err), -1);
    hostile_says(&s, "no answer to ARM within 100 ms");
    xb_err_clear(&s.err);
    xb_auto_close int stop_fd = eventfd(1, EFD_CLOEXEC);
    xb_agent_set_stop_fd(s.agent, stop_fd);
    assert_int_equal(
        xb_agent_call(s.agent, XB_ARM, 2, &msg.base, XB_ARMED, NULL, UINT64_MAX, &s.err), -1);
    hostile_says(&s, "interrupted");
    hostile_end(&s);
}

/* Answer the next PING; call before (may be NULL) between PING and PONG. */
static void answer_a_ping(int fd, void (*before)(void))
{
    uint8_t body[XB_FRAME_BODY_MAX];
    uint32_t job_id;
    size_t bytes;
    while (fake_receive_body(fd, &job_id, body, &bytes) != XB_PING)
        continue;
    if (before)
        before();
    Xb__Ping *ping = xb__ping__unpack(NULL, bytes, body);
    Xb__Pong pong = XB__PONG__INIT;
    pong.sequence = ping->sequence;
    pong.dom0_ns = ping->dom0_ns;
    pong.received_ns = pong.sent_ns = xb_now_ns();
    fake_send(fd, XB_PONG, job_id, &pong.base);
    xb__ping__free_unpacked(ping, NULL);
}

static void honest_clock(int fd)
{
    fake_greet(fd);
    for (;;)
        answer_a_ping(fd, NULL);
}

static void leaves_after_a_ping(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_PING);
}

/* Silent agents and one that leaves do not delay another; the time-out passes only once for all. */
static void test_several_are_asked_at_once(void **state XB_UNUSED)
{
    fake_script *const scripts[] = {greets_only, honest_clock, leaves_after_a_ping, greets_only};
    struct session s[XB_ARRAY_LEN(scripts)];
    struct xb_ask asks[XB_ARRAY_LEN(scripts)];
    struct xb_clock_ask clocks[XB_ARRAY_LEN(scripts)] = {{.agent = NULL}};
    Xb__Ping ping = XB__PING__INIT;
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++) {
        assert_int_equal(hostile_start(&s[i], scripts[i], SOON_NS), 0);
        asks[i] = (struct xb_ask){
            .agent = s[i].agent, .type = XB_PING, .answer = XB_PONG, .msg = &ping.base};
    }
    uint64_t began_ns = xb_now_ns();
    xb_agents_ask(asks, XB_ARRAY_LEN(asks), XB_NS_PER_S);
    assert_in_range(xb_now_ns() - began_ns, XB_NS_PER_S, XB_NS_PER_S * 19 / 10);
    assert_non_null(strstr(asks[0].err.msg, "no answer to PING within 1000 ms"));
    assert_int_equal(asks[1].err.class, XB_E_NONE);
    assert_non_null(asks[1].body);
    assert_int_equal(asks[2].err.class, XB_E_BENCH);
    assert_false(xb_agent_ready(s[2].agent));
    assert_int_equal(xb_asks_judge(asks, XB_ARRAY_LEN(asks), &s[0].err), -1);
    hostile_says(&s[0], "no answer to PING");
    xb_asks_clear(asks, XB_ARRAY_LEN(asks));
    clocks[1].agent = s[1].agent;
    clocks[2].agent = s[2].agent;
    xb_agents_clock(clocks, XB_ARRAY_LEN(clocks), 5);
    assert_int_equal(clocks[1].fit.pings, 5);
    assert_non_null(strstr(clocks[2].err.msg, "no connection"));
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++)
        hostile_end(&s[i]);
}

static int meeting[2];

static void wait_for_the_other(void)
{
    uint8_t byte;
    if (read(meeting[0], &byte, 1) != 1)
        _exit(1);
}

static void tell_the_other(void)
{
    if (write(meeting[1], "", 1) != 1)
        _exit(1);
}

/* Answer the first PING only after the other agent has received a PING. */
static void clock_that_waits_for_another(int fd)
{
    fake_greet(fd);
    answer_a_ping(fd, wait_for_the_other);
    for (;;)
        answer_a_ping(fd, NULL);
}

static void clock_that_is_waited_for(int fd)
{
    fake_greet(fd);
    answer_a_ping(fd, tell_the_other);
    for (;;)
        answer_a_ping(fd, NULL);
}

static void test_clocks_are_fitted_at_once(void **state XB_UNUSED)
{
    fake_script *const scripts[] = {clock_that_waits_for_another, clock_that_is_waited_for};
    struct session s[XB_ARRAY_LEN(scripts)];
    struct xb_clock_ask clocks[XB_ARRAY_LEN(scripts)] = {{.agent = NULL}};
    assert_int_equal(pipe(meeting), 0);
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++) {
        assert_int_equal(hostile_start(&s[i], scripts[i], SOON_NS), 0);
        clocks[i].agent = s[i].agent;
    }
    xb_agents_clock_at_once(clocks, XB_ARRAY_LEN(clocks), 3);
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++) {
        const struct xb_clock_fit *fit = &clocks[i].fit;
        assert_int_equal(clocks[i].err.class, XB_E_NONE);
        assert_int_equal(fit->pings, 3);
        assert_true(fit->best_rtt_ns <= fit->median_rtt_ns);
        assert_true(fit->median_rtt_ns <= fit->longest_rtt_ns);
        assert_true((uint64_t)llabs(fit->offset_ns) <= fit->error_ns); /* both use the same clock */
        hostile_end(&s[i]);
    }
    close(meeting[0]);
    close(meeting[1]);
}

static void wild_clock(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_PING);
    Xb__Pong pong = XB__PONG__INIT;
    pong.received_ns = 5;
    pong.sent_ns = UINT64_MAX;
    fake_send(fd, XB_PONG, 0, &pong.base);
    fake_linger(fd);
}

static void test_wild_clocks(void **state XB_UNUSED)
{
    struct session s;
    assert_int_equal(hostile_start(&s, wild_clock, SOON_NS), 0);
    struct xb_clock_ask ask = {.agent = s.agent};
    xb_agents_clock(&ask, 1, 10);
    s.err = ask.err;
    hostile_says(&s, "PONG to a PING that was not sent");
    hostile_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_closed_connection_may_return),
        cmocka_unit_test(test_a_door_that_was_left_is_open),
        cmocka_unit_test(test_one_that_is_lost_again_does_not_end_the_wait_for_another),
        cmocka_unit_test(test_a_flood_in_place_of_an_answer),
        cmocka_unit_test(test_calls_end),
        cmocka_unit_test(test_several_are_asked_at_once),
        cmocka_unit_test(test_clocks_are_fitted_at_once),
        cmocka_unit_test(test_wild_clocks),
    };
    return cmocka_run_group_tests_name("calls end in time", tests, hostile_make_run_dir,
                                       hostile_remove_run_dir);
}
