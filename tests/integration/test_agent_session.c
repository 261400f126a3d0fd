/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection: handshake, order of frames, malformed frames, and that an idle agent sleeps. */
#include "agent_client.h"

#include <errno.h>
#include <sys/socket.h>

static void send_header(struct client *client, uint32_t body_bytes, uint16_t type, uint16_t zero)
{
    uint8_t header[XB_FRAME_HEADER_BYTES];
    xb_frame_encode_header(header, type, 0, body_bytes);
    header[6] = (uint8_t)zero;
    client_send_raw(client, header, sizeof(header));
}

static void reconnect(struct client *client)
{
    client_disconnect(client);
    client_connect(client);
}

static void test_hello(void **state)
{
    struct client *client = *state;
    assert_int_equal(client->hello->major, 1);
    assert_true(strlen(client->hello->version) > 0); /* for people */
    assert_int_equal(strlen(client->hello->boot_id), 36);
    assert_true(client->hello->generation >= 1);
    assert_int_equal(client->hello->n_jobs, 0);
    uint32_t generation = client->hello->generation;
    reconnect(client);
    client_greet(client);
    assert_int_equal(client->hello->generation, generation + 1);
}

static void test_other_major_is_refused(void **state)
{
    struct client *client = *state;
    reconnect(client);
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 2;
    hello.minor = 5;
    client_send(client, XB_HELLO, 0, &hello.base);
    Xb__Error *error = (Xb__Error *)client_wait(client, XB_ERROR, 0);
    assert_non_null(strstr(error->message, "2.5"));
    assert_non_null(strstr(error->message, "1.2"));
    assert_int_equal(error->errnum, EPROTONOSUPPORT);
    xb__error__free_unpacked(error, NULL);
    assert_true(client_wait_closed(client));
    reconnect(client);
    client_greet(client);
}

static void test_order(void **state)
{
    struct client *client = *state;
    reconnect(client);
    client_send(client, XB_STATUS_REQUEST, 0, NULL);
    assert_int_equal(client_wait_error(client, XB_STATUS_REQUEST, 0), EPROTO);
    assert_true(client_wait_closed(client));
    reconnect(client);
    client_greet(client);
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 1;
    client_send(client, XB_HELLO, 0, &hello.base);
    assert_int_equal(client_wait_error(client, XB_HELLO, 0), EPROTO);
    assert_true(client_wait_closed(client));
}

/* A request of a newer minor version does not end the connection. */
static void test_unknown_request(void **state)
{
    struct client *client = *state;
    client_send(client, 999, 5, NULL);
    assert_int_equal(client_wait_error(client, 999, 5), EOPNOTSUPP);
    client_send(client, XB_STATUS, 5, NULL); /* only the controller sends this */
    assert_int_equal(client_wait_error(client, XB_STATUS, 5), EOPNOTSUPP);
    xb__pong__free_unpacked(client_ping(client), NULL);
}

/* A reader skips unknown fields. */
static void test_unknown_field(void **state)
{
    static const uint8_t body[] = {0x08, 0x2a, 0xfa, 0x3f,
                                   0x03, 'n',  'e',  'w'}; /* sequence 42; field 1023 */
    struct client *client = *state;
    send_header(client, sizeof(body), XB_PING, 0);
    client_send_raw(client, body, sizeof(body));
    Xb__Pong *pong = (Xb__Pong *)client_wait(client, XB_PONG, 0);
    assert_int_equal(pong->sequence, 42);
    xb__pong__free_unpacked(pong, NULL);
}

static void test_broken_frames(void **state)
{
    static const uint8_t malformed[] = {0x12, 0x7f, 'x'}; /* a field longer than its message */
    struct client *client = *state;
    send_header(client, XB_FRAME_BODY_MAX + 1, XB_PING, 0);
    assert_true(client_wait_closed(client));
    reconnect(client);
    client_greet(client);
    send_header(client, 0, XB_PING, 1);
    assert_true(client_wait_closed(client));
    reconnect(client);
    client_greet(client);
    send_header(client, sizeof(malformed), XB_ARM, 0);
    client_send_raw(client, malformed, sizeof(malformed));
    assert_int_equal(client_wait_error(client, XB_ARM, 0), EBADMSG);
    assert_true(client_wait_closed(client));
    reconnect(client);
    client_greet(client);
}

