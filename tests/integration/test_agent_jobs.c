/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs as a controller sees them: start, end, and report. */
#include "agent_client.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

static void test_exit_status(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "exit 7");
    command.arm.token = (char *)"cell-1/guest-a";
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    assert_int_equal(result->status, 7);
    assert_string_equal(result->token, "cell-1/guest-a");
    assert_true(result->opened_ns >= result->release_ns);
    assert_true(result->ended_ns > result->opened_ns);
    assert_true(result->max_rss_bytes > 0);
    assert_true(result->agent_wakeups >= 1);
    assert_true(strlen(result->clocksource) > 0);
    free_result(result);
    client_forget(client, 1);
}

static void test_signal(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "kill -SEGV $$");
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_SIGNALED);
    assert_int_equal(result->status, SIGSEGV);
    free_result(result);
}

static const struct {
    const char *folder, *limit;
} memory_groups[] = {
    {"/sys/fs/cgroup", "memory.max"},                   /* version 2 */
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, /* version 1 */
};

/* Make a cgroup whose memory can be limited. False if this machine does not allow it. */
static bool make_memory_group(char *group, size_t bytes, const char **limit)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(memory_groups); i++) {
        char path[160];
        snprintf(group, bytes, "%s/xb-test-%d", memory_groups[i].folder, (int)getpid());
        snprintf(path, sizeof(path), "%s/%s", group, memory_groups[i].limit);
        *limit = memory_groups[i].limit;
        if (mkdir(group, 0755) == 0 && access(path, W_OK) == 0)
            return true;
        rmdir(group);
    }
    return false;
}

/* A cgroup limits only the job's memory; the kernel counts its OOM kill like one of the guest. */
static void test_out_of_memory(void **state)
{
    struct command command;
    const char *limit;
    char group[96], script[512];
    if (!make_memory_group(group, sizeof(group), &limit)) {
        print_message("# not run: no memory cgroup can be made here\n");
        return;
    }
    snprintf(
        script, sizeof(script),
        "cd %s && echo 16M >%s && { echo 0 >memory.swap.max || echo 0 >memory.swappiness; } 2>/dev/null; "
        "echo $$ >cgroup.procs && exec tail -c 200000000 /dev/zero",
        group, limit);
    command_shell(&command, script);
    Xb__Result *result = client_run(*state, 1, &command);
    rmdir(group);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_OOM);
    assert_int_equal(result->status, SIGKILL);
    free_result(result);
}

static void test_exec_failure(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "");
    command.argv[0] = bytes_of("/no/such/program");
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXEC_FAILED);
    assert_int_equal(result->status, ENOENT);
    assert_non_null(strstr(result->detail, "execute /no/such/program"));
    free_result(result);
}

static void test_preparation_failure(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    command.arm.cwd = bytes_of("/no/such/folder");
    client_send(client, XB_ARM, 1, &command.arm.base);
    Xb__Error *error = (Xb__Error *)client_wait(client, XB_ERROR, 1);
    assert_int_equal(error->request, XB_ARM);
    assert_int_equal(error->errnum, ENOENT);
    assert_non_null(strstr(error->message, "change to directory /no/such/folder"));
    xb__error__free_unpacked(error, NULL);
    /* The id is free again. */
    command.arm.cwd = bytes_of("/");
    free_result(client_run(client, 1, &command));
}

static void test_timeout_takes_descendants(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "setsid sleep 1000 & sleep 1000");
    command.arm.timeout_ns = 200 * XB_NS_PER_MS;
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_TIMEOUT);
    assert_true(result->ended_ns - result->release_ns >= 200 * XB_NS_PER_MS);
    assert_true(result->ended_ns - result->release_ns < 5 * XB_NS_PER_S);
    free_result(result);
}

static void test_release_in_the_future(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    client_arm(client, 1, &command);
    uint64_t at_ns = xb_now_ns() + 2 * XB_NS_PER_S;
    client_release(client, 1, at_ns);
    Xb__Result *result = client_result(client, 1);
    assert_int_equal(result->release_ns, at_ns);
    assert_true(result->opened_ns >= at_ns);
    assert_true(result->opened_ns < at_ns + 5 * XB_NS_PER_S);
    assert_true(result->agent_wakeups <= 2); /* only the job's end wakes the agent */
    assert_int_equal(result->late_ns, 0);
    free_result(result);
}

static void test_release_that_comes_late(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    client_arm(client, 1, &command);
    uint64_t at_ns = xb_now_ns() - 300 * XB_NS_PER_MS;
    client_release(client, 1, at_ns);
    Xb__Result *result = client_result(client, 1);
    assert_int_equal(result->release_ns, at_ns);
    assert_true(result->late_ns >= 300 * XB_NS_PER_MS);
    assert_true(result->late_ns <= result->opened_ns - at_ns);
    free_result(result);
    /* A job released at once is never late. */
    client_arm(client, 2, &command);
    client_release(client, 2, 0);
    result = client_result(client, 2);
    assert_int_equal(result->late_ns, 0);
    free_result(result);
}

