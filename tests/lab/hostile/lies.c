/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on a connection, or on a frame of the agent on its way to Dom0. */
#include "hostile.h"

#include "xenbench.pb-c.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define TEN_GB (UINT64_C(10) << 30)

/* Append a field to a message: of several values for a field, the last counts. */
static uint8_t *put_varint(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

static uint8_t *put_number(uint8_t *at, unsigned field, uint64_t number)
{
    return put_varint(put_varint(at, field << 3), number);
}

static uint8_t *put_evil(uint8_t *at, unsigned field)
{
    at = put_varint(put_varint(at, field << 3 | 2), sizeof(EVIL) - 1);
    memcpy(at, EVIL, sizeof(EVIL) - 1);
    return at + sizeof(EVIL) - 1;
}

/* Copy the frame's body into room, where more fits after it. Returns the end of the copy. */
static uint8_t *move_body(struct xb_frame *frame, uint8_t *room)
{
    memcpy(room, frame->body, frame->body_bytes);
    frame->body = room;
    return room + frame->body_bytes;
}

static void grow_body(struct xb_frame *frame, const uint8_t *end)
{
    frame->body_bytes = (size_t)(end - frame->body);
}
void begin_storm(struct relay *r)
{
    r->storm = fork();
    if (r->storm != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
        xenevtchn_notify(r->vchan->event, r->vchan->event_port);
}

void end_storm(struct relay *r)
{
    if (r->storm > 0) {
        kill(r->storm, SIGKILL);
        waitpid(r->storm, NULL, 0);
    }
    r->storm = 0;
}

bool end_storm_with_job(struct relay *r, struct xb_frame *frame, uint8_t *room XB_UNUSED)
{
    if (frame->type == XB_RESULT)
        end_storm(r);
    return false;
}

void shake_indices(struct relay *r)
{
    uint64_t until_ns = xb_now_ns() + 2 * XB_NS_PER_S;
    for (unsigned i = 0; xb_now_ns() < until_ns; i++) {
        fill_pages(r->vchan, i);
        if (i % 7 == 0)
            lie_about_order(r->vchan, i);
        xenevtchn_notify(r->vchan->event, r->vchan->event_port);
        nap(XB_NS_PER_MS);
    }
    r->ends = true;
}

/* Send half of the frame, bypassing the link. */
static void send_half(struct relay *r, const struct xb_frame *frame)
{
    uint8_t header[XB_FRAME_HEADER_BYTES];
    struct xb_channel *ch = xb_link_channel(r->dom0);
    xb_frame_encode_header(header, frame->type, frame->job_id, (uint32_t)frame->body_bytes);
    ch->ops->write(ch, header, sizeof(header));
    ch->ops->write(ch, frame->body, frame->body_bytes / 2);
}

bool end_in_mid_frame(struct relay *r, struct xb_frame *frame, uint8_t *room XB_UNUSED)
{
    if (frame->type != XB_RESULT)
        return false;
    send_half(r, frame);
    nap(100 * XB_NS_PER_MS); /* let the other side begin to read it */
    r->ends = true;
    return true;
}

bool stop_in_mid_frame(struct relay *r, struct xb_frame *frame, uint8_t *room XB_UNUSED)
{
    if (frame->type != XB_RESULT)
        return false;
    send_half(r, frame);
    r->silent = true;
    return true;
}

bool lie_about_times(struct relay *r, struct xb_frame *frame, uint8_t *room)
{
    static const uint64_t times[] = {UINT64_MAX, 0, 1, UINT64_C(1) << 63};
    unsigned turn = r->harm->turn++;
    if (frame->type != XB_RESULT)
        return false;
    uint8_t *at = move_body(frame, room);
    at = put_number(at, 4, times[turn % 4]);
    at = put_number(at, 5, times[(turn + 1) % 4]);
    at = put_number(at, 6, times[(turn / 2 + 2) % 4]); /* ended_ns */
    for (unsigned field = 7; field <= 17; field++)
        at = put_number(at, field, UINT64_MAX);
    at = put_number(at, 42, UINT64_MAX); /* late_ns */
    grow_body(frame, put_number(at, 25, UINT64_MAX));
    return false;
}

/* Two false clocks: one runs backwards, the other stands at the greatest number. */
bool lie_about_clock(struct relay *r, struct xb_frame *frame, uint8_t *room)
{
    if (frame->type != XB_PONG)
        return false;
    uint8_t *at = move_body(frame, room);
    bool greatest = r->harm->turn / 40 % 2 == 1;
    uint64_t now_ns =
        greatest ? UINT64_MAX : (UINT64_C(1) << 40) - 1000000 * (uint64_t)r->harm->turn;
    at = put_number(at, 3, now_ns);
    grow_body(frame, put_number(at, 4, greatest ? UINT64_MAX : now_ns - 1));
    r->harm->turn++;
    return false;
}

bool say_evil(struct relay *r XB_UNUSED, struct xb_frame *frame, uint8_t *room)
{
    static const struct {
        uint16_t type;
        uint8_t fields[6];
    } strings[] = {
        {XB_HELLO, {3, 4}},
        {XB_STATUS, {4, 5, 6, 7}},
        {XB_RESULT, {3, 18, 41}},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(strings); i++) {
        if (frame->type != strings[i].type)
            continue;
        uint8_t *at = move_body(frame, room);
        for (const uint8_t *field = strings[i].fields; *field; field++)
            at = put_evil(at, *field);
        grow_body(frame, at);
    }
    return false;
}

bool claim_output(struct relay *r XB_UNUSED, struct xb_frame *frame, uint8_t *room)
{
    static const unsigned fields[] = {19, 20, 21, 22};
    if (frame->type != XB_RESULT)
        return false;
    uint8_t *at = move_body(frame, room);
    for (size_t i = 0; i < XB_ARRAY_LEN(fields); i++)
        at = put_number(at, fields[i], TEN_GB);
    grow_body(frame, at);
    return false;
}

static bool has_room(struct relay *r, size_t bytes)
{
    while (xb_link_room(r->dom0) < bytes) {
        struct pollfd fd = {.fd = xb_link_fd(r->dom0), .events = POLLIN};
        poll(&fd, 1, 100);
        if (xb_link_pump(r->dom0, fd.revents, NULL) < 0 || is_over(r->harm))
            return false;
    }
    return true;
}

/* The offset at which a FETCH wants the stream to continue. */
static uint64_t asked_offset(const struct xb_frame *asked)
{
    Xb__Fetch *fetch = xb__fetch__unpack(NULL, asked->body_bytes, asked->body);
    uint64_t offset = fetch ? fetch->offset : 0;
    if (fetch)
        xb__fetch__free_unpacked(fetch, NULL);
    return offset;
}

/* Send endless output, whatever the credit. */
void flood(struct relay *r, const struct xb_frame *asked)
{
    static uint8_t body[XB_DATA_MAX + 64];
    uint64_t offset = asked_offset(asked);
    while (offset < 2 * TEN_GB && has_room(r, sizeof(body) + XB_FRAME_HEADER_BYTES)) {
        uint8_t *at = put_number(put_number(body, 1, 1), 2, offset);
        at = put_varint(put_varint(at, 3 << 3 | 2), XB_DATA_MAX) + XB_DATA_MAX;
        if (xb_link_send_packed(r->dom0, XB_OUTPUT, asked->job_id, body, (size_t)(at - body),
                                NULL) < 0)
            break;
        offset += XB_DATA_MAX;
    }
    r->ends = true;
}
