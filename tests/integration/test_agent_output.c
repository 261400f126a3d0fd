/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output, kept and streamed: complete, bounded, and available after a reconnect. */
#include "agent_client.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

static void stream(struct command *command, uint64_t credit_bytes)
{
    command->arm.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    command->arm.credit_bytes = credit_bytes;
}

static void test_kept(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "echo to stdout; echo to stderr >&2");
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->stdout_bytes, 10);
    assert_int_equal(result->stderr_bytes, 10);
    assert_int_equal(result->stdout_kept_bytes, 10);
    assert_int_equal(result->agent_wakeups, 1); /* the job's end: output wakes nobody */
    free_result(result);
    assert_string_equal(client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 0), "to stdout\n");
    assert_string_equal(client_fetch(client, 1, XB__STREAM__STREAM_STDERR, 3), "stderr\n");
    assert_string_equal(client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 10), "");
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = XB__STREAM__STREAM_STDOUT;
    fetch.offset = 11;
    client_send(client, XB_FETCH, 1, &fetch.base);
    assert_int_equal(client_wait_error(client, XB_FETCH, 1), EINVAL);
}

/* If there is too much output, its end is kept, because programs print their figures there. */
static void test_kept_is_trimmed(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "yes | head -c 3000000; echo the end");
    command.arm.keep_bytes = 10000;
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->stdout_bytes, 3000008);
    assert_int_equal(result->stdout_kept_bytes, 10000);
    free_result(result);
    const char *text = client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 0);
    assert_int_equal(client->streams[0].bytes, 10000);
    assert_string_equal(text + 10000 - 10, "y\nthe end\n");
}

/* A job that writes `text` and leaves a process that, once leftover_acts is called, does `act`. */
static void leave_behind(struct command *command, const struct client *client, const char *text,
                         const char *act)
{
    static char script[1024];
    snprintf(script, sizeof(script),
             "cd %s; echo %s; setsid sh -c 'touch up; until [ -e go ]; do sleep 0.02; done; %s; "
             "touch done; exec sleep 30' & until [ -e up ]; do sleep 0.02; done",
             client->folder, text, act);
    command_shell(command, script);
}

static void leftover_acts(const struct client *client)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/go", client->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/done", client->folder);
    wait_for_file(path);
}

/* What a process that the job left does to the output is no fault of the connection. */
static void test_kept_emptied_later(void **state)
{
    struct client *client = *state;
    struct command command;
    leave_behind(&command, client, "kept", ": >/proc/self/fd/1");
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->stdout_bytes, 5);
    free_result(result);
    leftover_acts(client);
    client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 0);
    assert_true(client->streams[0].eof);
    xb__pong__free_unpacked(client_ping(client), NULL);
}

/* A job that reopens its output has its own offset there, but must still append. */
static void test_kept_appends(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(
        &command,
        "echo one; echo two >>/dev/stdout; echo three; echo four >>/proc/self/fd/1; echo five");
    free_result(client_run(client, 1, &command));
    const char *text = client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 0);
    assert_string_equal(text, "one\ntwo\nthree\nfour\nfive\n");
}

/*
 * A job that writes endlessly cannot fill the guest's memory: its writes fail as if the disk were
 * full, and the result says so.
 */
static void test_kept_flood_is_bounded(void **state)
{
    struct client *client = *state;
    struct command command;
    if (geteuid() != 0) {
        print_message("# not run: only root can bound the memory of output\n");
        return;
    }
    command_shell(&command, "exec cat /dev/zero");
    command.arm.keep_bytes = 1000;
    command.arm.timeout_ns = 60 * XB_NS_PER_S;
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    assert_int_equal(result->status, 1);
    assert_non_null(strstr(result->detail, "ENOSPC"));
    assert_int_equal(result->stdout_kept_bytes, 1000);
    free_result(result);
    const char *said = client_fetch(client, 1, XB__STREAM__STREAM_STDERR, 0);
    assert_string_equal(said, ""); /* there was no room for the message either */
}

/* A job that ignores write errors ends normally, with part of its output lost. */
static void test_kept_loss_is_told(void **state)
{
    struct client *client = *state;
    struct command command;
    if (geteuid() != 0) {
        print_message("# not run: only root can bound the memory of output\n");
        return;
    }
    command_shell(&command, "echo 1 ops/s; head -c 100M /dev/zero; echo 2 ops/s; exit 0");
    command.arm.keep_bytes = 1000;
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    assert_int_equal(result->status, 0);
    assert_true(result->output_lost);
    free_result(result);
    client_forget(client, 1);
    command_shell(&command, "echo 1 ops/s");
    result = client_run(client, 2, &command);
    assert_false(result->output_lost);
    free_result(result);
}

static void test_streamed(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(
        &command,
        "echo early; i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo no >&2");
    stream(&command, TEST_CREDIT);
    Xb__Result *result = client_run(client, 1, &command);
    client_wait_output(client);
    assert_int_equal(result->stdout_bytes, client->streams[0].bytes);
    assert_non_null(strstr((char *)client->streams[0].data, "early\nline 0\n"));
    assert_non_null(strstr((char *)client->streams[0].data, "\nline 1999\n"));
    assert_string_equal((const char *)client->streams[1].data, "no\n");
    free_result(result);
}