static void test_cancel(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[256];
    snprintf(script, sizeof(script), "touch %s/ran", client->folder);
    command_shell(&command, script);
    client_arm(client, 1, &command);
    client_arm(client, 2, &command);
    client_release(client, 2, xb_now_ns() + 3600 * XB_NS_PER_S);
    for (uint32_t id = 1; id <= 2; id++) {
        client_send(client, XB_CANCEL, id, NULL);
        client_wait(client, XB_DONE, id);
        Xb__Result *result = client_result(client, id);
        assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_CANCELLED);
        assert_int_equal(result->opened_ns, 0);
        free_result(result);
    }
    snprintf(script, sizeof(script), "%s/ran", client->folder);
    assert_int_equal(access(script, F_OK), -1);
    client_send(client, XB_CANCEL, 1, NULL);
    assert_int_equal(client_wait_error(client, XB_CANCEL, 1), ESRCH);
}

static void test_cancel_of_a_running_job_is_refused(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[256], path[96];
    snprintf(path, sizeof(path), "%s/runs", client->folder);
    snprintf(script, sizeof(script), "touch %s; sleep 1000", path);
    command_shell(&command, script);
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    wait_for_file(path);
    client_send(client, XB_CANCEL, 1, NULL);
    assert_int_equal(client_wait_error(client, XB_CANCEL, 1), EBUSY);
    client_kill(client, 1, SIGTERM);
    Xb__Result *result = client_result(client, 1);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_KILLED);
    assert_int_equal(result->status, SIGTERM);
    free_result(result);
}

static pid_t read_pid(const char *path)
{
    int pid = 0;
    while (pid == 0) {
        wait_for_file(path);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        if (fscanf(file, "%d", &pid) != 1)
            pid = 0;
        fclose(file);
    }
    return pid;
}

static void assert_dies(pid_t pid)
{
    uint64_t deadline_ns = xb_now_ns() + TEST_TIMEOUT_NS;
    while (kill(pid, 0) == 0) {
        if (xb_now_ns() > deadline_ns)
            fail_msg("process %d is still there", (int)pid);
        usleep(2000);
    }
}

/* One descendant has left the group; another is also an orphan with a new environment. */
static void test_kill_takes_descendants(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[512], path[2][96];
    snprintf(path[0], sizeof(path[0]), "%s/left", client->folder);
    snprintf(path[1], sizeof(path[1]), "%s/orphan", client->folder);
    snprintf(script, sizeof(script),
             "setsid sh -c 'echo $$ >%s; exec sleep 1000' &"
             " (setsid sh -c 'echo $$ >%s; sleep 1000; true' & ) ; sleep 1000",
             path[0], path[1]);
    command_shell(&command, script);
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    pid_t left = read_pid(path[0]), orphan = read_pid(path[1]);
    client_kill(client, 1, SIGKILL);
    Xb__Result *result = client_result(client, 1);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_KILLED);
    assert_int_equal(result->status, SIGKILL);
    free_result(result);
    assert_dies(left);
    assert_dies(orphan);
}

/*
 * A write to a controller that has left fails. What it had sent before is done all the same: here
 * the answer to the first signal fails, and the second comes after it.
 */
static void test_kill_before_leaving(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[256], path[96];
    snprintf(path, sizeof(path), "%s/pid", client->folder);
    snprintf(script, sizeof(script), "trap '' INT; echo $$ >%s; while :; do sleep 0.05; done",
             path);
    command_shell(&command, script);
    client_arm(client, 1, &command);
    client_release(client, 1, 0);
    pid_t pid = read_pid(path);
    kill(client->agent_pid, SIGSTOP);
    Xb__Kill msg = XB__KILL__INIT;
    msg.signal = SIGINT;
    client_send(client, XB_KILL, 1, &msg.base);
    client_send(client, XB_PING, 0, NULL);
    msg.signal = SIGKILL;
    client_send(client, XB_KILL, 1, &msg.base);
    client_disconnect(client);
    kill(client->agent_pid, SIGCONT);
    assert_dies(pid);
    client_connect(client);
    client_greet(client);
}

/* A daemon in its own session survives the job's end; processes left in the job's group do not. */
static void test_end_takes_the_group_only(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[512], path[2][96];
    snprintf(path[0], sizeof(path[0]), "%s/group", client->folder);
    snprintf(path[1], sizeof(path[1]), "%s/daemon", client->folder);
    snprintf(script, sizeof(script),
             "sh -c 'echo $$ >%s; exec sleep 1000' & setsid sh -c 'echo $$ >%s; exec sleep 1000' &"
             " while ! [ -s %s -a -s %s ]; do sleep 0.01; done",
             path[0], path[1], path[0], path[1]);
    command_shell(&command, script);
    Xb__Result *result = client_run(client, 1, &command);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    free_result(result);
    assert_dies(read_pid(path[0]));
    pid_t daemon = read_pid(path[1]);
    assert_int_equal(kill(daemon, 0), 0);
    client_kill(client, 1, SIGKILL); /* a process that an ended job left can still be killed */
    assert_dies(daemon);
}

