/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several controllers at one agent: who owns which job, and what remains when one leaves. */
#include "agent_client.h"
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

/* Connect another controller to the same agent. */
static struct client another(const struct client *first)
{
    struct client client = *first;
    client.hello = NULL;
    client.early = NULL;
    memset(client.streams, 0, sizeof(client.streams));
    client_connect(&client);
    client_greet(&client);
    return client;
}

static void leave(struct client *client)
{
    client_disconnect(client);
    client_drop_output(client);
    free_result(client->early);
}

/* Start a job that waits for a file; returns the job's id. */
static uint32_t start_waiting_job(struct client *client, const char *file)
{
    struct command command;
    char script[256];
    uint32_t id = client->hello->first_id + 5;
    snprintf(script, sizeof(script), "until [ -e %s ]; do sleep 0.01; done; echo done", file);
    command_shell(&command, script);
    client_arm(client, id, &command);
    client_release(client, id, 0);
    return id;
}

static void touch(const char *path)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fclose(f);
}

static void test_each_runs_its_own(void **state)
{
    struct client *first = *state;
    struct client second = another(first);
    char file[128];
    snprintf(file, sizeof(file), "%s/go", first->folder);
    uint32_t id = start_waiting_job(first, file);
    assert_int_not_equal(second.hello->first_id, first->hello->first_id);
    assert_true(second.hello->first_id >= 1U << 20);
    assert_int_equal(second.hello->n_jobs, 0);

    struct command command;
    command_shell(&command, "exit 3");
    uint32_t other = second.hello->first_id;
    Xb__Result *result = client_run(&second, other, &command);
    assert_int_equal(result->status, 3);
    free_result(result);
    client_forget(&second, other);
    assert_true(client_is_quiet(&second, 20 * XB_NS_PER_MS));
    touch(file);
    result = client_result(first, id);
    assert_int_equal(result->outcome, XB__OUTCOME__OUTCOME_EXITED);
    free_result(result);
    /* A job's result goes to its owner alone. */
    assert_true(client_is_quiet(&second, 20 * XB_NS_PER_MS));
    assert_null(second.early);
    leave(&second);
}

static void test_a_job_of_another_cannot_be_touched(void **state)
{
    struct client *first = *state;
    struct client second = another(first);
    char file[128];
    snprintf(file, sizeof(file), "%s/go", first->folder);
    uint32_t id = start_waiting_job(first, file);
    Xb__Kill kill = XB__KILL__INIT;
    Xb__Fetch fetch = XB__FETCH__INIT;
    Xb__Release release = XB__RELEASE__INIT;
    Xb__Credit credit = XB__CREDIT__INIT;
    kill.signal = SIGKILL;
    credit.bytes = 1;
    client_send(&second, XB_KILL, id, &kill.base);
    assert_int_equal(client_wait_error(&second, XB_KILL, id), EBUSY);
    client_send(&second, XB_CANCEL, id, NULL);
    assert_int_equal(client_wait_error(&second, XB_CANCEL, id), EBUSY);
    client_send(&second, XB_RELEASE, id, &release.base);
    assert_int_equal(client_wait_error(&second, XB_RELEASE, id), EBUSY);
    client_send(&second, XB_CREDIT, id, &credit.base);
    touch(file);
    free_result(client_result(first, id));
    client_send(&second, XB_FETCH, id, &fetch.base);
    assert_int_equal(client_wait_error(&second, XB_FETCH, id), EBUSY);
    client_send(&second, XB_FORGET, id, NULL);
    assert_int_equal(client_wait_error(&second, XB_FORGET, id), EBUSY);
    client_forget(first, id);
    leave(&second);
}

/* A returning controller finds its jobs even if the end of its old connection shows only then. */
static void test_who_returns_finds_its_jobs(void **state)
{
    struct client *first = *state;
    struct client second = another(first);
    char file[128];
    snprintf(file, sizeof(file), "%s/go", first->folder);
    uint32_t id = start_waiting_job(first, file);
    client_disconnect(first);
    client_connect(first);
    client_greet(first);
    assert_int_equal(first->hello->n_jobs, 1);
    assert_int_equal(first->hello->jobs[0]->job_id, id);
    touch(file);
    /* The job has no owner, so the controller whose HELLO listed it gets its result. */
    free_result(client_result(first, id));
    assert_true(client_is_quiet(&second, 20 * XB_NS_PER_MS));
    Xb__Fetch fetch = XB__FETCH__INIT;
    client_send(&second, XB_FETCH, id, &fetch.base); /* anyone may take a job without owner */
    free_result((Xb__Result *)client_wait(&second, XB_RESULT, id));
    client_send(first, XB_FETCH, id, &fetch.base);
    assert_int_equal(client_wait_error(first, XB_FETCH, id), EBUSY);
    leave(&second);
    client_disconnect(first);
    client_connect(first);
    client_greet(first);
    client_forget(first, id);
}

