/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SHA-256 of a file.
 */
#ifndef XB_SHA256_H
#define XB_SHA256_H

#include <stdbool.h>

#define XB_SHA256_HEX_BYTES 65

/* False if the file cannot be read. */
bool xb_sha256_file(const char *path, char hex[XB_SHA256_HEX_BYTES]);

#endif
