/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job's input from its controller, by pipe or terminal; and commands longer than a frame. */
#include "agent_client.h"

#include <errno.h>
#include <signal.h>

#define ID 7

static void command_reading(struct command *command, const char *script)
{
    command_shell(command, script);
    command->arm.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    command->arm.credit_bytes = TEST_CREDIT;
    command->arm.stdin_stream = true;
}

static void start_job(struct client *client, const char *script, Xb__Terminal *terminal)
{
    struct command command;
    command_reading(&command, script);
    command.arm.terminal = terminal;
    client_arm(client, ID, &command);
    client_release(client, ID, 0);
}

static void send_input(struct client *client, uint64_t offset, const void *data, size_t bytes,
                       bool eof)
{
    Xb__Input msg = XB__INPUT__INIT;
    msg.offset = offset;
    msg.data = (ProtobufCBinaryData){.len = bytes, .data = (uint8_t *)data};
    msg.eof = eof;
    client_send(client, XB_INPUT, ID, &msg.base);
}

static void send_text(struct client *client, const char *text, bool eof)
{
    send_input(client, 0, text, strlen(text), eof);
}

static Xb__Accept accepted(struct client *client)
{
    Xb__Accept *msg = (Xb__Accept *)client_wait(client, XB_ACCEPT, ID);
    Xb__Accept copy = *msg;
    xb__accept__free_unpacked(msg, NULL);
    return copy;
}

static void assert_output(struct client *client, const char *text)
{
    client_wait_output(client);
    assert_int_equal(client->streams[0].bytes, strlen(text));
    assert_memory_equal(client->streams[0].data, text, strlen(text));
}

static void ask(struct client *client)
{
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = XB__STREAM__STREAM_STDIN;
    client_send(client, XB_FETCH, ID, &fetch.base);
}

static void test_input_and_its_end(void **state)
{
    struct client *client = *state;
    start_job(client, "cat; echo end", NULL);
    Xb__Accept first = accepted(client);
    assert_int_equal(first.offset, 0);
    assert_int_equal(first.until, XB_INPUT_WINDOW_BYTES);
    send_text(client, "some words\n", false);
    send_input(client, 11, NULL, 0, true);
    free_result(client_result(client, ID));
    assert_output(client, "some words\nend\n");
    send_input(client, 11, "x", 1, false); /* comes after the job's end and is ignored */
    ask(client);
    assert_true(accepted(client).closed);
}

static void test_window_is_kept_to(void **state)
{
    struct client *client = *state;
    static const uint8_t zeros[XB_DATA_MAX];
    uint64_t sent = 0;
    start_job(client, "read -r go </dev/stderr; exec sleep 60", NULL);
    Xb__Accept at = accepted(client);
    /*
     * The agent accepts as much as the pipe takes; then nothing moves, and further input is
     * refused.
     */
    for (int i = 0; i < 8 && sent + XB_DATA_MAX <= at.until; i++) {
        send_input(client, sent, zeros, XB_DATA_MAX, false);
        sent += XB_DATA_MAX;
        ask(client);
        at = accepted(client);
        while (at.offset < sent)
            at = accepted(client);
    }
    assert_in_range(at.until - sent, 0, XB_DATA_MAX - 1);
    send_input(client, sent, zeros, XB_DATA_MAX, false);
    assert_int_equal(client_wait_error(client, XB_INPUT, ID), ENOBUFS);
    send_input(client, sent + 1, zeros, 1, false);
    assert_int_equal(client_wait_error(client, XB_INPUT, ID), EPROTO);
    client_kill(client, ID, SIGKILL);
}

static void test_new_connection_goes_on(void **state)
{
    struct client *client = *state;
    start_job(client, "cat", NULL);
    accepted(client);
    send_text(client, "before ", false);
    ask(client);
    assert_int_equal(accepted(client).offset, 7);
    client_disconnect(client);
    client_connect(client);
    client_greet(client);
    ask(client);
    assert_int_equal(accepted(client).offset, 7);
    send_input(client, 7, "after", 5, true);
    send_input(client, 12, NULL, 0, true); /* a repeated end is allowed */
    free_result(client_result(client, ID));
}

static void test_new_connection_hears_nothing_unasked(void **state)
{
    struct client *client = *state;
    static const uint8_t zeros[XB_DATA_MAX];
    start_job(client, "while ! test -e go; do sleep 0.01; done; cat >/dev/null", NULL);
    accepted(client);
    send_input(client, 0, zeros, sizeof(zeros), false);
    send_input(client, sizeof(zeros), zeros, sizeof(zeros), false);
    client_disconnect(client);
    client_connect(client);
    client_greet(client);
    assert_true(client_is_quiet(client, 100 * XB_NS_PER_MS));
    client_kill(client, ID, SIGKILL);
}

static void test_reader_that_leaves_is_told(void **state)
{
    struct client *client = *state;
    start_job(client, "exec <&-; sleep 60", NULL);
    assert_false(accepted(client).closed);
    assert_true(accepted(client).closed);
    client_kill(client, ID, SIGKILL);
}

static void test_input_where_none_was_wanted(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "sleep 60");
    client_arm(client, ID, &command);
    send_text(client, "x", false);
    assert_int_equal(client_wait_error(client, XB_INPUT, ID), EINVAL);
    ask(client);
    assert_int_equal(client_wait_error(client, XB_FETCH, ID), EINVAL);
    command.arm.stdin_stream = true;
    client_send(client, XB_ARM, ID + 1, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, ID + 1), EINVAL);
    command_reading(&command, "true");
    command.arm.stdin_stream = false;
    Xb__Terminal terminal = XB__TERMINAL__INIT;
    command.arm.terminal = &terminal;
    client_send(client, XB_ARM, ID + 1, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, ID + 1), EINVAL);
}