/* An old connection's end may arrive after the new connection, as behind a relay. */
static void test_who_returns_ends_its_older_connection(void **state)
{
    struct client *stranger = *state;
    char file[128];
    snprintf(file, sizeof(file), "%s/go", stranger->folder);
    struct client old = *stranger;
    old.controller = 7;
    old = another(&old);
    uint32_t id = start_waiting_job(&old, file);
    struct client other = old;
    other.controller = 8;
    other = another(&other);
    assert_int_equal(other.hello->n_jobs, 0);
    struct client returned = another(&old);
    assert_int_equal(returned.hello->n_jobs, 1);
    assert_int_equal(returned.hello->jobs[0]->job_id, id);
    assert_true(client_wait_closed(&old));
    touch(file);
    free_result(client_result(&returned, id));
    client_forget(&returned, id);
    /* It ended no other connection, not even those without a number. */
    xb__pong__free_unpacked(client_ping(&other), NULL);
    xb__pong__free_unpacked(client_ping(stranger), NULL);
    leave(&old);
    leave(&other);
    leave(&returned);
}

static void test_a_hello_that_comes_late_ends_no_later_connection(void **state)
{
    struct client *first = *state;
    struct client late = *first;
    late.hello = NULL;
    client_connect(&late);
    assert_true(client_is_quiet(&late, 20 * XB_NS_PER_MS)); /* the connection has been accepted */
    struct client present = *first;
    present.controller = late.controller = 7;
    present = another(&present);
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 1;
    hello.controller = 7;
    client_send(&late, XB_HELLO, 0, &hello.base);
    assert_true(client_wait_closed(&late));
    xb__pong__free_unpacked(client_ping(&present), NULL);
    leave(&present);
    client_disconnect(&late);
}

static void test_ids_go_on_beside_what_was_left(void **state)
{
    struct client *first = *state;
    struct command command;
    command_shell(&command, "exit 0");
    uint32_t id = first->hello->first_id;
    free_result(client_run(first, id, &command));
    for (int i = 0; i < 3; i++) {
        client_disconnect(first);
        client_connect(first);
        client_greet(first);
        assert_int_not_equal(first->hello->first_id >> 20, id >> 20);
    }
    client_forget(first, id);
}

static void push(struct client *client, uint32_t id, const char *path, const char *text)
{
    Xb__Push push = XB__PUSH__INIT;
    Xb__Data data = XB__DATA__INIT;
    push.path = bytes_of(path);
    push.mode = 0600;
    push.size_bytes = strlen(text);
    data.data = bytes_of(text);
    client_send(client, XB_PUSH, id, &push.base);
    client_send(client, XB_DATA, id, &data.base);
}

/* Two controllers' transfers may have the same id; each ends with its controller. */
static void test_transfers_are_their_own(void **state)
{
    struct client *first = *state;
    struct client second = another(first);
    char one[128], two[128];
    snprintf(one, sizeof(one), "%s/one", first->folder);
    snprintf(two, sizeof(two), "%s/two", first->folder);
    push(first, 0, one, "four");
    push(&second, 0, two, "four");
    leave(&second);
    Xb__End end = XB__END__INIT;
    end.size_bytes = 4;
    end.crc32 = crc32_z(0, (const uint8_t *)"four", 4);
    client_send(first, XB_END, 0, &end.base);
    client_wait(first, XB_DONE, 0);
    assert_int_equal(access(one, F_OK), 0);
    assert_int_not_equal(access(two, F_OK), 0);
}

static void test_one_more_than_the_limit_waits(void **state)
{
    struct client *first = *state;
    struct client more[XA_SESSIONS_MAX];
    for (size_t i = 0; i < XA_SESSIONS_MAX - 1; i++)
        more[i] = another(first);
    struct client *last = &more[XA_SESSIONS_MAX - 1];
    *last = *first;
    client_connect(last);
    assert_true(client_is_quiet(last, 50 * XB_NS_PER_MS));
    for (size_t i = 0; i < XA_SESSIONS_MAX - 1; i++) {
        Xb__Pong *pong = client_ping(&more[i]);
        xb__pong__free_unpacked(pong, NULL);
    }
    leave(&more[0]);
    last->hello = NULL;
    client_greet(last);
    for (size_t i = 1; i < XA_SESSIONS_MAX; i++)
        leave(&more[i]);
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_each_runs_its_own),
        AGENT_TEST(test_a_job_of_another_cannot_be_touched),
        AGENT_TEST(test_who_returns_finds_its_jobs),
        AGENT_TEST(test_who_returns_ends_its_older_connection),
        AGENT_TEST(test_a_hello_that_comes_late_ends_no_later_connection),
        AGENT_TEST(test_ids_go_on_beside_what_was_left),
        AGENT_TEST(test_transfers_are_their_own),
        AGENT_TEST(test_one_more_than_the_limit_waits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: several controllers", tests, NULL, NULL);
}
