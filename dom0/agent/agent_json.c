/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent_json.h"

#include "base.h"
#include "json_text.h"

#include <ctype.h>
#include <string.h>

static json_t *unsigned_json(uint64_t n)
{
    return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/*
 * OUTCOME_EXEC_FAILED of enum Outcome becomes "exec_failed"; a value unknown to us, of a newer
 * agent, stays a number.
 */
static json_t *enum_json(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    const char *word = named ? strchr(named->name, '_') : NULL;
    if (!word)
        return json_integer(value);
    char lower[64];
    size_t n = 0;
    for (word++; n < sizeof(lower) - 1 && word[n]; n++)
        lower[n] = (char)tolower((unsigned char)word[n]);
    lower[n] = '\0';
    return json_string(lower);
}

/* A member as JSON; NULL for types that the schema does not use. */
static json_t *member_json(const ProtobufCFieldDescriptor *field, const void *member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT32:
        return unsigned_json(*(const uint32_t *)member);
    case PROTOBUF_C_TYPE_INT32:
        return json_integer(*(const int32_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
        return unsigned_json(*(const uint64_t *)member);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)member);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_json(field->descriptor, *(const int *)member);
    case PROTOBUF_C_TYPE_STRING:
        return xb_text_json(*(const char *const *)member, strlen(*(const char *const *)member));
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(const void *const *)member ? xb_msg_json(*(const ProtobufCMessage *const *)member)
                                            : NULL;
    default:
        return NULL;
    }
}

static json_t *list_json(size_t count, ProtobufCMessage *const *items)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        json_array_append_new(list, xb_msg_json(items[i]));
    return list;
}

json_t *xb_msg_json(const ProtobufCMessage *msg)
{
    json_t *object = json_object();
    for (unsigned i = 0; object && i < msg->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &msg->descriptor->fields[i];
        const uint8_t *base = (const uint8_t *)msg;
        const void *member = base + field->offset;
        json_t *value = NULL;
        if (field->label != PROTOBUF_C_LABEL_REPEATED)
            value = member_json(field, member);
        else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            value = list_json(*(const size_t *)(base + field->quantifier_offset),
                              *(ProtobufCMessage *const *const *)member);
        if (value)
            json_object_set_new(object, field->name, value);
    }
    return object;
}
