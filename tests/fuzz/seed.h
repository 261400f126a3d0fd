/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For programs that write seeds: making inputs from frames. */
#ifndef XB_FUZZ_SEED_H
#define XB_FUZZ_SEED_H

#include "base.h"
#include "frame.h"
#include "xenbench.pb-c.h"

struct seed {
    uint8_t bytes[8192];
    size_t count;
};

static inline void seed_put(struct seed *seed, uint16_t type, uint32_t job_id,
                            const ProtobufCMessage *msg)
{
    size_t body = msg ? protobuf_c_message_get_packed_size(msg) : 0;
    if (seed->count + XB_FRAME_HEADER_BYTES + body > sizeof(seed->bytes))
        abort();
    xb_frame_encode_header(seed->bytes + seed->count, type, job_id, (uint32_t)body);
    seed->count += XB_FRAME_HEADER_BYTES;
    if (msg)
        protobuf_c_message_pack(msg, seed->bytes + seed->count);
    seed->count += body;
}

static inline void seed_write(const char *folder, const char *name, const struct seed *seed)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    xb_auto_fclose FILE *file = fopen(path, "we");
    if (!file || fwrite(seed->bytes, seed->count, 1, file) != 1) {
        perror(path);
        exit(1);
    }
}

#endif
