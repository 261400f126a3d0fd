/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records, as which a guest's messages reach the controller; and records that are refused. */
#include "agent_msg.h"
#include "alloc.h"
#include "base.h"
#include "record.h"
#include "xenbench.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static uint8_t record[XB_RECORD_MAX];

/* Pack a message as a record, and unpack it again. */
static ProtobufCMessage *carry(uint16_t type, const ProtobufCMessage *msg)
{
    struct xb_err err = {0};
    struct xb_frame frame = {.type = type, .body = record};
    long bytes = xb_record_pack(record, msg, &err);
    assert_in_range(bytes, 0, XB_RECORD_MAX);
    frame.body_bytes = (size_t)bytes;
    ProtobufCMessage *out = xb_record_unpack(&frame, &err);
    assert_non_null(out);
    return out;
}

/* Both messages pack to the same bytes. */
static void assert_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    size_t bytes = protobuf_c_message_get_packed_size(a);
    assert_int_equal(bytes, protobuf_c_message_get_packed_size(b));
    xb_auto_free uint8_t *packed_a = xb_malloc(bytes + 1), *packed_b = xb_malloc(bytes + 1);
    protobuf_c_message_pack(a, packed_a);
    protobuf_c_message_pack(b, packed_b);
    assert_memory_equal(packed_a, packed_b, bytes);
}

static void numbers_strings_and_lists(void **state XB_UNUSED)
{
    Xb__Result result = XB__RESULT__INIT;
    Xb__Counter counters[2] = {XB__COUNTER__INIT, XB__COUNTER__INIT};
    Xb__Counter *list[] = {&counters[0], &counters[1]};
    counters[0].name = (char *)"cycles";
    counters[0].value = UINT64_MAX;
    counters[1].why = (char *)"no vPMU";
    result.outcome = XB__OUTCOME__OUTCOME_SIGNALED;
    result.status = -7;
    result.detail = (char *)"it was \xc3\xa4 pity";
    result.ended_ns = UINT64_MAX - 1;
    result.restores = UINT32_MAX;
    result.output_lost = 1;
    result.counters = list;
    result.n_counters = 2;
    ProtobufCMessage *back = carry(XB_RESULT, &result.base);
    assert_same(&result.base, back);
    protobuf_c_message_free_unpacked(back, NULL);
}

/* Give each field a different value, so that mixed-up fields show. */
static void fill(ProtobufCMessage *msg, uint64_t *next)
{
    const ProtobufCMessageDescriptor *d = msg->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        void *member = (uint8_t *)msg + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            continue;
        (*next)++;
        if (field->type == PROTOBUF_C_TYPE_STRING)
            *(char **)member = xb_asprintf("text %llu", (unsigned long long)*next);
        else if (field->type == PROTOBUF_C_TYPE_BOOL)
            *(protobuf_c_boolean *)member = 1;
        else if (field->type == PROTOBUF_C_TYPE_UINT64)
            *(uint64_t *)member = *next << 40;
        else if (field->type != PROTOBUF_C_TYPE_BYTES)
            *(uint32_t *)member = (uint32_t)*next;
    }
}

/* Covers the schema as it is, so new fields and messages are tested without a change here. */
static void every_message_of_the_schema(void **state XB_UNUSED)
{
    uint64_t next = 1;
    for (unsigned type = 0; type < XB_TYPES; type++) {
        const ProtobufCMessageDescriptor *d = xb_msg_descriptor((uint16_t)type);
        if (!d)
            continue;
        ProtobufCMessage *msg = xb_calloc(1, d->sizeof_message);
        protobuf_c_message_init(d, msg);
        fill(msg, &next);
        ProtobufCMessage *back = carry((uint16_t)type, msg);
        assert_same(msg, back);
        protobuf_c_message_free_unpacked(back, NULL);
        protobuf_c_message_free_unpacked(msg, NULL);
    }
}

static void data_of_any_length(void **state XB_UNUSED)
{
    static const size_t lengths[] = {0, 1, 1024, 1025, 4096, 4097, XB_DATA_MAX};
    xb_auto_free uint8_t *bytes = xb_malloc(XB_DATA_MAX + 1);
    memset(bytes, 0x1b, XB_DATA_MAX + 1); /* data is not cleaned: it may be a binary file */
    for (size_t i = 0; i < XB_ARRAY_LEN(lengths); i++) {
        Xb__Output output = XB__OUTPUT__INIT;
        output.data = (ProtobufCBinaryData){lengths[i], bytes};
        size_t chunk = lengths[i] <= 1024 ? 1024 : lengths[i] <= 4096 ? 4096 : XB_DATA_MAX;
        assert_in_range(xb_record_pack(record, &output.base, NULL), chunk, chunk + 100);
        ProtobufCMessage *back = carry(XB_OUTPUT, &output.base);
        assert_same(&output.base, back);
        protobuf_c_message_free_unpacked(back, NULL);
    }
    Xb__Output longer = XB__OUTPUT__INIT;
    struct xb_err err = {0};
    longer.data = (ProtobufCBinaryData){XB_DATA_MAX + 1, bytes};
    assert_int_equal(xb_record_pack(record, &longer.base, &err), -1);
    assert_non_null(strstr(err.msg, "the limit is 32768"));
}

