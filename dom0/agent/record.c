/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layout: the fields in the schema's order. A number takes 8 bytes, a string string_bytes(),
 * data its length and a chunk of one of three sizes, a list its count and room for the most items
 * that it may have. Unused room is zero.
 */
#include "record.h"

#include "agent_msg.h"
#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "xenbench.pb-c.h"

#include <string.h>

#define NUMBER_BYTES sizeof(uint64_t)
#define NET_DEVICES_MAX 64
#define LISTED_STRING_BYTES 256 /* a string in a list's item */
/*
 * Most output comes in lines, or in the 4 KiB of a C library's buffer: a guest must not make Dom0
 * copy the largest chunk for each.
 */
static const size_t chunks[] = {1024, 4096, XB_DATA_MAX};

/* The most items that each list may have. A longer list is cut or, if `strict`, refused. */
static const struct list {
    const ProtobufCMessageDescriptor *of;
    size_t max;
    bool strict;
} lists[] = {
    {&xb__job_state__descriptor, XB_JOBS_MAX, true},
    {&xb__counter__descriptor, XB_COUNTERS_MAX, false},
    {&xb__net_device__descriptor, NET_DEVICES_MAX, false},
};

static const struct list *list_of(const ProtobufCFieldDescriptor *field)
{
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return NULL;
    for (size_t i = 0; i < XB_ARRAY_LEN(lists); i++)
        if (lists[i].of == field->descriptor)
            return &lists[i];
    return NULL;
}

static size_t string_bytes(const ProtobufCMessageDescriptor *d)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(lists); i++)
        if (lists[i].of == d)
            return LISTED_STRING_BYTES;
    return XB_MSG_STRING_MAX + 1;
}

static size_t layout_bytes(const ProtobufCMessageDescriptor *d, size_t chunk_bytes)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const struct list *list = list_of(&d->fields[i]);
        if (list)
            bytes += NUMBER_BYTES + list->max * layout_bytes(list->of, 0);
        else if (d->fields[i].type == PROTOBUF_C_TYPE_STRING)
            bytes += string_bytes(d);
        else if (d->fields[i].type == PROTOBUF_C_TYPE_BYTES)
            bytes += NUMBER_BYTES + chunk_bytes;
        else
            bytes += NUMBER_BYTES;
    }
    return bytes;
}

/* ---- from a message to a record, in the session's process ---- */

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
    memcpy(at, &number, NUMBER_BYTES);
    return at + NUMBER_BYTES;
}

static uint8_t *put_string(uint8_t *at, const char *s, size_t bytes)
{
    size_t length = strnlen(s, bytes - 1);
    memset(at, 0, bytes);
    memcpy(at, s, length);
    xb_msg_clean((char *)at, length); /* the cut may have split a character */
    return at + bytes;
}

static uint64_t number_of(const ProtobufCFieldDescriptor *field, const void *member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT64:
        return *(const uint64_t *)member;
    case PROTOBUF_C_TYPE_UINT32:
        return *(const uint32_t *)member;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)member != 0;
    default: /* int32 and enums */
        return (uint64_t)(int64_t) * (const int32_t *)member;
    }
}

static uint8_t *put_data(uint8_t *at, const ProtobufCBinaryData *data, size_t chunk_bytes)
{
    at = put_number(at, data->len);
    if (data->len > 0)
        memcpy(at, data->data, data->len);
    memset(at + data->len, 0, chunk_bytes - data->len);
    return at + chunk_bytes;
}

static uint8_t *put_fields(uint8_t *at, const ProtobufCMessage *msg, size_t chunk_bytes);

static uint8_t *put_list(uint8_t *at, const struct list *list, size_t count,
                         ProtobufCMessage *const *items)
{
    size_t one_bytes = layout_bytes(list->of, 0);
    count = count > list->max ? list->max : count;
    at = put_number(at, count);
    for (size_t i = 0; i < count; i++)
        at = put_fields(at, items[i], 0);
    memset(at, 0, (list->max - count) * one_bytes);
    return at + (list->max - count) * one_bytes;
}

static uint8_t *put_fields(uint8_t *at, const ProtobufCMessage *msg, size_t chunk_bytes)
{
    const ProtobufCMessageDescriptor *d = msg->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        const struct list *list = list_of(field);
        const void *member = (const uint8_t *)msg + field->offset;
        if (list)
            at = put_list(at, list,
                          *(const size_t *)((const uint8_t *)msg + field->quantifier_offset),
                          *(ProtobufCMessage *const *const *)member);
        else if (field->type == PROTOBUF_C_TYPE_STRING)
            at = put_string(at, *(const char *const *)member, string_bytes(d));
        else if (field->type == PROTOBUF_C_TYPE_BYTES)
            at = put_data(at, member, chunk_bytes);
        else
            at = put_number(at, number_of(field, member));
    }
    return at;
}

