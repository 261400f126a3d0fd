/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job's environment, directory, user, limits and standard input at its start. */
#include "agent_client.h"

#include <errno.h>
#include <sys/stat.h>

/* Run a script, which must succeed, with the settings of command; returns its stdout. */
static const char *output_of(struct client *client, struct command *command)
{
    Xb__Result *result = client_run(client, 1, command);
    if (result->outcome != XB__OUTCOME__OUTCOME_EXITED || result->status != 0)
        fail_msg("outcome %d status %d: %s %s", (int)result->outcome, result->status,
                 result->detail, client_fetch(client, 1, XB__STREAM__STREAM_STDERR, 0));
    free_result(result);
    const char *text = client_fetch(client, 1, XB__STREAM__STREAM_STDOUT, 0);
    client_forget(client, 1);
    return text;
}

static int refusal_of(struct client *client, const struct command *command)
{
    client_send(client, XB_ARM, 1, &command->arm.base);
    return client_wait_error(client, XB_ARM, 1);
}

static void test_environment(void **state)
{
    struct command command;
    ProtobufCBinaryData env[] = {bytes_of("COLOUR=blue and green"), bytes_of("LANG=xx"),
                                 bytes_of("EMPTY=")};
    command_shell(&command,
                  "echo \"$COLOUR|$LANG|${EMPTY-unset}|$PATH|$XENBENCH_JOB|${OLDPWD-none}\"");
    command.arm.env = env;
    command.arm.n_env = 3;
    assert_string_equal(
        output_of(*state, &command),
        "blue and "
        "green|xx||/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|1.1|none\n");
    env[0] = bytes_of("=x");
    assert_int_equal(refusal_of(*state, &command), EINVAL);
    env[0] = bytes_of("NOVALUE");
    assert_int_equal(refusal_of(*state, &command), EINVAL);
}

static void test_directory(void **state)
{
    struct command command;
    command_shell(&command, "pwd");
    command.arm.cwd = bytes_of("/usr/lib");
    assert_string_equal(output_of(*state, &command), "/usr/lib\n");
    command.arm.cwd = (ProtobufCBinaryData){4, (uint8_t *)"/\0us"};
    assert_int_equal(refusal_of(*state, &command), EINVAL);
}

static void test_user(void **state)
{
    struct command command;
    if (geteuid() != 0) {
        print_message("# not run: only root can become another user\n");
        return;
    }
    command_shell(
        &command,
        "id -un; id -gn; echo $HOME $USER; id -G | wc -w; cat /etc/shadow 2>&1 | tail -1");
    command.arm.user = bytes_of("nobody");
    command.arm.cwd = bytes_of("/");
    const char *text = output_of(*state, &command);
    assert_non_null(strstr(text, "nobody\nnogroup\n/nonexistent nobody\n1\n"));
    assert_non_null(strstr(text, "Permission denied"));
    command.arm.cwd = bytes_of("/root");
    assert_int_equal(refusal_of(*state, &command), EACCES);
}

/* A missing home directory matters only to a job that asks for it. */
static void test_no_home(void **state)
{
    struct command command;
    if (geteuid() != 0) {
        print_message("# not run: only root can become another user\n");
        return;
    }
    command_shell(&command, "pwd");
    command.arm.user = bytes_of("nobody");
    assert_string_equal(output_of(*state, &command), "/\n");
}

static void test_unknown_user(void **state)
{
    struct command command;
    command_shell(&command, "true");
    command.arm.user = bytes_of("no-such-user");
    assert_int_equal(refusal_of(*state, &command), ENOENT);
}

static void test_limits(void **state)
{
    struct command command;
    Xb__Rlimit nofile = XB__RLIMIT__INIT, core = XB__RLIMIT__INIT;
    Xb__Rlimit *limits[] = {&nofile, &core};
    nofile.name = (char *)"nofile";
    nofile.soft = 20;
    nofile.hard = 30;
    core.name = (char *)"core";
    command_shell(&command, "ulimit -Sn; ulimit -Hn; ulimit -c");
    command.arm.rlimits = limits;
    command.arm.n_rlimits = 2;
    assert_string_equal(output_of(*state, &command), "20\n30\n0\n");
    nofile.soft = 40;
    assert_int_equal(refusal_of(*state, &command), EINVAL);
    nofile.name = (char *)"no-such-limit";
    assert_int_equal(refusal_of(*state, &command), EINVAL);
}

