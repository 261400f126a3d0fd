/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Experiments with agents that follow the protocol but lie about times, clocks and wake-ups. Their
 * samples are stored, with warnings.
 */
#include "app.h"
#include "base.h"
#include "fake_agent.h"
#include "report.h"
#include "run.h"
#include "store.h"
#include "store_i.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define JOB_NS (200 * XB_NS_PER_MS)

/* How an agent lies. */
struct lie {
    uint64_t later_ns;       /* the job's end is reported this much late */
    uint64_t gain_ns;        /* the clock jumps ahead by this much while the job runs */
    uint64_t ping_ns;        /* each PING waits this long before the agent reads its clock */
    bool held_once;          /* PINGs wait only until the first job is over */
    const char *clocksource; /* at the job's end; NULL: the honest one */
    uint64_t wakeups;
    uint64_t late_ns;        /* the release is reported this much late */
    uint64_t opened_ns;      /* the job begins this long after the release; 0: at once */
    const char *counter_why; /* NULL: honest counters */
    uint64_t trickle_ns;     /* for this long before the job's end, its RESULT comes byte by byte */
};

static struct lie lie; /* inherited by the next agent, which is forked */
static struct xb_app app;
static char folder[64], store_path[128], file_path[128], output_path[128];
static struct xb_err err;

static uint64_t gained_ns, jobs; /* in the agent's process */

static uint64_t its_clock(void)
{
    return xb_now_ns() + gained_ns;
}

static void answer_ping(int fd, const Xb__Ping *ping)
{
    Xb__Pong pong = XB__PONG__INIT;
    if (lie.ping_ns && (!lie.held_once || jobs == 0))
        usleep((useconds_t)(lie.ping_ns / 1000));
    pong.sequence = ping->sequence;
    pong.dom0_ns = ping->dom0_ns;
    pong.received_ns = pong.sent_ns = its_clock();
    fake_send(fd, XB_PONG, 0, &pong.base);
}

static void answer_status(int fd)
{
    Xb__Status status = XB__STATUS__INIT;
    status.vcpus_online = 1;
    status.settled = 1;
    status.clocksource = (char *)"xen";
    status.monotonic_ns = its_clock();
    fake_send(fd, XB_STATUS, 0, &status.base);
}

static void put_counters(Xb__Result *result, Xb__Counter *counter, Xb__Counter **list)
{
    xb__counter__init(counter);
    counter->name = (char *)"cycles";
    counter->why = (char *)(lie.counter_why ? lie.counter_why : "");
    counter->value = 1000;
    counter->enabled_ns = 200;
    counter->running_ns = 100;
    list[0] = counter;
    result->counters = list;
    result->n_counters = 1;
}

/* Send the RESULT byte by byte until the job's end, each byte a wake-up; then send the rest. */
static void trickle(int fd, uint32_t job_id, const Xb__Result *result)
{
    static const uint8_t unknown[] = {0xc2, 0x0c, 0x80, 0xf0, 0x01}; /* field 200 has 30720 bytes */
    static uint8_t frame[40 * XB_KIB];
    size_t body = protobuf_c_message_pack(&result->base, frame + XB_FRAME_HEADER_BYTES), sent = 0;
    memcpy(frame + XB_FRAME_HEADER_BYTES + body, unknown, sizeof(unknown));
    body += sizeof(unknown) + 30 * XB_KIB;
    xb_frame_encode_header(frame, XB_RESULT, job_id, (uint32_t)body);
    for (; its_clock() < result->ended_ns && sent < 30 * XB_KIB; sent++) {
        fake_send_raw(fd, frame + sent, 1);
        usleep(200);
    }
    fake_send_raw(fd, frame + sent, XB_FRAME_HEADER_BYTES + body - sent);
}

