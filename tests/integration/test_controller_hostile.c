/*
 * Agents that break the protocol. Each session must end in time with an error that names the cause
 * and leave nothing behind; the same controller then goes on with the next guest.
 */
#include "agent.h"
#include "base.h"
#include "fake_agent.h"
#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SOON_NS (10 * XB_NS_PER_S)

static char run_dir[] = "/tmp/xb-hostile-XXXXXX";
static struct xb_app app = {.run_dir = run_dir};

struct session {
    struct fake_agent fake;
    struct xb_agent *agent;
    struct xb_err err;
};

static int make_run_dir(void **state XB_UNUSED)
{
    return mkdtemp(run_dir) ? 0 : -1;
}

static int remove_run_dir(void **state XB_UNUSED)
{
    return xb_remove_tree(run_dir, NULL);
}

static int start(struct session *s, fake_script *script, uint64_t timeout_ns)
{
    memset(s, 0, sizeof(*s));
    fake_agent_start(&s->fake, script);
    return xb_agent_connect(&s->agent, &app, s->fake.name, xb_now_ns() + timeout_ns, &s->err);
}

static void end(struct session *s)
{
    xb_agent_free(s->agent);
    fake_agent_stop(&s->fake);
}

static void assert_says(const struct session *s, const char *part)
{
    if (!strstr(s->err.msg, part))
        fail_msg("'%s' does not say '%s'", s->err.msg, part);
    assert_int_equal(s->err.class, XB_E_BENCH);
}

/* Connecting must fail with this message. */
static void assert_refused(fake_script *script, const char *part)
{
    struct session s;
    assert_int_equal(start(&s, script, XB_NS_PER_S), -1);
    assert_null(s.agent);
    assert_says(&s, part);
    end(&s);
}

static int ignore(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                  const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

static void arm(struct session *s, uint32_t job_id, uint64_t credit_bytes)
{
    Xb__Arm msg = XB__ARM__INIT;
    msg.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    msg.credit_bytes = credit_bytes;
    assert_int_equal(xb_agent_send(s->agent, XB_ARM, job_id, &msg.base, &s->err), 0);
}

/* With a job armed with 1000 bytes of credit, the session must end with this message. */
static void assert_cut_off(fake_script *script, const char *part)
{
    struct session s;
    assert_int_equal(start(&s, script, SOON_NS), 0);
    arm(&s, 1, 1000);
    struct xb_agents_wait wait = {
        .agents = &s.agent,
        .count = 1,
        .deadline_ns = xb_now_ns() + SOON_NS,
        .stop_fd = -1,
        .on_message = ignore,
    };
    assert_int_equal(xb_agents_wait(&wait, &s.err), -1);
    assert_says(&s, part);
    assert_false(xb_agent_ready(s.agent));
    assert_false(xb_agent_may_return(s.agent));
    end(&s);
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

static void send_output(int fd, uint32_t job_id, int stream, size_t bytes, bool eof)
{
    static uint8_t zeros[XB_FRAME_BODY_MAX];
    Xb__Output out = XB__OUTPUT__INIT;
    out.stream = (Xb__Stream)stream;
    out.data = (ProtobufCBinaryData){.len = bytes, .data = zeros};
    out.eof = eof;
    fake_send(fd, XB_OUTPUT, job_id, &out.base);
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
    send_output(fd, 1, 1, 600, false);
    send_output(fd, 1, 2, 600, false);
    fake_linger(fd);
}

static void empty_output(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    send_output(fd, 1, 1, 0, false);
    fake_linger(fd);
}

static void two_ends(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    send_output(fd, 1, 1, 1, true);
    send_output(fd, 1, 1, 1, true);
    fake_linger(fd);
}

static void third_stream(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_ARM);
    send_output(fd, 1, 3, 1, true);
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
    assert_int_equal(start(&s, leaves, SOON_NS), 0);
    arm(&s, 1, 1000);
    /*
     * A send that meets the end of the connection leaves the error to the wait, which knows the
     * outcome.
     */
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)s.fake.pid, &ended, WEXITED | WNOWAIT), 0);
    for (uint32_t i = 1; i <= 3; i++)
        arm(&s, i, 1000);
    struct xb_agents_wait wait = {
        .agents = &s.agent,
        .count = 1,
        .deadline_ns = xb_now_ns() + SOON_NS,
        .stop_fd = -1,
        .stop = &lost,
        .on_message = ignore,
        .on_lost = remember,
        .arg = &lost,
    };
    assert_int_equal(xb_agents_wait(&wait, &s.err), XB_WAIT_STOPPED);
    assert_true(lost);
    end(&s);
}

/* Single bytes within the credit are legal, but too many while a call waits are not. */
static void dribbles(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_STATUS_REQUEST);
    for (int i = 0; i < 100000; i++)
        send_output(fd, 1, 1, 1, false);
    fake_linger(fd);
}

