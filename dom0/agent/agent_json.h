/*
 * A message as JSON, field by field as proto/xenbench.proto names them: nothing that an agent tells
 * is left out.
 */
#ifndef XB_AGENT_JSON_H
#define XB_AGENT_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/*
 * A new object, NULL where memory is short. Enums lose their first word and their capitals
 * ("exited"), bytes and repeated scalars are left out, numbers beyond 2^63 - 1 are cut to that.
 */
json_t *xb_msg_json(const ProtobufCMessage *msg);

/*
 * Text from a guest as a JSON string: as it is where it is UTF-8, else with \xHH for what is not.
 */
json_t *xb_text_json(const char *text, size_t bytes);

#endif