/* A frame may arrive byte by byte. */
static void test_slow_frame(void **state)
{
    struct client *client = *state;
    uint8_t frame[XB_FRAME_HEADER_BYTES];
    xb_frame_encode_header(frame, XB_STATUS_REQUEST, 0, 0);
    for (size_t i = 0; i < sizeof(frame); i++) {
        client_send_raw(client, &frame[i], 1);
        usleep(1000);
    }
    xb__status__free_unpacked((Xb__Status *)client_wait(client, XB_STATUS, 0), NULL);
}

static void test_ping(void **state)
{
    uint64_t before_ns = xb_now_ns();
    Xb__Pong *pong = client_ping(*state);
    assert_int_equal(pong->sequence, 7);
    assert_in_range(pong->dom0_ns, before_ns, xb_now_ns());
    assert_in_range(pong->received_ns, pong->dom0_ns, xb_now_ns());
    assert_in_range(pong->sent_ns, pong->received_ns, xb_now_ns());
    xb__pong__free_unpacked(pong, NULL);
}

/* The agent does not read from a controller that sends without reading: its memory is bounded. */
static void test_flood_of_requests(void **state)
{
    struct client *client = *state;
    uint8_t request[XB_FRAME_HEADER_BYTES];
    xb_frame_encode_header(request, XB_STATUS_REQUEST, 0, 0);
    size_t sent = 0, read = 0;
    for (int refused = 0; refused < 300;) {
        if (send(xb_link_fd(client->link), request, sizeof(request), MSG_DONTWAIT | MSG_NOSIGNAL) >
            0) {
            sent++;
            refused = 0;
        } else {
            refused++;
            usleep(1000);
        }
    }
    assert_true(sent > 1000);
    for (; read < sent; read++)
        xb__status__free_unpacked((Xb__Status *)client_wait(client, XB_STATUS, 0), NULL);
}

static void test_status(void **state)
{
    Xb__Status *status = client_status(*state);
    assert_true(status->vcpus_online >= 1);
    assert_true(status->memory_total_bytes > status->memory_available_bytes);
    assert_true(status->agent_published_ns >= status->agent_started_ns);
    assert_true(status->boottime_ns >= status->agent_published_ns);
    assert_true(strlen(status->kernel) > 0 && strlen(status->clocksource) > 0);
    assert_true(status->n_net >= 1);
    xb__status__free_unpacked(status, NULL);
}

static void test_idle_agent_sleeps(void **state)
{
    struct client *client = *state;
    Xb__Status *before = client_status(client);
    usleep(500000);
    Xb__Status *after = client_status(client);
    assert_int_equal(after->agent_wakeups, before->agent_wakeups + 1); /* only the request itself */
    xb__status__free_unpacked(before, NULL);
    xb__status__free_unpacked(after, NULL);
}

static void test_quiesce_needs_rings(void **state)
{
    struct client *client = *state;
    client_send(client, XB_QUIESCE, 0, NULL);
    assert_int_equal(client_wait_error(client, XB_QUIESCE, 0), EOPNOTSUPP);
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_hello),
        AGENT_TEST(test_other_major_is_refused),
        AGENT_TEST(test_order),
        AGENT_TEST(test_unknown_request),
        AGENT_TEST(test_unknown_field),
        AGENT_TEST(test_broken_frames),
        AGENT_TEST(test_slow_frame),
        AGENT_TEST(test_ping),
        AGENT_TEST(test_flood_of_requests),
        AGENT_TEST(test_status),
        AGENT_TEST(test_idle_agent_sleeps),
        AGENT_TEST(test_quiesce_needs_rings),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: sessions", tests, NULL, NULL);
}