/*
 * The chunk that a message needs: 0 if it has no data field. Fails if data or a list is too long.
 */
static int measure(const ProtobufCMessage *msg, size_t *chunk_bytes, struct xb_err *err)
{
    const ProtobufCMessageDescriptor *d = msg->descriptor;
    *chunk_bytes = 0;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        const struct list *list = list_of(field);
        const uint8_t *base = (const uint8_t *)msg;
        size_t count = list ? *(const size_t *)(base + field->quantifier_offset) : 0;
        if (list && list->strict && count > list->max)
            return xb_fail(err, XB_E_BENCH, 0, "it lists %zu %s, the limit is %zu", count,
                           field->name, list->max);
        if (field->type != PROTOBUF_C_TYPE_BYTES)
            continue;
        size_t bytes = ((const ProtobufCBinaryData *)(base + field->offset))->len;
        if (bytes > XB_DATA_MAX)
            return xb_fail(err, XB_E_BENCH, 0, "it sent %zu bytes in one %s, the limit is %zu",
                           bytes, d->short_name, XB_DATA_MAX);
        size_t chunk = 0;
        while (bytes > chunks[chunk])
            chunk++;
        *chunk_bytes = chunks[chunk];
    }
    return 0;
}

long xb_record_bytes(const ProtobufCMessage *msg, struct xb_err *err)
{
    size_t chunk_bytes;
    return measure(msg, &chunk_bytes, err) < 0 ? -1
                                               : (long)layout_bytes(msg->descriptor, chunk_bytes);
}

long xb_record_pack(uint8_t *out, const ProtobufCMessage *msg, struct xb_err *err)
{
    size_t chunk_bytes;
    if (measure(msg, &chunk_bytes, err) < 0)
        return -1;
    return (long)(put_fields(out, msg, chunk_bytes) - out);
}

/* ---- from a record to a message, in the controller ---- */

static const uint8_t *get_number(const uint8_t *at, uint64_t *out)
{
    memcpy(out, at, NUMBER_BYTES);
    return at + NUMBER_BYTES;
}

static bool fits_int32(uint64_t number)
{
    return (int64_t)number >= INT32_MIN && (int64_t)number <= INT32_MAX;
}

static bool set_number(const ProtobufCFieldDescriptor *field, void *member, uint64_t number)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT64:
        *(uint64_t *)member = number;
        return true;
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)member = (uint32_t)number;
        return number <= UINT32_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)member = number != 0;
        return number <= 1;
    default:
        *(int32_t *)member = (int32_t)number;
        return fits_int32(number);
    }
}

/* Is the string terminated within its room, and safe for terminals and JSON? */
static bool is_clean(const uint8_t *s, size_t bytes)
{
    size_t length = strnlen((const char *)s, bytes), n;
    for (size_t i = 0; i < length; i += n)
        if ((n = xb_printable(s + i, length - i)) == 0)
            return false;
    return length < bytes;
}

static bool set_data(ProtobufCBinaryData *data, const uint8_t *at, uint64_t length,
                     size_t chunk_bytes)
{
    if (length > chunk_bytes)
        return false;
    data->len = length;
    data->data = length > 0 ? xb_malloc(length) : NULL;
    if (length > 0)
        memcpy(data->data, at, length);
    return true;
}

static ProtobufCMessage *new_message(const ProtobufCMessageDescriptor *d)
{
    ProtobufCMessage *msg = xb_calloc(1, d->sizeof_message);
    protobuf_c_message_init(d, msg);
    return msg;
}

static bool get_fields(const uint8_t *at, ProtobufCMessage *msg, size_t chunk_bytes);

static bool get_list(const uint8_t *at, const struct list *list, uint64_t count, size_t *out_count,
                     ProtobufCMessage ***out)
{
    size_t one_bytes = layout_bytes(list->of, 0);
    bool good = count <= list->max;
    if (!good || count == 0)
        return good;
    *out = xb_calloc(count, sizeof(ProtobufCMessage *));
    for (size_t i = 0; good && i < count; i++) {
        (*out)[(*out_count)++] = new_message(list->of);
        good = get_fields(at + i * one_bytes, (*out)[i], 0);
    }
    return good;
}

/* False at the first impossible value; msg holds what was read so far, for the caller to free. */
static bool get_fields(const uint8_t *at, ProtobufCMessage *msg, size_t chunk_bytes)
{
    const ProtobufCMessageDescriptor *d = msg->descriptor;
    bool good = true;
    for (unsigned i = 0; good && i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        const struct list *list = list_of(field);
        void *member = (uint8_t *)msg + field->offset;
        if (field->type == PROTOBUF_C_TYPE_STRING) {
            good = is_clean(at, string_bytes(d));
            if (good)
                *(char **)member = xb_strdup((const char *)at);
            at += string_bytes(d);
            continue;
        }
        uint64_t number;
        at = get_number(at, &number);
        if (list) {
            good = get_list(at, list, number, (size_t *)((uint8_t *)msg + field->quantifier_offset),
                            member);
            at += list->max * layout_bytes(list->of, 0);
        } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
            good = set_data(member, at, number, chunk_bytes);
            at += chunk_bytes;
        } else {
            good = set_number(field, member, number);
        }
    }
    return good;
}

