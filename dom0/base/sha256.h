/*
 * The SHA-256 of a small file, by the kernel's own implementation (AF_ALG).
 */
#ifndef XB_SHA256_H
#define XB_SHA256_H

#include <stdbool.h>

#define XB_SHA256_HEX_BYTES 65

/* False where the file cannot be read or the kernel has no AF_ALG. */
bool xb_sha256_file(const char *path, char hex[XB_SHA256_HEX_BYTES]);

#endif
