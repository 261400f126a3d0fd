/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any record from a session process is refused or becomes a message within bounds. The input: the
 * message's type, whether its chunk is the large one, and bytes that overwrite a good record.
 * For: dom0/agent/record.c
 */
#include "agent_msg.h"
#include "base.h"
#include "escape.h"
#include "record.h"
#include "xenbench.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint8_t record[XB_RECORD_MAX], again[XB_RECORD_MAX], chunk[XB_DATA_MAX];

/* Fill record with a good one of this type. Returns its length; 0 if no message has the type. */
static size_t lay_out(uint16_t type, bool large)
{
    struct xb_err err = {0};
    const ProtobufCMessageDescriptor *d = xb_msg_descriptor(type);
    if (!d)
        return 0;
    ProtobufCMessage *msg = calloc(1, d->sizeof_message);
    protobuf_c_message_init(d, msg);
    for (unsigned i = 0; large && i < d->n_fields; i++)
        if (d->fields[i].type == PROTOBUF_C_TYPE_BYTES)
            *(ProtobufCBinaryData *)((uint8_t *)msg + d->fields[i].offset) =
                (ProtobufCBinaryData){sizeof(chunk), chunk};
    long length = xb_record_pack(record, msg, &err);
    free(msg);
    if (length < 0 || (size_t)length > XB_RECORD_MAX)
        abort();
    return (size_t)length;
}

static void take_parting(const uint8_t *data, size_t bytes)
{
    struct xb_err why = {0};
    bool closed;
    struct xb_frame frame = {.type = XB_RECORD_PARTING, .body = record};
    frame.body_bytes = xb_parting_pack(record, false, &why);
    memcpy(record, data, bytes < frame.body_bytes ? bytes : frame.body_bytes);
    if (xb_parting_unpack(&frame, &closed, &why) < 0)
        return;
    if (why.class < XB_E_BENCH || why.class > XB_E_HOST)
        abort();
    for (size_t i = 0, n; why.msg[i]; i += n)
        if ((n = xb_printable((const uint8_t *)why.msg + i, strlen(why.msg + i))) == 0)
            abort();
}

static void take_pings(const uint8_t *data, size_t bytes)
{
    static struct xb_ping_times times[4];
    struct xb_pings_order order = {.count = XB_ARRAY_LEN(times)};
    const struct xb_frame frame = {XB_RECORD_PINGS, 0, data, bytes};
    struct xb_pinging pinging;
    bool named = bytes >= sizeof(order.dom0_ns) && data[0] & 1; /* do the times name our series? */
    if (named)
        memcpy(&order.dom0_ns, data, sizeof(order.dom0_ns));
    xb_pinging_begin(&pinging, &order, times);
    if (xb_pings_unpack(&frame, &pinging) == 0 && named &&
        (pinging.count < 1 || pinging.count > XB_ARRAY_LEN(times)))
        abort();
    if (pinging.count > XB_ARRAY_LEN(times))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    if (bytes < 4)
        return 0;
    struct xb_frame frame = {.type = data[0], .body = record};
    frame.body_bytes = lay_out(frame.type, data[1] & 1);
    size_t at = (size_t)(data[2] | data[3] << 8);
    take_parting(data + 4, bytes - 4);
    take_pings(data + 4, bytes - 4);
    if (at < frame.body_bytes)
        memcpy(record + at, data + 4,
               bytes - 4 < frame.body_bytes - at ? bytes - 4 : frame.body_bytes - at);
    if (data[1] & 2)
        frame.body_bytes = bytes < sizeof(record) ? bytes : sizeof(record);
    ProtobufCMessage *msg = xb_record_unpack(&frame, &err);
    if (!msg) {
        if (err.class != XB_E_BENCH)
            abort();
        return 0;
    }
    if (xb_record_pack(again, msg, &err) < 0)
        abort();
    protobuf_c_message_free_unpacked(msg, NULL);
    return 0;
}
