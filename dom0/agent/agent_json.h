/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message as JSON, with every field named as in proto/xenbench.proto.
 */
#ifndef XB_AGENT_JSON_H
#define XB_AGENT_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/*
 * Returns a new object, or NULL if out of memory. Enums lose their prefix and become lower case
 * ("exited"), bytes and repeated scalars are left out, numbers are capped at 2^63 - 1.
 */
json_t *xb_msg_json(const ProtobufCMessage *msg);

#endif