static void run_job(int fd, uint32_t job_id, const Xb__Release *release)
{
    Xb__Result result = XB__RESULT__INIT;
    Xb__Counter counter, *list[1];
    uint64_t now_ns = its_clock();
    if (release->at_ns > now_ns)
        usleep((useconds_t)((release->at_ns - now_ns) / 1000));
    usleep(JOB_NS / 1000);
    gained_ns += lie.gain_ns;
    result.outcome = XB__OUTCOME__OUTCOME_EXITED;
    result.release_ns = release->at_ns;
    result.opened_ns = release->at_ns + (lie.opened_ns ? lie.opened_ns : 1000);
    result.late_ns = lie.late_ns;
    result.ended_ns = its_clock() + lie.later_ns + lie.trickle_ns;
    jobs++;
    result.clocksource_before = (char *)"xen";
    result.clocksource = (char *)(lie.clocksource ? lie.clocksource : "xen");
    result.agent_wakeups = lie.wakeups;
    put_counters(&result, &counter, list);
    if (lie.trickle_ns)
        trickle(fd, job_id, &result);
    else
        fake_send(fd, XB_RESULT, job_id, &result.base);
}

static void act(int fd)
{
    uint8_t body[XB_FRAME_BODY_MAX];
    uint32_t job_id;
    fake_greet(fd);
    for (;;) {
        size_t bytes;
        uint16_t type = fake_receive_body(fd, &job_id, body, &bytes);
        if (type == XB_PING) {
            Xb__Ping *ping = xb__ping__unpack(NULL, bytes, body);
            answer_ping(fd, ping);
            xb__ping__free_unpacked(ping, NULL);
        } else if (type == XB_STATUS_REQUEST) {
            answer_status(fd);
        } else if (type == XB_ARM) {
            Xb__Armed armed = XB__ARMED__INIT;
            fake_send(fd, XB_ARMED, job_id, &armed.base);
        } else if (type == XB_RELEASE) {
            Xb__Release *release = xb__release__unpack(NULL, bytes, body);
            run_job(fd, job_id, release);
            xb__release__free_unpacked(release, NULL);
        } else if (type == XB_FORGET) {
            fake_send(fd, XB_DONE, job_id, NULL);
        }
    }
}

static void write_experiment(const struct fake_agent *fake, const char *more)
{
    FILE *file = fopen(file_path, "w");
    assert_non_null(file);
    fprintf(file,
            "name: liar\nworkload: {command: [/bin/true]}\nguests:\n  one: {socket: %s}\n"
            "repetitions: 1\n%s",
            fake->name + strlen("unix:"), more);
    fclose(file);
}

/* Run a cell with this lying agent, discarding the run's output. */
static void run_with(struct lie how, const char *more)
{
    struct fake_agent fake;
    const struct xb_exp_source source = {.path = file_path};
    const struct xb_run_options options = {.source = &source, .store = store_path, .quiet = true};
    lie = how;
    fake_agent_start(&fake, act);
    write_experiment(&fake, more);
    int out = dup(STDOUT_FILENO), errors = dup(STDERR_FILENO);
    assert_non_null(freopen(output_path, "w", stdout));
    assert_non_null(freopen("/dev/null", "w", stderr));
    int rc = xb_run(&app, &options, &err);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close(out);
    close(errors);
    fake_agent_stop(&fake);
    if (rc < 0)
        fail_msg("%s", err.msg);
}

static int64_t ask(const char *sql)
{
    struct xb_store *store;
    sqlite3_stmt *stmt;
    if (xb_store_open(&store, &app, store_path, false, &err) < 0 ||
        xb_store_query(store, &stmt, &err, sql) < 0 || xb_store_step(store, stmt, &err) < 1)
        fail_msg("%s: %s", sql, err.msg);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    xb_store_close(store);
    return value;
}

static void assert_warned_only_of(const char *code)
{
    char sql[256];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM warnings WHERE code = '%s'", code);
    if (ask(sql) < 1)
        fail_msg("no warning %s", code);
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM warnings WHERE code != '%s' AND code NOT LIKE 'note-%%'", code);
    assert_int_equal(ask(sql), 0);
    assert_int_equal(ask("SELECT count(*) FROM samples WHERE outcome = 'exited'"), 1);
}