ProtobufCMessage *xb_record_unpack(const struct xb_frame *frame, struct xb_err *err)
{
    const ProtobufCMessageDescriptor *d = xb_msg_descriptor(frame->type);
    for (size_t i = 0; d && i < XB_ARRAY_LEN(chunks); i++) {
        if (frame->body_bytes != layout_bytes(d, chunks[i]))
            continue;
        ProtobufCMessage *msg = new_message(d);
        if (get_fields(frame->body, msg, chunks[i]))
            return msg;
        protobuf_c_message_free_unpacked(msg, NULL);
        break;
    }
    xb_fail(err, XB_E_BENCH, 0, "the process of its session sent a wrong record of type %u (%s)",
            frame->type, xb_type_name(frame->type));
    return NULL;
}

/* ---- the end of a session ---- */

struct parting {
    uint64_t closed, class, errnum;
    char text[sizeof(((struct xb_err *)NULL)->msg)];
};

size_t xb_parting_pack(uint8_t out[XB_RECORD_MAX], bool closed, const struct xb_err *why)
{
    struct parting parting = {
        .closed = closed, .class = (uint64_t)why->class, .errnum = (uint64_t)why->errnum};
    put_string((uint8_t *)parting.text, why->msg, sizeof(parting.text));
    memcpy(out, &parting, sizeof(parting));
    return sizeof(parting);
}

int xb_parting_unpack(const struct xb_frame *frame, bool *closed, struct xb_err *why)
{
    struct parting parting;
    if (frame->type != XB_RECORD_PARTING || frame->body_bytes != sizeof(parting))
        return -1;
    memcpy(&parting, frame->body, sizeof(parting));
    if (parting.closed > 1 || parting.class < XB_E_BENCH || parting.class > XB_E_HOST ||
        parting.errnum > INT32_MAX ||
        !is_clean((const uint8_t *)parting.text, sizeof(parting.text)))
        return -1;
    *closed = parting.closed != 0;
    xb_fail(why, (enum xb_err_class)parting.class, 0, "%s", parting.text);
    return 0;
}

/* ---- storms of the event channel ---- */

size_t xb_storm_pack(uint8_t out[XB_RECORD_MAX], bool rages)
{
    return (size_t)(put_number(out, rages) - out);
}

int xb_storm_unpack(const struct xb_frame *frame, bool *rages)
{
    uint64_t number = 0;
    if (frame->type != XB_RECORD_STORM || frame->body_bytes != NUMBER_BYTES)
        return -1;
    get_number(frame->body, &number);
    *rages = number == 1;
    return number <= 1 ? 0 : -1;
}

/* ---- series of PINGs ---- */

size_t xb_pings_order_pack(uint8_t out[XB_RECORD_MAX], const struct xb_pings_order *order)
{
    memcpy(out, order, sizeof(*order));
    return sizeof(*order);
}

int xb_pings_order_unpack(const struct xb_frame *frame, struct xb_pings_order *order)
{
    if (frame->type != XB_RECORD_PINGS || frame->body_bytes != sizeof(*order))
        return -1;
    memcpy(order, frame->body, sizeof(*order));
    return order->count >= 1 && order->count <= XB_PINGS_MAX ? 0 : -1;
}

size_t xb_pings_pack(uint8_t out[XB_RECORD_MAX], const struct xb_pinging *pinging)
{
    size_t bytes = pinging->count * sizeof(*pinging->times);
    memcpy(put_number(out, pinging->order.dom0_ns), pinging->times, bytes);
    return NUMBER_BYTES + bytes;
}

int xb_pings_unpack(const struct xb_frame *frame, struct xb_pinging *pinging)
{
    uint64_t dom0_ns;
    if (frame->type != XB_RECORD_PINGS || frame->body_bytes <= NUMBER_BYTES)
        return -1;
    size_t bytes = frame->body_bytes - NUMBER_BYTES, one = sizeof(*pinging->times);
    if (bytes % one != 0 || bytes / one > XB_PINGS_MAX)
        return -1;
    const uint8_t *times = get_number(frame->body, &dom0_ns);
    if (!pinging || dom0_ns != pinging->order.dom0_ns)
        return 0;
    if (bytes / one > pinging->order.count)
        return -1;
    memcpy(pinging->times, times, bytes);
    pinging->count = (uint32_t)(bytes / one);
    return 0;
}