static void test_job_limit(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    command.arm.keep_bytes = 4096;
    assert_int_equal(client->hello->max_jobs, XB_JOBS_MAX);
    for (uint32_t id = 1; id <= XB_JOBS_MAX; id++)
        client_arm(client, id, &command);
    client_send(client, XB_ARM, XB_JOBS_MAX + 1, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, XB_JOBS_MAX + 1), ENOSPC);
    client_release(client, 5, 0);
    free_result(client_result(client, 5));
    client_forget(client, 5);
    client_arm(client, XB_JOBS_MAX + 1, &command);
}

static void test_memory_limit(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    command.arm.keep_bytes = XB_KEEP_BYTES_MAX + 1;
    client_send(client, XB_ARM, 1, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, 1), EINVAL);
}

static void test_states_are_checked(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    Xb__Release release = XB__RELEASE__INIT;
    client_send(client, XB_RELEASE, 1, &release.base);
    assert_int_equal(client_wait_error(client, XB_RELEASE, 1), ENOENT);
    client_arm(client, 1, &command);
    client_send(client, XB_ARM, 1, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, 1), EEXIST);
    client_send(client, XB_FORGET, 1, NULL);
    assert_int_equal(client_wait_error(client, XB_FORGET, 1), EBUSY);
    Xb__Fetch fetch = XB__FETCH__INIT;
    client_send(client, XB_FETCH, 1, &fetch.base);
    assert_int_equal(client_wait_error(client, XB_FETCH, 1), EBUSY);
    Xb__Kill kill_msg = XB__KILL__INIT;
    kill_msg.signal = SIGTERM;
    client_send(client, XB_KILL, 1, &kill_msg.base);
    assert_int_equal(client_wait_error(client, XB_KILL, 1), EINVAL);
    client_release(client, 1, 0);
    free_result(client_result(client, 1));
    client_send(client, XB_RELEASE, 1, &release.base);
    assert_int_equal(client_wait_error(client, XB_RELEASE, 1), EALREADY);
    client_send(client, XB_ARM, 0, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, 0), EINVAL);
}

static void test_jobs_outlive_a_disconnect(void **state)
{
    struct client *client = *state;
    struct command command;
    char script[256], path[96];
    snprintf(path, sizeof(path), "%s/go", client->folder);
    snprintf(script, sizeof(script), "echo kept; while ! [ -e %s ]; do sleep 0.01; done; exit 3",
             path);
    command_shell(&command, script);
    command.arm.token = (char *)"t";
    client_arm(client, 9, &command);
    client_release(client, 9, 0);
    client_disconnect(client);

    client_connect(client);
    client_greet(client);
    assert_int_equal(client->hello->n_jobs, 1);
    assert_int_equal(client->hello->jobs[0]->job_id, 9);
    assert_string_equal(client->hello->jobs[0]->token, "t");
    client_disconnect(client);
    assert_int_equal(mkdir(path, 0755), 0);
    usleep(200000);

    client_connect(client);
    client_greet(client);
    if (client->hello->jobs[0]->phase == XB__JOB_PHASE__JOB_PHASE_RELEASED)
        client_wait(client, XB_RESULT, 9); /* a slow machine */
    Xb__Fetch fetch = XB__FETCH__INIT;
    client_send(client, XB_FETCH, 9, &fetch.base);
    Xb__Result *result = client_result(client, 9);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    assert_int_equal(result->status, 3);
    free_result(result);
    assert_string_equal(client_fetch(client, 9, XB__STREAM__STREAM_STDOUT, 0), "kept\n");
    client_forget(client, 9);
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_exit_status),
        AGENT_TEST(test_signal),
        AGENT_TEST(test_out_of_memory),
        AGENT_TEST(test_exec_failure),
        AGENT_TEST(test_preparation_failure),
        AGENT_TEST(test_timeout_takes_descendants),
        AGENT_TEST(test_release_in_the_future),
        AGENT_TEST(test_release_that_comes_late),
        AGENT_TEST(test_cancel),
        AGENT_TEST(test_cancel_of_a_running_job_is_refused),
        AGENT_TEST(test_kill_takes_descendants),
        AGENT_TEST(test_kill_before_leaving),
        AGENT_TEST(test_end_takes_the_group_only),
        AGENT_TEST(test_job_limit),
        AGENT_TEST(test_memory_limit),
        AGENT_TEST(test_states_are_checked),
        AGENT_TEST(test_jobs_outlive_a_disconnect),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: jobs", tests, NULL, NULL);
}
