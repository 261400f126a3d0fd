/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_format.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

uint32_t xb_stream_crc(uint32_t crc, const void *data, size_t bytes)
{
    return (uint32_t)crc32_z(crc, data, bytes);
}

uint32_t xb_stream_crc_join(uint32_t crc, uint32_t next, size_t bytes)
{
    return (uint32_t)crc32_combine(crc, next, (z_off_t)bytes);
}

static void put32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static uint64_t get64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

void xb_stream_encode_head(enum xb_stream_version version, uint8_t out[XB_STREAM_HEAD_BYTES])
{
    memset(out, 0, XB_STREAM_HEAD_BYTES);
    memcpy(out, XB_STREAM_MAGIC, XB_STREAM_MAGIC_BYTES);
    put32(out + 8, version);
    put32(out + 28, xb_stream_crc(0, out, 28));
}

int xb_stream_check_head(const uint8_t head[XB_STREAM_HEAD_BYTES], enum xb_stream_version *version,
                         struct xb_err *err)
{
    uint32_t of = get32(head + 8);
    if (memcmp(head, XB_STREAM_MAGIC, XB_STREAM_MAGIC_BYTES) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "this is not a stream of xenbench");
    if (!xb_stream_crc_fits(xb_stream_crc(0, head, 28), get32(head + 28)))
        return xb_fail(err, XB_E_INPUT, 0, "the stream's head is damaged");
    if (of != XB_STREAM_OF_FILES && of != XB_STREAM_OF_FLOWS)
        return xb_fail(err, XB_E_INPUT, 0,
                       "the stream has version %u, this xenbench reads versions up to %d", of,
                       XB_STREAM_OF_FLOWS);
    *version = of;
    return 0;
}

void xb_record_encode(const struct xb_record *record, uint8_t out[XB_RECORD_HEAD_BYTES])
{
    memset(out, 0, XB_RECORD_HEAD_BYTES);
    put32(out, record->type);
    put32(out + 4, record->number);
    put64(out + 8, record->offset);
    put64(out + 16, record->length);
    put32(out + 24, record->payload_bytes);
    put32(out + 28, record->payload_crc);
    put32(out + 36, xb_stream_crc(0, out, 36));
}

bool xb_record_decode(const uint8_t head[XB_RECORD_HEAD_BYTES], struct xb_record *out)
{
    if (!xb_stream_crc_fits(xb_stream_crc(0, head, 36), get32(head + 36)))
        return false;
    *out = (struct xb_record){
        .type = get32(head),
        .number = get32(head + 4),
        .offset = get64(head + 8),
        .length = get64(head + 16),
        .payload_bytes = get32(head + 24),
        .payload_crc = get32(head + 28),
    };
    return true;
}

bool xb_stream_name_ok(const char *name, size_t bytes)
{
    if (bytes == 0 || bytes > XB_STREAM_NAME_MAX || name[0] == '.')
        return false;
    for (size_t i = 0; i < bytes; i++)
        if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') ||
              name[i] == '.'))
            return false;
    return true;
}
