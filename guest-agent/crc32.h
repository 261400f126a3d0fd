/* The CRC of zlib, gzip and Ethernet (ISO 3309, reflected polynomial 0xEDB88320). */
#ifndef XA_CRC32_H
#define XA_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continue crc (0 at the start) over data; equal to zlib's crc32(). */
uint32_t xa_crc32(uint32_t crc, const void *data, size_t bytes);

#endif