static void lists_that_are_too_long(void **state XB_UNUSED)
{
    static Xb__JobState job = XB__JOB_STATE__INIT;
    static Xb__Counter counter = XB__COUNTER__INIT;
    Xb__JobState *jobs[XB_JOBS_MAX + 1];
    Xb__Counter *counters[XB_COUNTERS_MAX + 1];
    Xb__Hello hello = XB__HELLO__INIT;
    Xb__Result result = XB__RESULT__INIT;
    struct xb_err err = {0};
    for (size_t i = 0; i < XB_ARRAY_LEN(jobs); i++)
        jobs[i] = &job;
    for (size_t i = 0; i < XB_ARRAY_LEN(counters); i++)
        counters[i] = &counter;
    hello.jobs = jobs;
    hello.n_jobs = XB_ARRAY_LEN(jobs);
    assert_int_equal(xb_record_pack(record, &hello.base, &err), -1);
    assert_string_equal(err.msg, "it lists 65 jobs, the limit is 64");
    result.counters = counters;
    result.n_counters = XB_ARRAY_LEN(counters);
    ProtobufCMessage *back = carry(XB_RESULT, &result.base);
    assert_int_equal(((Xb__Result *)back)->n_counters, XB_COUNTERS_MAX);
    protobuf_c_message_free_unpacked(back, NULL);
}

