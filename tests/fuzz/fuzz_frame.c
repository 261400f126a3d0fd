/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes through a link, in pieces of any size: each frame is found or refused, and every known
 * body is unpacked.
 * For: proto/frame.c proto/link.c
 */
#include "base.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A channel that delivers the input, at most `step` bytes at a time, and accepts nothing. */
struct input_channel {
    struct xb_channel base;
    const uint8_t *data;
    size_t bytes, step;
};

static ssize_t input_read(struct xb_channel *ch, void *buf, size_t bytes)
{
    struct input_channel *in = (struct input_channel *)ch;
    size_t n = in->step < bytes ? in->step : bytes;
    if (n > in->bytes)
        n = in->bytes;
    if (n == 0) {
        errno = EPIPE;
        return -1;
    }
    memcpy(buf, in->data, n);
    in->data += n;
    in->bytes -= n;
    return (ssize_t)n;
}

static ssize_t input_write(struct xb_channel *ch XB_UNUSED, const void *buf XB_UNUSED,
                           size_t bytes XB_UNUSED)
{
    return 0;
}

static short input_poll_events(const struct xb_channel *ch XB_UNUSED, bool want_write XB_UNUSED)
{
    return 0;
}

static int input_poll_done(struct xb_channel *ch XB_UNUSED, short revents XB_UNUSED)
{
    return 0;
}

static bool input_is_open(const struct xb_channel *ch XB_UNUSED)
{
    return true;
}

static void input_close(struct xb_channel *ch XB_UNUSED)
{
}

static const struct xb_channel_ops input_ops = {
    .name = "input",
    .read = input_read,
    .write = input_write,
    .poll_events = input_poll_events,
    .poll_done = input_poll_done,
    .is_open = input_is_open,
    .close = input_close,
};

static const ProtobufCMessageDescriptor *const descriptors[] = {
    &xb__hello__descriptor,   &xb__error__descriptor,   &xb__ping__descriptor,
    &xb__pong__descriptor,    &xb__status__descriptor,  &xb__arm__descriptor,
    &xb__armed__descriptor,   &xb__release__descriptor, &xb__kill__descriptor,
    &xb__output__descriptor,  &xb__credit__descriptor,  &xb__result__descriptor,
    &xb__fetch__descriptor,   &xb__push__descriptor,    &xb__data__descriptor,
    &xb__end__descriptor,     &xb__pull__descriptor,    &xb__pulling__descriptor,
    &xb__quiesce__descriptor,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 1)
        return 0;
    struct input_channel in = {
        .base = {.ops = &input_ops, .fd = -1}, .data = data + 1, .bytes = bytes - 1};
    in.step = data[0] ? data[0] : SIZE_MAX;
    struct xb_link *link;
    if (xb_link_new(&link, &in.base, NULL) < 0)
        return 0;
    struct xb_frame frame;
    struct xb_err err = {0};
    while (xb_link_next(link, &frame, &err) > 0) {
        const ProtobufCMessageDescriptor *descriptor =
            descriptors[frame.type % XB_ARRAY_LEN(descriptors)];
        ProtobufCMessage *msg =
            protobuf_c_message_unpack(descriptor, NULL, frame.body_bytes, frame.body);
        if (msg)
            protobuf_c_message_free_unpacked(msg, NULL);
    }
    xb_link_free(link);
    return 0;
}
