/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends a message longer than a frame in pieces (PART), which the agent joins. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"
#include "keys.h"

#include <errno.h>

#define ROOM_TIMEOUT_NS (60 * XB_NS_PER_S)
#define FRAME_ROOM (XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX)

static int check_bounds(const struct xb_agent *agent, uint16_t type, size_t bytes,
                        struct xb_err *err)
{
    if (type != XB_ARM)
        return xb_fail(err, XB_E_INPUT, EMSGSIZE, "%s of %zu bytes", xb_type_name(type), bytes);
    if (agent->hello->minor < XB_MINOR_PARTS)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "the command and its environment take %zu bytes, and its agent (protocol %u.%u) "
            "accepts %zu: update the agent, or push a script and run that",
            bytes, agent->hello->major, agent->hello->minor, XB_FRAME_BODY_MAX);
    if (bytes > XB_MESSAGE_MAX)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the command and its environment take %zu bytes, and the limit is %zu: "
                       "push a script and run that",
                       bytes, XB_MESSAGE_MAX);
    return 0;
}

static int await_room(struct xb_agent *agent, uint16_t type, uint32_t job_id, struct xb_err *err)
{
    struct xb_call call = {.request = type, .job_id = job_id, .room = XB_LINK_QUEUE_BYTES / 2};
    ProtobufCMessage *early = NULL;
    if (xb_agent_await(agent, &call, &early, ROOM_TIMEOUT_NS, err) < 0)
        return -1;
    if (!early)
        return 0;
    protobuf_c_message_free_unpacked(early, NULL);
    return xb_fail(err, XB_E_BENCH, 0, "its agent answered %s before it had all of it",
                   xb_type_name(type));
}

static int send_piece(struct xb_agent *agent, uint32_t job_id, const uint8_t *data, size_t bytes,
                      struct xb_err *err)
{
    Xb__Part part = XB__PART__INIT;
    part.data = (ProtobufCBinaryData){.len = bytes, .data = (uint8_t *)data};
    if (xb_expect_sent(&agent->expect, XB_PART, job_id, &part.base, err) < 0)
        return -1;
    return xb_agent_sent(agent, xb_link_send(agent->link, XB_PART, job_id, &part.base, err));
}

static int send_pieces(struct xb_agent *agent, uint32_t job_id, const uint8_t *packed, size_t bytes,
                       bool may_wait, struct xb_err *err)
{
    for (size_t done = 0; done < bytes; done += XB_DATA_MAX) {
        if (may_wait && xb_link_room(agent->link) < 2 * FRAME_ROOM &&
            await_room(agent, XB_ARM, job_id, err) < 0)
            return -1;
        if (send_piece(agent, job_id, packed + done, XB_DATA_MAX, err) < 0)
            return -1;
    }
    return 0;
}

int xb_agent_send_parts(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                        const ProtobufCMessage *msg, bool may_wait, struct xb_err *err)
{
    size_t bytes = protobuf_c_message_get_packed_size(msg);
    if (check_bounds(agent, type, bytes, err) < 0)
        return -1;
    if (!may_wait && bytes + bytes / 8 > xb_link_room(agent->link))
        return xb_fail(err, XB_E_BENCH, ENOBUFS, "send %s of %zu bytes at once", xb_type_name(type),
                       bytes);
    xb_auto_free uint8_t *packed = xb_malloc(bytes);
    protobuf_c_message_pack(msg, packed);
    size_t last = (bytes - 1) / XB_DATA_MAX * XB_DATA_MAX;
    if (send_pieces(agent, job_id, packed, last, may_wait, err) < 0 ||
        xb_expect_sent(&agent->expect, type, job_id, msg, err) < 0) {
        xb_agent_drop(agent); /* the agent waits for the rest, and accepts nothing else */
        return -1;
    }
    return xb_agent_sent(
        agent, xb_link_send_packed(agent->link, type, job_id, packed + last, bytes - last, err));
}