static void test_an_honest_agent_is_not_marked(void **state XB_UNUSED)
{
    run_with((struct lie){.wakeups = 1}, "max_release_error: 500ms\n");
    assert_int_equal(ask("SELECT count(*) FROM warnings WHERE code NOT LIKE 'note-%'"), 0);
    assert_int_equal(ask("SELECT clocksource_before = 'xen' FROM samples"), 1);
    assert_int_equal(ask("SELECT controller_wakeups <= 3 FROM cells"), 1);
    assert_int_equal(ask("SELECT count(*) FROM cells WHERE state = 'discarded'"), 0);
}

static void test_a_job_that_is_said_to_have_taken_longer(void **state XB_UNUSED)
{
    run_with((struct lie){.later_ns = XB_NS_PER_S}, "");
    assert_warned_only_of("clocks-differ");
}

static void test_a_clock_that_gains(void **state XB_UNUSED)
{
    run_with((struct lie){.gain_ns = 60 * XB_NS_PER_MS}, "max_attempts: 1\n"
                                                         "max_release_error: 500ms\n");
    assert_warned_only_of("clock-rate");
    assert_int_equal(ask("SELECT release_error_ns >= 60000000 FROM cells"), 1);
}

static void test_a_clocksource_that_changes(void **state XB_UNUSED)
{
    run_with((struct lie){.clocksource = "hpet"}, "");
    assert_warned_only_of("clocksource-changed");
}

static void test_an_agent_that_was_woken_often(void **state XB_UNUSED)
{
    run_with((struct lie){.wakeups = 3}, "");
    assert_warned_only_of("agent-wakeups");
}

/* Has the same effect as a guest that signals its event channel all the time: a warning. */
static void test_an_agent_that_wakes_dom0_without_a_message(void **state XB_UNUSED)
{
    run_with((struct lie){.trickle_ns = 2 * XB_NS_PER_S}, "max_release_error: 500ms\n");
    assert_warned_only_of("event-storm");
    assert_int_equal(
        ask("SELECT count(*) FROM warnings WHERE code = 'event-storm' AND guest = 'one'"
            " AND cell = 0"),
        1);
    assert_int_equal(ask("SELECT controller_wakeups <= 3 FROM cells"), 1);
}

/* Each PONG's clock is read late, so the fit's error is at least half the delay. */
static void test_beyond_the_bound_a_cell_is_repeated_and_marked(void **state XB_UNUSED)
{
    run_with((struct lie){.ping_ns = 8 * XB_NS_PER_MS},
             "max_release_error: 2ms\nmax_attempts: 3\n");
    assert_int_equal(ask("SELECT count(*) FROM cells WHERE state = 'discarded'"), 2);
    assert_int_equal(ask("SELECT attempt FROM cells WHERE state = 'done'"), 3);
    assert_int_equal(ask("SELECT count(*) FROM cells WHERE why = 'release error'"), 2);
    assert_int_equal(ask("SELECT min(release_error_ns) > 2000000 FROM cells"), 1);
    assert_int_equal(ask("SELECT count(*) > 0 FROM warnings WHERE code = 'release-error'"), 1);
}

/* Only the first cell's first fit is bad; the second attempt is good and counts. */
static void test_a_repeated_cell_that_starts_well_stands(void **state XB_UNUSED)
{
    run_with((struct lie){.ping_ns = 8 * XB_NS_PER_MS, .held_once = true},
             "max_release_error: 2ms\nmax_attempts: 3\n");
    assert_int_equal(ask("SELECT count(*) FROM cells WHERE state = 'discarded'"), 1);
    assert_int_equal(ask("SELECT attempt FROM cells WHERE state = 'done'"), 2);
    assert_int_equal(ask("SELECT release_error_ns < 2000000 FROM cells WHERE state = 'done'"), 1);
}

