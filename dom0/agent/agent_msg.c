/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unpacks frames into messages: accepts only the types that an agent may send, and makes strings
 * safe for terminals and JSON.
 */
#include "agent_msg.h"

#include "base.h"
#include "escape.h"
#include "xenbench.pb-c.h"

#include <string.h>

static const ProtobufCMessageDescriptor *const descriptors[] = {
    [XB_HELLO] = &xb__hello__descriptor,     [XB_ERROR] = &xb__error__descriptor,
    [XB_PONG] = &xb__pong__descriptor,       [XB_STATUS] = &xb__status__descriptor,
    [XB_ARMED] = &xb__armed__descriptor,     [XB_OUTPUT] = &xb__output__descriptor,
    [XB_RESULT] = &xb__result__descriptor,   [XB_DATA] = &xb__data__descriptor,
    [XB_END] = &xb__end__descriptor,         [XB_DONE] = &xb__done__descriptor,
    [XB_PULLING] = &xb__pulling__descriptor, [XB_ACCEPT] = &xb__accept__descriptor,
};

const ProtobufCMessageDescriptor *xb_msg_descriptor(uint16_t type)
{
    return type < XB_ARRAY_LEN(descriptors) ? descriptors[type] : NULL;
}

void xb_msg_clean(char *s, size_t max_bytes)
{
    size_t bytes = strlen(s);
    if (bytes > max_bytes)
        s[bytes = max_bytes] = '\0';
    for (size_t i = 0; i < bytes;) {
        size_t n = xb_printable((const uint8_t *)s + i, bytes - i);
        if (n == 0)
            s[i++] = '?';
        else
            i += n;
    }
}

/* Clean every string of a message, at any depth; the schema bounds the depth. */
static void clean_strings(ProtobufCMessage *msg)
{
    const ProtobufCMessageDescriptor *d = msg->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        void *member = (uint8_t *)msg + field->offset;
        bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        size_t count = repeated ? *(size_t *)((uint8_t *)msg + field->quantifier_offset) : 1;
        void **items = repeated ? *(void ***)member : member;
        for (size_t k = 0; k < count; k++) {
            if (items[k] && field->type == PROTOBUF_C_TYPE_STRING)
                xb_msg_clean(items[k], XB_MSG_STRING_MAX);
            else if (items[k])
                clean_strings(items[k]);
        }
    }
}

ProtobufCMessage *xb_msg_unpack(const struct xb_frame *frame, struct xb_err *err)
{
    const ProtobufCMessageDescriptor *descriptor = xb_msg_descriptor(frame->type);
    if (!descriptor) {
        xb_fail(err, XB_E_BENCH, 0, "it sent a frame of type %u (%s), which agents never send",
                frame->type, xb_type_name(frame->type));
        return NULL;
    }
    ProtobufCMessage *msg =
        protobuf_c_message_unpack(descriptor, NULL, frame->body_bytes, frame->body);
    if (!msg) {
        xb_fail(err, XB_E_BENCH, 0, "it sent a malformed %s", xb_type_name(frame->type));
        return NULL;
    }
    clean_strings(msg);
    return msg;
}