static void test_a_flood_in_place_of_an_answer(void **state XB_UNUSED)
{
    struct session s;
    Xb__Status *status;
    assert_int_equal(start(&s, dribbles, SOON_NS), 0);
    arm(&s, 1, 1000000);
    assert_int_equal(xb_agent_status(s.agent, &status, &s.err), -1);
    assert_says(&s, "instead of an answer");
    end(&s);
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
    assert_int_equal(start(&s, greets_only, SOON_NS), 0);
    assert_int_equal(
        xb_agent_call(s.agent, XB_ARM, 1, &msg.base, XB_ARMED, NULL, XB_NS_PER_S / 10, &s.err), -1);
    assert_says(&s, "no answer to ARM within 100 ms");
    xb_err_clear(&s.err);
    xb_auto_close int stop_fd = eventfd(1, EFD_CLOEXEC);
    xb_agent_set_stop_fd(s.agent, stop_fd);
    assert_int_equal(
        xb_agent_call(s.agent, XB_ARM, 2, &msg.base, XB_ARMED, NULL, UINT64_MAX, &s.err), -1);
    assert_says(&s, "interrupted");
    end(&s);
}

static void honest_clock(int fd)
{
    fake_greet(fd);
    for (;;) {
        uint8_t body[XB_FRAME_BODY_MAX];
        uint32_t job_id;
        size_t bytes;
        if (fake_receive_body(fd, &job_id, body, &bytes) != XB_PING)
            continue;
        Xb__Ping *ping = xb__ping__unpack(NULL, bytes, body);
        Xb__Pong pong = XB__PONG__INIT;
        pong.sequence = ping->sequence;
        pong.dom0_ns = ping->dom0_ns;
        pong.received_ns = pong.sent_ns = xb_now_ns();
        fake_send(fd, XB_PONG, job_id, &pong.base);
        xb__ping__free_unpacked(ping, NULL);
    }
}

static void leaves_after_a_ping(int fd)
{
    fake_greet(fd);
    fake_await(fd, XB_PING);
}

/* A silent agent and one that leaves take no time from a third; the time-out passes only once. */
static void test_several_are_asked_at_once(void **state XB_UNUSED)
{
    fake_script *const scripts[] = {greets_only, honest_clock, leaves_after_a_ping, greets_only};
    struct session s[XB_ARRAY_LEN(scripts)];
    struct xb_ask asks[XB_ARRAY_LEN(scripts)];
    struct xb_clock_ask clocks[XB_ARRAY_LEN(scripts)] = {{.agent = NULL}};
    Xb__Ping ping = XB__PING__INIT;
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++) {
        assert_int_equal(start(&s[i], scripts[i], SOON_NS), 0);
        asks[i] = (struct xb_ask){
            .agent = s[i].agent, .type = XB_PING, .answer = XB_PONG, .msg = &ping.base};
    }
    uint64_t began_ns = xb_now_ns();
    xb_agents_ask(asks, XB_ARRAY_LEN(asks), XB_NS_PER_S);
    assert_in_range(xb_now_ns() - began_ns, XB_NS_PER_S, XB_NS_PER_S * 19 / 10);
    assert_non_null(strstr(asks[0].err.msg, "no answer to PING within 1000 ms"));
    assert_int_equal(asks[1].err.class, XB_E_NONE);
    assert_non_null(asks[1].body);
    assert_true(asks[1].got_ns >= asks[1].sent_ns);
    assert_int_equal(asks[2].err.class, XB_E_BENCH);
    assert_false(xb_agent_ready(s[2].agent));
    assert_int_equal(xb_asks_judge(asks, XB_ARRAY_LEN(asks), &s[0].err), -1);
    assert_says(&s[0], "no answer to PING");
    xb_asks_clear(asks, XB_ARRAY_LEN(asks));
    clocks[1].agent = s[1].agent;
    clocks[2].agent = s[2].agent;
    xb_agents_clock(clocks, XB_ARRAY_LEN(clocks), 5);
    assert_int_equal(clocks[1].fit.pings, 5);
    assert_non_null(strstr(clocks[2].err.msg, "no connection"));
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++)
        end(&s[i]);
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
    struct xb_clock_fit fit;
    assert_int_equal(start(&s, wild_clock, SOON_NS), 0);
    assert_int_equal(xb_agent_clock(s.agent, 10, &fit, &s.err), -1);
    assert_says(&s, "PONG to a PING that was not sent");
    end(&s);
}

