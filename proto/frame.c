/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frame.h"

static const char *const names[] = {
    [XB_HELLO] = "HELLO",
    [XB_ERROR] = "ERROR",
    [XB_PING] = "PING",
    [XB_PONG] = "PONG",
    [XB_STATUS_REQUEST] = "STATUS_REQUEST",
    [XB_STATUS] = "STATUS",
    [XB_ARM] = "ARM",
    [XB_ARMED] = "ARMED",
    [XB_RELEASE] = "RELEASE",
    [XB_CANCEL] = "CANCEL",
    [XB_KILL] = "KILL",
    [XB_OUTPUT] = "OUTPUT",
    [XB_CREDIT] = "CREDIT",
    [XB_RESULT] = "RESULT",
    [XB_FETCH] = "FETCH",
    [XB_FORGET] = "FORGET",
    [XB_PUSH] = "PUSH",
    [XB_DATA] = "DATA",
    [XB_END] = "END",
    [XB_DONE] = "DONE",
    [XB_PULL] = "PULL",
    [XB_PULLING] = "PULLING",
    [XB_QUIESCE] = "QUIESCE",
    [XB_PART] = "PART",
    [XB_INPUT] = "INPUT",
    [XB_ACCEPT] = "ACCEPT",
    [XB_RESIZE] = "RESIZE",
};

const char *xb_type_name(uint16_t type)
{
    if (type < sizeof(names) / sizeof(names[0]) && names[type])
        return names[type];
    return "type ?";
}

static void put_le(uint8_t *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_le(const uint8_t *in, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)in[i] << (8 * i);
    return value;
}

void xb_frame_encode_header(uint8_t *out, uint16_t type, uint32_t job_id, uint32_t body_bytes)
{
    put_le(out, body_bytes, 4);
    put_le(out + 4, type, 2);
    put_le(out + 6, 0, 2);
    put_le(out + 8, job_id, 4);
}

long xb_frame_decode(const uint8_t *buf, size_t bytes, struct xb_frame *frame, struct xb_err *err)
{
    if (bytes < XB_FRAME_HEADER_BYTES)
        return 0;
    uint32_t body_bytes = get_le(buf, 4);
    if (body_bytes > XB_FRAME_BODY_MAX)
        return xb_fail(err, XB_E_BENCH, 0, "frame of %u bytes, the limit is %zu", body_bytes,
                       XB_FRAME_BODY_MAX);
    if (get_le(buf + 6, 2) != 0)
        return xb_fail(err, XB_E_BENCH, 0, "frame header with reserved bits set");
    if (bytes < XB_FRAME_HEADER_BYTES + (size_t)body_bytes)
        return 0;
    frame->type = (uint16_t)get_le(buf + 4, 2);
    frame->job_id = get_le(buf + 8, 4);
    frame->body = buf + XB_FRAME_HEADER_BYTES;
    frame->body_bytes = body_bytes;
    return (long)(XB_FRAME_HEADER_BYTES + body_bytes);
}