static void test_terminal(void **state)
{
    struct client *client = *state;
    Xb__Terminal terminal = XB__TERMINAL__INIT;
    terminal.rows = 30;
    terminal.columns = 90;
    terminal.type = bytes_of("vt52");
    start_job(client,
              "stty -echo; stty size; echo $TERM; read -r word; echo \"got $word\"; stty size",
              &terminal);
    accepted(client);
    Xb__Resize resize = XB__RESIZE__INIT;
    resize.rows = 31;
    resize.columns = 91;
    while (client->streams[0].bytes < strlen("30 90\r\nvt52\r\n")) {
        ask(client);
        accepted(client);
    }
    client_send(client, XB_RESIZE, ID, &resize.base);
    send_text(client, "one\n", true);
    free_result(client_result(client, ID));
    assert_output(client, "30 90\r\nvt52\r\ngot one\r\n31 91\r\n");
}

static void test_terminal_brings_signals_and_loses_nothing(void **state)
{
    struct client *client = *state;
    Xb__Terminal terminal = XB__TERMINAL__INIT;
    start_job(client,
              "stty -echo; trap 'seq 9999; exit 4' INT; echo ready; while :; do sleep 0.05; done",
              &terminal);
    accepted(client);
    while (client->streams[0].bytes < strlen("ready\r\n")) {
        ask(client);
        accepted(client);
    }
    send_text(client, "\3", false);
    Xb__Result *result = client_result(client, ID);
    assert_int_equal(result->status, 4);
    free_result(result);
    client_wait_output(client);
    assert_memory_equal(client->streams[0].data + client->streams[0].bytes - 6, "9999\r\n", 6);
}

static void test_no_terminal_to_resize(void **state)
{
    struct client *client = *state;
    Xb__Resize resize = XB__RESIZE__INIT;
    start_job(client, "sleep 60", NULL);
    accepted(client);
    client_send(client, XB_RESIZE, ID, &resize.base);
    assert_int_equal(client_wait_error(client, XB_RESIZE, ID), ENOTTY);
    client_kill(client, ID, SIGKILL);
}

static void send_part(struct client *client, uint32_t job_id, const uint8_t *data, size_t bytes)
{
    Xb__Part part = XB__PART__INIT;
    part.data = (ProtobufCBinaryData){.len = bytes, .data = (uint8_t *)data};
    client_send(client, XB_PART, job_id, &part.base);
}

static void send_in_parts(struct client *client, const ProtobufCMessage *msg)
{
    static uint8_t packed[512 * 1024];
    size_t bytes = protobuf_c_message_get_packed_size(msg), done = 0;
    assert_true(bytes <= sizeof(packed));
    protobuf_c_message_pack(msg, packed);
    for (; bytes - done > XB_DATA_MAX; done += XB_DATA_MAX)
        send_part(client, ID, packed + done, XB_DATA_MAX);
    assert_int_equal(
        xb_link_send_packed(client->link, XB_ARM, ID, packed + done, bytes - done, NULL), 0);
}

static void test_long_command(void **state)
{
    struct client *client = *state;
    static char word[120 * 1024 + 1];
    memset(word, 'x', sizeof(word) - 1);
    struct command command;
    command_shell(&command, "test ${#0} = 122880 && test ${#1} = 122880");
    ProtobufCBinaryData argv[] = {command.argv[0], command.argv[1], command.argv[2], bytes_of(word),
                                  bytes_of(word)};
    command.arm.argv = argv;
    command.arm.n_argv = 5;
    send_in_parts(client, &command.arm.base);
    xb__armed__free_unpacked((Xb__Armed *)client_wait(client, XB_ARMED, ID), NULL);
    client_release(client, ID, 0);
    Xb__Result *result = client_result(client, ID);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    assert_int_equal(result->status, 0);
    free_result(result);
}

static void test_parts_out_of_order(void **state)
{
    struct client *client = *state;
    const uint8_t byte = 1;
    send_part(client, ID, &byte, 1);
    client_send(client, XB_PING, 0, NULL);
    assert_true(client_wait_closed(client));
    client_disconnect(client);
    client_connect(client);
    client_greet(client);
    send_part(client, ID, &byte, 1);
    send_part(client, ID + 1, &byte, 1);
    assert_true(client_wait_closed(client));
    client_disconnect(client);
    client_connect(client);
    client_greet(client);
    send_part(client, ID, NULL, 0);
    assert_true(client_wait_closed(client));
}

static void test_parts_without_end(void **state)
{
    struct client *client = *state;
    static const uint8_t zeros[XB_DATA_MAX];
    for (size_t bytes = 0; bytes <= XB_MESSAGE_MAX; bytes += sizeof(zeros)) {
        send_part(client, ID, zeros, sizeof(zeros));
        while (!xb_link_flushed(client->link) && xb_link_pump(client->link, 0, NULL) == 0)
            usleep(1000);
    }
    assert_true(client_wait_closed(client));
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_input_and_its_end),
        AGENT_TEST(test_window_is_kept_to),
        AGENT_TEST(test_new_connection_goes_on),
        AGENT_TEST(test_new_connection_hears_nothing_unasked),
        AGENT_TEST(test_reader_that_leaves_is_told),
        AGENT_TEST(test_input_where_none_was_wanted),
        AGENT_TEST(test_terminal),
        AGENT_TEST(test_terminal_brings_signals_and_loses_nothing),
        AGENT_TEST(test_no_terminal_to_resize),
        AGENT_TEST(test_long_command),
        AGENT_TEST(test_parts_out_of_order),
        AGENT_TEST(test_parts_without_end),
    };
    return cmocka_run_group_tests_name("agent: input", tests, NULL, NULL);
}
