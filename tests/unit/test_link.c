/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links: frames over a channel that moves any number of bytes, or none. */
#include "base.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/*
 * A channel in memory: `in` holds what the peer sends, `out` what it receives; a call moves at most
 * `step` bytes.
 */
struct memory_channel {
    struct xb_channel base;
    uint8_t *in;
    size_t in_bytes, in_at;
    uint8_t out[1024 * 1024];
    size_t out_bytes, out_limit;
    size_t step;
    unsigned reads, writes;
    bool peer_gone; /* after the bytes in `in` */
    bool closed;
};

static struct memory_channel *memory_of(struct xb_channel *ch)
{
    return (struct memory_channel *)ch;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static ssize_t memory_read(struct xb_channel *ch, void *buf, size_t bytes)
{
    struct memory_channel *m = memory_of(ch);
    size_t n = least(least(bytes, m->step), m->in_bytes - m->in_at);
    m->reads++;
    if (n == 0 && m->peer_gone) {
        errno = EPIPE;
        return -1;
    }
    memcpy(buf, m->in + m->in_at, n);
    m->in_at += n;
    return (ssize_t)n;
}

static ssize_t memory_write(struct xb_channel *ch, const void *buf, size_t bytes)
{
    struct memory_channel *m = memory_of(ch);
    size_t n = least(least(bytes, m->step), m->out_limit - m->out_bytes);
    m->writes++;
    memcpy(m->out + m->out_bytes, buf, n);
    m->out_bytes += n;
    return (ssize_t)n;
}

static short memory_poll_events(const struct xb_channel *ch, bool want_write)
{
    (void)ch;
    return want_write ? 4 : 1;
}

static int memory_poll_done(struct xb_channel *ch, short revents)
{
    (void)ch;
    (void)revents;
    return 0;
}

static bool memory_is_open(const struct xb_channel *ch)
{
    (void)ch;
    return true;
}

static void memory_close(struct xb_channel *ch)
{
    memory_of(ch)->closed = true;
}

static const struct xb_channel_ops memory_ops = {
    .name = "memory",
    .read = memory_read,
    .write = memory_write,
    .poll_events = memory_poll_events,
    .poll_done = memory_poll_done,
    .is_open = memory_is_open,
    .close = memory_close,
};

static const struct xb_channel_ops level_ops = {
    .name = "memory",
    .level = true,
    .read = memory_read,
    .write = memory_write,
    .poll_events = memory_poll_events,
    .poll_done = memory_poll_done,
    .is_open = memory_is_open,
    .close = memory_close,
};

struct fixture {
    struct memory_channel channel;
    struct xb_link *link;
    uint8_t input[512 * 1024];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->channel.base = (struct xb_channel){.ops = &memory_ops, .fd = -1};
    f->channel.in = f->input;
    f->channel.step = SIZE_MAX;
    f->channel.out_limit = sizeof(f->channel.out);
    *state = f;
    return xb_link_new(&f->link, &f->channel.base, NULL);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    xb_link_free(f->link);
    int r = f->channel.closed ? 0 : -1;
    free(f);
    return r;
}

static void put_frame(struct fixture *f, uint32_t job_id, uint32_t body_bytes)
{
    assert_true(f->channel.in_bytes + XB_FRAME_HEADER_BYTES + body_bytes <= sizeof(f->input));
    xb_frame_encode_header(f->input + f->channel.in_bytes, XB_DATA, job_id, body_bytes);
    memset(f->input + f->channel.in_bytes + XB_FRAME_HEADER_BYTES, (int)job_id, body_bytes);
    f->channel.in_bytes += XB_FRAME_HEADER_BYTES + body_bytes;
}

static void expect_frame(struct fixture *f, uint32_t job_id, uint32_t body_bytes)
{
    struct xb_frame frame;
    assert_int_equal(xb_link_next(f->link, &frame, NULL), 1);
    assert_int_equal(frame.type, XB_DATA);
    assert_int_equal(frame.job_id, job_id);
    assert_int_equal(frame.body_bytes, body_bytes);
    for (size_t i = 0; i < body_bytes; i++)
        assert_int_equal(frame.body[i], (uint8_t)job_id);
}

static void expect_nothing(struct fixture *f)
{
    struct xb_frame frame;
    assert_int_equal(xb_link_next(f->link, &frame, NULL), 0);
}

static void test_many_frames(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sizes[] = {0, 1, 30000, XB_FRAME_BODY_MAX, 0, XB_FRAME_BODY_MAX, 5};
    for (uint32_t i = 0; i < XB_ARRAY_LEN(sizes); i++)
        put_frame(f, i, sizes[i]);
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    /* A single pump suffices: data beyond the buffer is read on demand. */
    for (uint32_t i = 0; i < XB_ARRAY_LEN(sizes); i++)
        expect_frame(f, i, sizes[i]);
    expect_nothing(f);
}

static void test_small_steps(void **state)
{
    struct fixture *f = *state;
    f->channel.step = 1;
    put_frame(f, 1, 3);
    put_frame(f, 2, 300);
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    expect_frame(f, 1, 3);
    expect_frame(f, 2, 300);
    expect_nothing(f);
}

static void test_half_a_frame(void **state)
{
    struct fixture *f = *state;
    put_frame(f, 1, 100);
    f->channel.in_bytes -= 60;
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    expect_nothing(f);
    f->channel.in_bytes += 60;
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    expect_frame(f, 1, 100);
}

/* A departed peer's last frames still arrive. */
static void test_peer_gone(void **state)
{
    struct fixture *f = *state;
    struct xb_err err = {0};
    struct xb_frame frame;
    put_frame(f, 1, 10);
    put_frame(f, 2, 10);
    f->channel.peer_gone = true;
    assert_int_equal(xb_link_pump(f->link, 0, &err), -1);
    expect_frame(f, 1, 10);
    expect_frame(f, 2, 10);
    assert_int_equal(xb_link_next(f->link, &frame, &err), -1);
    assert_true(strlen(err.msg) > 0);
}

static void test_words_and_end_at_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    put_frame(f, 1, 10);
    f->channel.peer_gone = true;
    expect_frame(f, 1, 10); /* one call reads the frame and finds the peer gone */
}