/* A release that arrives late is the controller's release error, not the scheduler's delay. */
static void test_a_late_release_counts_as_release_error(void **state XB_UNUSED)
{
    run_with((struct lie){.late_ns = 80 * XB_NS_PER_MS, .opened_ns = 81 * XB_NS_PER_MS},
             "max_release_error: 50ms\nmax_attempts: 2\n");
    assert_int_equal(ask("SELECT count(*) FROM cells WHERE why = 'release error'"), 1);
    assert_int_equal(ask("SELECT min(release_error_ns) >= 80000000 FROM cells"), 1);
    assert_int_equal(
        ask("SELECT min(dispatch_delay_ns) = 1000000 AND max(dispatch_delay_ns) = 1000000 FROM samples"),
        1);
    assert_int_equal(
        ask("SELECT count(*) FROM warnings WHERE code = 'release-error'"
            " AND message LIKE '%guest one was told to start 80.000 ms after the instant%'"),
        1);
}

/* The release cannot have arrived after the job began, nor later than Dom0's clock allows. */
static void test_a_lateness_that_cannot_be_is_not_believed(void **state XB_UNUSED)
{
    run_with((struct lie){.late_ns = 3600 * XB_NS_PER_S}, "max_release_error: 500ms\n");
    assert_int_equal(ask("SELECT count(*) FROM warnings WHERE code NOT LIKE 'note-%'"), 0);
    assert_int_equal(ask("SELECT dispatch_delay_ns FROM samples"), 0);
    assert_int_equal(ask("SELECT release_error_ns < 500000000 FROM cells"), 1);
}

static void test_a_lateness_beyond_the_window_is_not_believed(void **state XB_UNUSED)
{
    run_with((struct lie){.late_ns = UINT64_MAX, .opened_ns = UINT64_MAX / 2},
             "max_release_error: 1ms\nmax_attempts: 1\n");
    assert_int_equal(ask("SELECT release_error_ns < 30000000000 FROM cells"), 1);
    assert_int_equal(ask("SELECT count(*) FROM warnings WHERE code = 'release-error'"), 1);
}

static void test_counters_are_scaled_and_kept(void **state XB_UNUSED)
{
    run_with((struct lie){0}, "");
    assert_int_equal(ask("SELECT value FROM counters WHERE name = 'cycles'"), 2000);
    assert_int_equal(ask("SELECT part = 0.5 FROM counters"), 1);
}

static void test_counters_that_are_absent_say_why(void **state XB_UNUSED)
{
    run_with((struct lie){.counter_why = "no vPMU"}, "");
    assert_int_equal(ask("SELECT value IS NULL AND why = 'no vPMU' FROM counters"), 1);
}

static int begin(void **state XB_UNUSED)
{
    xb_err_clear(&err);
    strcpy(folder, "/tmp/xenbench-liar.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(store_path, sizeof(store_path), "%s/store.sqlite", folder);
    snprintf(file_path, sizeof(file_path), "%s/e.yaml", folder);
    snprintf(output_path, sizeof(output_path), "%s/output", folder);
    app = (struct xb_app){
        .state_dir = folder, .run_dir = folder, .share_dir = folder, .lib_dir = XB_TEST_BIN};
    return 0;
}

static int end(void **state XB_UNUSED)
{
    char line[128];
    snprintf(line, sizeof(line), "rm -r %s", folder);
    return system(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_honest_agent_is_not_marked, begin, end),
        cmocka_unit_test_setup_teardown(test_a_job_that_is_said_to_have_taken_longer, begin, end),
        cmocka_unit_test_setup_teardown(test_a_clock_that_gains, begin, end),
        cmocka_unit_test_setup_teardown(test_a_clocksource_that_changes, begin, end),
        cmocka_unit_test_setup_teardown(test_an_agent_that_was_woken_often, begin, end),
        cmocka_unit_test_setup_teardown(test_an_agent_that_wakes_dom0_without_a_message, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_beyond_the_bound_a_cell_is_repeated_and_marked, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_repeated_cell_that_starts_well_stands, begin, end),
        cmocka_unit_test_setup_teardown(test_a_late_release_counts_as_release_error, begin, end),
        cmocka_unit_test_setup_teardown(test_a_lateness_that_cannot_be_is_not_believed, begin, end),
        cmocka_unit_test_setup_teardown(test_a_lateness_beyond_the_window_is_not_believed, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_counters_are_scaled_and_kept, begin, end),
        cmocka_unit_test_setup_teardown(test_counters_that_are_absent_say_why, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