/* The agent's own descriptors do not count, nor does the job's preparation need many. */
static void test_few_descriptors(void **state)
{
    struct command command;
    Xb__Rlimit nofile = XB__RLIMIT__INIT, *limits[] = {&nofile};
    nofile.name = (char *)"nofile";
    nofile.soft = nofile.hard = 5;
    command_shell(&command, "echo started");
    command.arm.rlimits = limits;
    command.arm.n_rlimits = 1;
    assert_string_equal(output_of(*state, &command), "started\n");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void test_standard_input(void **state)
{
    struct client *client = *state;
    struct command command;
    char path[96];
    snprintf(path, sizeof(path), "%s/input", client->folder);
    write_file(path, "first line\nsecond line\n");
    command_shell(&command, "tail -1");
    command.arm.stdin_path = bytes_of(path);
    assert_string_equal(output_of(client, &command), "second line\n");
    assert_int_equal(access(path, F_OK), 0);

    command.arm.stdin_remove = true;
    assert_string_equal(output_of(client, &command), "second line\n");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(refusal_of(client, &command), ENOENT);

    /* A file pushed for a refused job is removed. */
    write_file(path, "never read\n");
    command.arm.keep_bytes = UINT64_MAX;
    assert_int_equal(refusal_of(client, &command), EINVAL);
    assert_int_equal(access(path, F_OK), -1);
    command.arm.keep_bytes = 0;
    const ProtobufCBinaryData pushed = command.arm.stdin_path;
    command.arm.stdin_path = (ProtobufCBinaryData){0};
    command.arm.stdin_remove = false;
    client_arm(client, 7, &command);
    write_file(path, "never read\n");
    command.arm.stdin_path = pushed;
    command.arm.stdin_remove = true;
    client_send(client, XB_ARM, 7, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, 7), EEXIST);
    assert_int_equal(access(path, F_OK), -1);

    command.arm.stdin_path = (ProtobufCBinaryData){0};
    assert_int_equal(refusal_of(client, &command), EINVAL);
    assert_int_equal(access("/dev/null", F_OK), 0);
    command.arm.stdin_remove = false;
    command_shell(&command, "cat"); /* /dev/null */
    assert_string_equal(output_of(client, &command), "");
}

/* Opening a FIFO without a writer blocks the gate, not the agent. */
static void test_input_that_never_opens(void **state)
{
    struct client *client = *state;
    struct command command;
    char path[96];
    snprintf(path, sizeof(path), "%s/fifo", client->folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    command_shell(&command, "true");
    command.arm.stdin_path = bytes_of(path);
    client_send(client, XB_ARM, 1, &command.arm.base);
    xb__pong__free_unpacked(client_ping(client), NULL);
    Xb__Release release = XB__RELEASE__INIT;
    client_send(client, XB_RELEASE, 1, &release.base);
    assert_int_equal(client_wait_error(client, XB_RELEASE, 1), EAGAIN);
    client_send(client, XB_CANCEL, 1, NULL);
    client_wait(client, XB_DONE, 1);
    client_wait_error(client, XB_ARM, 1);
}

/* A job inherits none of the agent's descriptors, and its signals are as after a login. */
static void test_nothing_is_inherited(void **state)
{
    struct command command;
    command_shell(
        &command,
        "ls /proc/$$/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; cat /proc/self/oom_score_adj");
    command.argv[0] = bytes_of("bash");
    assert_string_equal(output_of(*state, &command),
                        "0\n1\n2\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n");
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_environment),
        AGENT_TEST(test_directory),
        AGENT_TEST(test_user),
        AGENT_TEST(test_no_home),
        AGENT_TEST(test_unknown_user),
        AGENT_TEST(test_limits),
        AGENT_TEST(test_few_descriptors),
        AGENT_TEST(test_standard_input),
        AGENT_TEST(test_input_that_never_opens),
        AGENT_TEST(test_nothing_is_inherited),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: a job's surroundings", tests, NULL, NULL);
}