static void test_broken_frame(void **state)
{
    struct fixture *f = *state;
    struct xb_frame frame;
    struct xb_err err = {0};
    put_frame(f, 1, 0);
    xb_frame_encode_header(f->input + f->channel.in_bytes, XB_DATA, 1, XB_FRAME_BODY_MAX + 1);
    f->channel.in_bytes += XB_FRAME_HEADER_BYTES;
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    expect_frame(f, 1, 0);
    assert_int_equal(xb_link_next(f->link, &frame, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
}

static Xb__Data data_of(size_t bytes)
{
    static uint8_t block[XB_FRAME_BODY_MAX];
    Xb__Data data = XB__DATA__INIT;
    data.data = (ProtobufCBinaryData){bytes, block};
    return data;
}

static void test_send(void **state)
{
    struct fixture *f = *state;
    Xb__Data data = data_of(1000);
    assert_int_equal(xb_link_send(f->link, XB_DATA, 7, &data.base, NULL), 0);
    assert_int_equal(xb_link_send(f->link, XB_DONE, 8, NULL, NULL), 0);
    assert_true(xb_link_flushed(f->link));
    struct xb_frame frame;
    long n = xb_frame_decode(f->channel.out, f->channel.out_bytes, &frame, NULL);
    assert_true(n > 0);
    assert_int_equal(frame.job_id, 7);
    assert_int_equal(
        xb_frame_decode(f->channel.out + n, f->channel.out_bytes - (size_t)n, &frame, NULL),
        XB_FRAME_HEADER_BYTES);
    assert_int_equal(frame.type, XB_DONE);
}

/* With a peer that does not read, the queue fills to its bound and drains in order. */
static void test_queue_is_bounded(void **state)
{
    struct fixture *f = *state;
    Xb__Data data = data_of(XB_DATA_MAX);
    struct xb_err err = {0};
    uint32_t queued = 0;
    f->channel.out_limit = 0;
    while (xb_link_send(f->link, XB_DATA, queued, &data.base, &err) == 0)
        queued++;
    assert_int_equal(err.errnum, ENOBUFS);
    assert_int_equal(queued, XB_LINK_QUEUE_BYTES / (XB_DATA_MAX + XB_FRAME_HEADER_BYTES + 4));
    assert_true(xb_link_room(f->link) < XB_DATA_MAX + XB_FRAME_BODY_MAX);
    assert_false(xb_link_flushed(f->link));
    assert_int_equal(xb_link_poll_events(f->link), 4);

    f->channel.out_limit = sizeof(f->channel.out);
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    assert_true(xb_link_flushed(f->link));
    assert_int_equal(xb_link_room(f->link), XB_LINK_QUEUE_BYTES);
    struct xb_frame frame;
    for (size_t at = 0, i = 0; i < queued; i++) {
        long n = xb_frame_decode(f->channel.out + at, f->channel.out_bytes - at, &frame, NULL);
        assert_true(n > 0);
        assert_int_equal(frame.job_id, i);
        at += (size_t)n;
    }
}

static void test_too_large(void **state)
{
    struct fixture *f = *state;
    Xb__Data data = data_of(XB_FRAME_BODY_MAX);
    struct xb_err err = {0};
    assert_int_equal(xb_link_send(f->link, XB_DATA, 1, &data.base, &err), -1);
    assert_int_equal(f->channel.out_bytes, 0);
}

/* If poll is level-triggered, a read that got everything is not repeated until poll says so. */
static void test_reads_when_there_is_something(void **state)
{
    struct fixture *f = *state;
    f->channel.base.ops = &level_ops;
    put_frame(f, 1, 10);
    assert_int_equal(xb_link_pump(f->link, POLLIN, NULL), 0);
    expect_frame(f, 1, 10);
    expect_nothing(f);
    assert_int_equal(xb_link_pump(f->link, POLLOUT, NULL), 0);
    assert_int_equal(f->channel.reads, 1);
    put_frame(f, 2, 10);
    assert_int_equal(xb_link_pump(f->link, POLLIN, NULL), 0);
    expect_frame(f, 2, 10);
    assert_int_equal(f->channel.reads, 2);
    /* A pump without a poll must try to read. */
    put_frame(f, 3, 10);
    assert_int_equal(xb_link_pump(f->link, 0, NULL), 0);
    expect_frame(f, 3, 10);
    f->channel.peer_gone = true;
    assert_int_equal(xb_link_pump(f->link, 0, NULL), -1);
}

/* Data that did not fit into the buffer is read later, without a poll. */
static void test_reads_on_after_a_full_buffer(void **state)
{
    struct fixture *f = *state;
    f->channel.base.ops = &level_ops;
    for (uint32_t i = 0; i < 5; i++)
        put_frame(f, i, XB_FRAME_BODY_MAX - i);
    assert_int_equal(xb_link_pump(f->link, POLLIN, NULL), 0);
    for (uint32_t i = 0; i < 5; i++)
        expect_frame(f, i, XB_FRAME_BODY_MAX - i);
    expect_nothing(f);
}

static void test_queued_frames_are_written_at_once(void **state)
{
    struct fixture *f = *state;
    const uint8_t body[] = {1, 2, 3};
    f->channel.base.ops = &level_ops;
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(xb_link_queue_packed(f->link, XB_DATA, i, body, sizeof(body), NULL), 0);
    assert_int_equal(f->channel.writes, 0);
    f->channel.out_limit = 20;
    assert_int_equal(xb_link_flush(f->link, NULL), 0);
    assert_int_equal(f->channel.writes, 1); /* the write moved less than asked: no second one */
    assert_false(xb_link_flushed(f->link));
    f->channel.out_limit = sizeof(f->channel.out);
    assert_int_equal(xb_link_pump(f->link, POLLOUT, NULL), 0);
    assert_true(xb_link_flushed(f->link));
    assert_int_equal(f->channel.out_bytes, 3 * (XB_FRAME_HEADER_BYTES + sizeof(body)));
}

/* Bulk data stops while there is room for much else, and goes on once it has been written. */
static void test_bulk_stops_early(void **state)
{
    struct fixture *f = *state;
    Xb__Data data = data_of(XB_DATA_MAX);
    uint32_t queued = 0;
    f->channel.out_limit = 0;
    for (; xb_link_has_bulk_room(f->link); queued++)
        assert_int_equal(xb_link_queue(f->link, XB_DATA, queued, &data.base, NULL), 0);
    assert_int_equal(f->channel.writes, 0);
    assert_int_equal(queued, XB_LINK_BULK_BYTES / XB_DATA_MAX);
    assert_true(xb_link_room(f->link) > XB_LINK_QUEUE_BYTES / 2);
    f->channel.out_limit = sizeof(f->channel.out);
    assert_int_equal(xb_link_flush(f->link, NULL), 0);
    assert_int_equal(f->channel.writes, 1);
    assert_true(xb_link_has_bulk_room(f->link));
}

/* A body that the caller writes into the queue arrives as any other. */
static void test_body_written_in_place(void **state)
{
    struct fixture *f = *state;
    struct xb_frame frame;
    uint8_t *body = xb_link_queue_body(f->link, XB_DATA, 3, 4, NULL);
    assert_non_null(body);
    memcpy(body, "abcd", 4);
    assert_null(xb_link_queue_body(f->link, XB_DATA, 3, XB_FRAME_BODY_MAX + 1, NULL));
    assert_int_equal(xb_link_flush(f->link, NULL), 0);
    assert_true(xb_frame_decode(f->channel.out, f->channel.out_bytes, &frame, NULL) > 0);
    assert_int_equal(frame.body_bytes, 4);
    assert_memory_equal(frame.body, "abcd", 4);
}

static void test_detach(void **state)
{
    struct fixture *f = *state;
    assert_ptr_equal(xb_link_channel(f->link), &f->channel.base);
    assert_ptr_equal(xb_link_detach(f->link), &f->channel.base);
    assert_false(f->channel.closed);
    assert_int_equal(xb_link_new(&f->link, &f->channel.base, NULL), 0);
}

#define LINK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINK_TEST(test_many_frames),
        LINK_TEST(test_small_steps),
        LINK_TEST(test_half_a_frame),
        LINK_TEST(test_peer_gone),
        LINK_TEST(test_broken_frame),
        LINK_TEST(test_words_and_end_at_once),
        LINK_TEST(test_send),
        LINK_TEST(test_queue_is_bounded),
        LINK_TEST(test_too_large),
        LINK_TEST(test_detach),
        LINK_TEST(test_reads_when_there_is_something),
        LINK_TEST(test_reads_on_after_a_full_buffer),
        LINK_TEST(test_queued_frames_are_written_at_once),
        LINK_TEST(test_bulk_stops_early),
        LINK_TEST(test_body_written_in_place),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
