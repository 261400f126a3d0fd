/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of exec: guests' names, numbers, lines of output, statuses. */
#include "agent_json.h"
#include "exec.h"
#include "guest_names.h"
#include "guest_output.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_guest_names(void **state)
{
    (void)state;
    struct xb_guest_names names;
    struct xb_err err = {0};
    char *words[] = {"a,b", "unix:/run/x", "c"};
    assert_int_equal(xb_guest_names_parse(&names, words, 3, &err), 0);
    assert_int_equal(names.count, 4);
    assert_string_equal(names.name[0], "a");
    assert_string_equal(names.name[2], "unix:/run/x");
    assert_string_equal(names.name[3], "c");
    xb_guest_names_clear(&names);
    char *bad[][1] = {{""}, {"a,"}, {",a"}, {"a,,b"}, {"a,a"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err.class = XB_E_NONE;
        assert_int_equal(xb_guest_names_parse(&names, bad[i], 1, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
    }
}

/* Writing these pieces through out must bring the expected text. */
static void assert_written(struct xb_guest_output out, const char *const *pieces,
                           const char *expected)
{
    int ends[2];
    char buf[3 * XB_GUEST_LINE_MAX];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    out.fd = ends[1];
    out.stop_fd = -1;
    for (; *pieces; pieces++)
        assert_int_equal(
            xb_guest_output_write(&out, (const uint8_t *)*pieces, strlen(*pieces), !pieces[1]), 0);
    close(ends[1]);
    ssize_t n = read(ends[0], buf, sizeof(buf) - 1);
    close(ends[0]);
    buf[n > 0 ? n : 0] = '\0';
    assert_string_equal(buf, expected);
}

static void test_lines_carry_the_name(void **state)
{
    (void)state;
    static const char *const pieces[] = {"on", "e\ntwo", "\n\nfour", NULL};
    assert_written((struct xb_guest_output){.prefix = "g"}, pieces,
                   "g: one\ng: two\ng: \ng: four\n");
    assert_written((struct xb_guest_output){0}, pieces, "one\ntwo\n\nfour");
    static const char *const sly[] = {"a\rg2: b\033[A", NULL};
    assert_written((struct xb_guest_output){.prefix = "g", .escape = true}, sly,
                   "g: a\\rg2: b\\x1b[A\n");
}

static void test_endless_lines_are_broken(void **state)
{
    (void)state;
    char text[XB_GUEST_LINE_MAX + 11], expected[XB_GUEST_LINE_MAX + 40];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    snprintf(expected, sizeof(expected), "g: %.*s\ng: xxxxxxxxxx\n", XB_GUEST_LINE_MAX, text);
    const char *const pieces[] = {text, NULL};
    assert_written((struct xb_guest_output){.prefix = "g"}, pieces, expected);
    text[XB_GUEST_LINE_MAX] = '\0'; /* exactly full */
    snprintf(expected, sizeof(expected), "g: %s\n", text);
    assert_written((struct xb_guest_output){.prefix = "g"}, pieces, expected);
}

static void test_nobody_reads(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    struct xb_guest_output out = {.fd = ends[1], .stop_fd = -1};
    assert_int_equal(xb_guest_output_write(&out, (const uint8_t *)"x", 1, false), -1);
    assert_int_equal(errno, EPIPE);
    close(ends[1]);
}

/* A reader that stalls does not keep us from noticing a stop signal. */
static void test_stopping_while_nobody_reads(void **state)
{
    (void)state;
    int ends[2], stop[2];
    static const uint8_t zeros[1 << 20];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
    assert_int_equal(write(stop[1], "x", 1), 1);
    struct xb_guest_output out = {.fd = ends[1], .stop_fd = stop[0]};
    assert_int_equal(xb_guest_output_write(&out, zeros, sizeof(zeros), false), 0);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(stop[i]);
    }
}

static void assert_status(Xb__Outcome outcome, int32_t value, int status)
{
    Xb__Result result = XB__RESULT__INIT;
    result.outcome = outcome;
    result.status = value;
    assert_int_equal(xb_exec_status(&result), status);
    /* Each of these also prints a message, except the plain case. */
    char remark[256];
    assert_int_equal(xb_exec_remark(&result, remark, sizeof(remark)),
                     outcome != XB__OUTCOME__OUTCOME_EXITED);
}

static void test_statuses(void **state)
{
    (void)state;
    assert_status(XB__OUTCOME__OUTCOME_EXITED, 0, 0);
    assert_status(XB__OUTCOME__OUTCOME_EXITED, 255, 255);
    assert_status(XB__OUTCOME__OUTCOME_SIGNALED, SIGSEGV, 139);
    assert_status(XB__OUTCOME__OUTCOME_SIGNALED, INT32_MIN, 128);
    assert_status(XB__OUTCOME__OUTCOME_OOM, SIGKILL, 137);
    assert_status(XB__OUTCOME__OUTCOME_TIMEOUT, SIGKILL, 124);
    assert_status(XB__OUTCOME__OUTCOME_EXEC_FAILED, ENOENT, 127);
    assert_status(XB__OUTCOME__OUTCOME_EXEC_FAILED, EACCES, 126);
    assert_status(XB__OUTCOME__OUTCOME_CANCELLED, 0, XB_E_HOST);
    assert_status((Xb__Outcome)99, 0, XB_E_HOST);
}

static void test_results_as_json(void **state)
{
    (void)state;
    Xb__Result result = XB__RESULT__INIT;
    result.outcome = XB__OUTCOME__OUTCOME_EXEC_FAILED;
    result.ended_ns = UINT64_MAX;
    result.detail = "\xff";
    json_t *json = xb_msg_json(&result.base);
    assert_string_equal(json_string_value(json_object_get(json, "outcome")), "exec_failed");
    assert_true(json_integer_value(json_object_get(json, "ended_ns")) == INT64_MAX);
    assert_string_equal(json_string_value(json_object_get(json, "detail")), "\\xff");
    assert_int_equal(json_object_size(json), result.base.descriptor->n_fields);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guest_names),
        cmocka_unit_test(test_lines_carry_the_name),
        cmocka_unit_test(test_endless_lines_are_broken),
        cmocka_unit_test(test_nobody_reads),
        cmocka_unit_test(test_stopping_while_nobody_reads),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_results_as_json),
    };
    return cmocka_run_group_tests_name("parts of exec", tests, NULL, NULL);
}