/* A string of multi-byte characters is cut between two characters. */
static void long_strings_are_cut(void **state XB_UNUSED)
{
    Xb__JobState job = XB__JOB_STATE__INIT, *jobs[] = {&job};
    Xb__Hello hello = XB__HELLO__INIT;
    char text[601];
    for (size_t i = 0; i < 600; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[600] = '\0';
    job.token = text;
    hello.jobs = jobs;
    hello.n_jobs = 1;
    Xb__Hello *back = (Xb__Hello *)carry(XB_HELLO, &hello.base);
    assert_int_equal(strlen(back->jobs[0]->token), 255);
    assert_int_equal(back->jobs[0]->token[254], '?');
    xb__hello__free_unpacked(back, NULL);
}

static void assert_wrong(uint16_t type, size_t bytes)
{
    struct xb_err err = {0};
    const struct xb_frame frame = {.type = type, .body = record, .body_bytes = bytes};
    assert_null(xb_record_unpack(&frame, &err));
    assert_int_equal(err.class, XB_E_BENCH);
}

/* Records that only a compromised session process sends. */
static void records_that_lie(void **state XB_UNUSED)
{
    Xb__Error error = XB__ERROR__INIT; /* number, number, string */
    Xb__Accept accept = XB__ACCEPT__INIT;
    Xb__Output output = XB__OUTPUT__INIT;
    Xb__Hello hello = XB__HELLO__INIT;
    struct xb_err err = {0};
    uint64_t number = UINT64_C(1) << 32;

    size_t bytes = (size_t)xb_record_pack(record, &error.base, &err);
    assert_wrong(XB_ERROR, bytes - 1);
    assert_wrong(XB_ERROR, bytes + 1);
    assert_wrong(XB_ERROR, 0);
    assert_wrong(XB_RESULT, bytes);
    assert_wrong(XB_ARM, bytes); /* a controller's type */
    assert_wrong(XB_TYPES, bytes);
    assert_wrong(UINT16_MAX, bytes);
    memcpy(record, &number, sizeof(number)); /* too large for a uint32 */
    assert_wrong(XB_ERROR, bytes);
    xb_record_pack(record, &error.base, &err);
    memcpy(record + 8, &number, sizeof(number)); /* too large for an int32 */
    assert_wrong(XB_ERROR, bytes);
    xb_record_pack(record, &error.base, &err);
    record[16] = 0x1b; /* an escape character */
    assert_wrong(XB_ERROR, bytes);
    memset(record + 16, 'x', bytes - 16); /* a string without its NUL */
    assert_wrong(XB_ERROR, bytes);

    bytes = (size_t)xb_record_pack(record, &accept.base, &err);
    number = 2;
    memcpy(record + 16, &number, sizeof(number)); /* neither true nor false */
    assert_wrong(XB_ACCEPT, bytes);

    bytes = (size_t)xb_record_pack(record, &output.base, &err);
    number = 1025;
    memcpy(record + 16, &number, sizeof(number)); /* more data than its chunk holds */
    assert_wrong(XB_OUTPUT, bytes);
    number = UINT64_MAX;
    memcpy(record + 16, &number, sizeof(number));
    assert_wrong(XB_OUTPUT, bytes);

    bytes = (size_t)xb_record_pack(record, &hello.base, &err);
    number = XB_JOBS_MAX + 1;
    memcpy(record + 16 + 2048 + 16, &number, sizeof(number)); /* the count of jobs */
    assert_wrong(XB_HELLO, bytes);
}

static void the_times_of_pings(void **state XB_UNUSED)
{
    struct xb_ping_times times[] = {{1, 2, 3, 4}, {5, 6, 7, UINT64_MAX}}, back[2] = {{0}};
    const struct xb_pings_order order = {.count = 2, .until_ns = UINT64_MAX, .dom0_ns = 9};
    struct xb_pinging sent = {.count = 2, .times = times}, got = {0};
    struct xb_pings_order taken;
    struct xb_frame frame = {.type = XB_RECORD_PINGS, .body = record};
    frame.body_bytes = xb_pings_order_pack(record, &order);
    assert_int_equal(xb_pings_order_unpack(&frame, &taken), 0);
    assert_memory_equal(&taken, &order, sizeof(order));
    frame.body_bytes--;
    assert_int_equal(xb_pings_order_unpack(&frame, &taken), -1);

    sent.order = order;
    xb_pinging_begin(&got, &order, back);
    frame.body_bytes = xb_pings_pack(record, &sent);
    assert_int_equal(xb_pings_unpack(&frame, &got), 0);
    assert_int_equal(got.count, 2);
    assert_memory_equal(back, times, sizeof(times));
    assert_int_equal(xb_pings_unpack(&frame, NULL), 0); /* nobody waits for the series any more */
    got.order.dom0_ns++;                                /* somebody waits for another series */
    got.count = 0;
    assert_int_equal(xb_pings_unpack(&frame, &got), 0);
    assert_int_equal(got.count, 0);
    got.order.dom0_ns--;
    size_t whole = frame.body_bytes;
    frame.body_bytes = whole + sizeof(*times); /* one more than was ordered */
    assert_int_equal(xb_pings_unpack(&frame, &got), -1);
    const size_t wrong[] = {whole - 1, whole - 2 * sizeof(*times), 7, 0};
    for (size_t i = 0; i < XB_ARRAY_LEN(wrong); i++) {
        frame.body_bytes = wrong[i];
        assert_int_equal(xb_pings_unpack(&frame, &got), -1);
        assert_int_equal(xb_pings_unpack(&frame, NULL), -1);
    }
    frame.body_bytes = whole;
    frame.type = XB_PONG;
    assert_int_equal(xb_pings_unpack(&frame, &got), -1);
}

static void the_parting(void **state XB_UNUSED)
{
    struct xb_err why = {0}, back = {0};
    bool closed = false;
    struct xb_frame frame = {.type = XB_RECORD_PARTING, .body = record};
    xb_fail(&why, XB_E_BENCH, 0, "it said \x1b[2J");
    frame.body_bytes = xb_parting_pack(record, true, &why);
    assert_int_equal(xb_parting_unpack(&frame, &closed, &back), 0);
    assert_true(closed);
    assert_int_equal(back.class, XB_E_BENCH);
    assert_string_equal(back.msg, "it said ?[2J");

    record[0] = 2;
    assert_int_equal(xb_parting_unpack(&frame, &closed, &back), -1);
    record[0] = 1;
    record[8] = 9; /* no valid class of errors */
    assert_int_equal(xb_parting_unpack(&frame, &closed, &back), -1);
    frame.body_bytes = xb_parting_pack(record, true, &why) - 1;
    assert_int_equal(xb_parting_unpack(&frame, &closed, &back), -1);
    frame.body_bytes++;
    memset(record + 24, 'x', frame.body_bytes - 24);
    assert_int_equal(xb_parting_unpack(&frame, &closed, &back), -1);
}

static void a_storm(void **state XB_UNUSED)
{
    struct xb_frame frame = {.type = XB_RECORD_STORM, .body = record};
    bool rages = false;
    frame.body_bytes = xb_storm_pack(record, true);
    assert_int_equal(xb_storm_unpack(&frame, &rages), 0);
    assert_true(rages);
    xb_storm_pack(record, false);
    assert_int_equal(xb_storm_unpack(&frame, &rages), 0);
    assert_false(rages);
    record[0] = 2;
    assert_int_equal(xb_storm_unpack(&frame, &rages), -1);
    record[0] = 1;
    frame.body_bytes--;
    assert_int_equal(xb_storm_unpack(&frame, &rages), -1);
    frame.body_bytes++;
    frame.type = XB_RECORD_PARTING;
    assert_int_equal(xb_storm_unpack(&frame, &rages), -1);
    frame.type = XB_RECORD_STORM;
    assert_wrong(XB_RECORD_STORM, frame.body_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_strings_and_lists),
        cmocka_unit_test(every_message_of_the_schema),
        cmocka_unit_test(data_of_any_length),
        cmocka_unit_test(lists_that_are_too_long),
        cmocka_unit_test(long_strings_are_cut),
        cmocka_unit_test(records_that_lie),
        cmocka_unit_test(the_times_of_pings),
        cmocka_unit_test(the_parting),
        cmocka_unit_test(a_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
