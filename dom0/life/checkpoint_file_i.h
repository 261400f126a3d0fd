/*
 * What the writer and the reader of a checkpoint's file share.
 */
#ifndef XB_CHECKPOINT_FILE_I_H
#define XB_CHECKPOINT_FILE_I_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define XB_CHECKPOINT_MAGIC "xbckpt1\n"
#define XB_CHECKPOINT_MAGIC_BYTES 8
#define XB_CHECKPOINT_FORMAT 1

static inline void xb_put_le32(unsigned char *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static inline uint32_t xb_get_le32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

#endif