/* Output arrives while the job runs. */
static void test_streamed_at_once(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "echo now; sleep 1000");
    stream(&command, TEST_CREDIT);
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    Xb__Output *output = (Xb__Output *)client_wait(client, XB_OUTPUT, 1);
    assert_int_equal(output->data.len, 4);
    assert_false(output->eof);
    xb__output__free_unpacked(output, NULL);
    client_kill(client, 1, SIGKILL);
    free_result(client_result(client, 1));
}

/* Without credit the agent sends nothing: the job waits and the agent sleeps. */
static void test_flood_is_held_back(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "exec yes");
    stream(&command, 5000);
    client->grant = false;
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    while (client->streams[0].bytes < 5000)
        assert_true(client_is_quiet(client, 10 * XB_NS_PER_MS));
    Xb__Status *before = client_status(client);
    assert_true(client_is_quiet(client, 300 * XB_NS_PER_MS));
    Xb__Status *after = client_status(client);
    assert_int_equal(client->streams[0].bytes, 5000);
    assert_in_range(after->agent_wakeups - before->agent_wakeups, 1, 2); /* only our request */
    xb__status__free_unpacked(before, NULL);
    xb__status__free_unpacked(after, NULL);

    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = 1000000;
    client_send(client, XB_CREDIT, 1, &credit.base);
    while (client->streams[0].bytes < 1005000)
        assert_true(client_is_quiet(client, 10 * XB_NS_PER_MS));
    client_kill(client, 1, SIGKILL);
    free_result(client_result(client, 1));
    for (size_t i = 0; i < client->streams[0].bytes; i++)
        assert_int_equal(client->streams[0].data[i], i % 2 ? '\n' : 'y');
}

static void test_fetch_while_it_runs(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "sleep 1000");
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = XB__STREAM__STREAM_STDOUT;
    client_send(client, XB_FETCH, 1, &fetch.base);
    assert_int_equal(client_wait_error(client, XB_FETCH, 1), EBUSY);
}

/* After a reconnect the controller fetches from the end of its copy on and misses nothing. */
static void test_stream_goes_on_after_reconnect(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[256], path[96];
    snprintf(path, sizeof(path), "%s/go", client->folder);
    snprintf(script, sizeof(script),
             "echo 0123456789; while ! [ -e %s ]; do sleep 0.01; done; echo end", path);
    command_shell(&command, script);
    stream(&command, TEST_CREDIT);
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    while (client->streams[0].bytes < 11)
        assert_true(client_is_quiet(client, 10 * XB_NS_PER_MS));
    client_disconnect(client);
    assert_int_equal(mkdir(path, 0700), 0);
    client_connect(client);
    client_greet(client);
    assert_string_equal(client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 5), "56789\nend\n");
    assert_string_equal(client_fetch(client, 1, XB__STREAM__STREAM_STDERR, 0), "");
}

/* A surviving process that holds the pipe does not delay the end of the stream. */
static void test_stream_ends_with_its_job(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "setsid sleep 1000 & echo done");
    stream(&command, TEST_CREDIT);
    free_result(client_run(client, 1, &command));
    client_wait_output(client);
    assert_string_equal((const char *)client->streams[0].data, "done\n");
    client_kill(client, 1, SIGKILL);
}

/* Nor does one that reads from the pipe: what it took does not come, but the stream ends. */
static void test_stream_ends_although_its_rest_was_taken(void **state)
{
    struct client *client = *state;
    struct command command;
    leave_behind(&command, client, "0123456789", "head -c 5 </proc/self/fd/1 >/dev/null");
    stream(&command, 0);
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->stdout_bytes, 11);
    free_result(result);
    leftover_acts(client);
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = TEST_CREDIT;
    client_send(client, XB_CREDIT, 1, &credit.base);
    client_wait_output(client);
    assert_string_equal((const char *)client->streams[0].data, "56789\n");
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_kept),
        AGENT_TEST(test_kept_is_trimmed),
        AGENT_TEST(test_kept_appends),
        AGENT_TEST(test_kept_emptied_later),
        cmocka_unit_test_setup_teardown(test_kept_loss_is_told, client_setup_little_memory,
                                        client_teardown),
        cmocka_unit_test_setup_teardown(test_kept_flood_is_bounded, client_setup_little_memory,
                                        client_teardown),
        AGENT_TEST(test_streamed),
        AGENT_TEST(test_streamed_at_once),
        AGENT_TEST(test_flood_is_held_back),
        AGENT_TEST(test_fetch_while_it_runs),
        AGENT_TEST(test_stream_goes_on_after_reconnect),
        AGENT_TEST(test_stream_ends_with_its_job),
        AGENT_TEST(test_stream_ends_although_its_rest_was_taken),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: output", tests, NULL, NULL);
}