static uint32_t begin_file(int fd, uint64_t size_bytes, uint32_t mode)
{
    Xb__Pulling pulling = XB__PULLING__INIT;
    pulling.size_bytes = size_bytes;
    pulling.mode = mode;
    fake_greet(fd);
    uint32_t job_id = fake_await(fd, XB_PULL);
    fake_send(fd, XB_PULLING, job_id, &pulling.base);
    return job_id;
}

static void send_data(int fd, uint32_t job_id, uint64_t offset, size_t bytes)
{
    static uint8_t zeros[XB_DATA_MAX];
    Xb__Data data = XB__DATA__INIT;
    data.offset = offset;
    data.data = (ProtobufCBinaryData){.len = bytes, .data = zeros};
    fake_send(fd, XB_DATA, job_id, &data.base);
}

static void send_end(int fd, uint32_t job_id, uint64_t size_bytes, uint32_t crc32)
{
    Xb__End msg = XB__END__INIT;
    msg.size_bytes = size_bytes;
    msg.crc32 = crc32;
    fake_send(fd, XB_END, job_id, &msg.base);
}

static void exabyte_file(int fd)
{
    begin_file(fd, UINT64_C(1) << 60, 0644);
    fake_linger(fd);
}

static void longer_than_said(int fd)
{
    uint32_t job_id = begin_file(fd, 10, 0644);
    send_data(fd, job_id, 0, 11);
    fake_linger(fd);
}

static void not_in_order(int fd)
{
    uint32_t job_id = begin_file(fd, 100, 0644);
    send_data(fd, job_id, 50, 10);
    fake_linger(fd);
}

static void wrong_checksum(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 0644);
    send_data(fd, job_id, 0, 4);
    send_end(fd, job_id, 4, 12345);
    fake_linger(fd);
}

static void too_short(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 0644);
    send_end(fd, job_id, 4, 0);
    fake_linger(fd);
}

static void setuid_file(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 07755);
    send_data(fd, job_id, 0, 4);
    send_end(fd, job_id, 4, 0x2144df1c); /* for four zeros */
    fake_linger(fd);
}

static int count_files(const char *folder)
{
    int count = -2; /* without . and .. */
    xb_auto_closedir DIR *dir = opendir(folder);
    while (dir && readdir(dir))
        count++;
    return count;
}

struct target {
    char folder[64];
    char file[80];
};

static int make_target(void **state)
{
    static struct target target;
    strcpy(target.folder, "/tmp/xenbench-pull.XXXXXX");
    assert_non_null(mkdtemp(target.folder));
    snprintf(target.file, sizeof(target.file), "%s/file", target.folder);
    *state = &target;
    return 0;
}

static int remove_target(void **state)
{
    const struct target *target = *state;
    unlink(target->file);
    return rmdir(target->folder);
}

static const struct xb_pull_limit limit = {1 << 20, "no more"};

static void assert_not_pulled(const struct target *target, fake_script *script, const char *part)
{
    struct session s;
    assert_int_equal(start(&s, script, SOON_NS), 0);
    assert_int_equal(xb_agent_pull(s.agent, "/x", target->file, limit, NULL, &s.err), -1);
    assert_says(&s, part);
    assert_int_equal(count_files(target->folder), 0);
    end(&s);
}

static void test_false_files(void **state)
{
    assert_not_pulled(*state, exabyte_file, "the limit is 1048576");
    assert_not_pulled(*state, longer_than_said, "other bytes");
    assert_not_pulled(*state, not_in_order, "other bytes");
    assert_not_pulled(*state, wrong_checksum, "did not arrive whole");
    assert_not_pulled(*state, too_short, "did not arrive whole");
}

static void test_setuid_stays_behind(void **state)
{
    const struct target *target = *state;
    struct session s;
    struct stat st;
    assert_int_equal(start(&s, setuid_file, SOON_NS), 0);
    assert_int_equal(xb_agent_pull(s.agent, "/x", target->file, limit, NULL, &s.err), 0);
    assert_int_equal(stat(target->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(st.st_size, 4);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_major_names_both_versions),
        cmocka_unit_test(test_silence_meets_the_deadline),
        cmocka_unit_test(test_bad_first_words),
        cmocka_unit_test(test_end_within_a_frame),
        cmocka_unit_test(test_what_was_not_asked_for),
        cmocka_unit_test(test_a_closed_connection_may_return),
        cmocka_unit_test(test_a_flood_in_place_of_an_answer),
        cmocka_unit_test(test_calls_end),
        cmocka_unit_test(test_several_are_asked_at_once),
        cmocka_unit_test(test_wild_clocks),
        cmocka_unit_test_setup_teardown(test_false_files, make_target, remove_target),
        cmocka_unit_test_setup_teardown(test_setuid_stays_behind, make_target, remove_target),
    };
    return cmocka_run_group_tests_name("controller against hostile agents", tests, make_run_dir,
                                       remove_run_dir);
}
