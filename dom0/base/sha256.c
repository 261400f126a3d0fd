/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sha256.h"

#include "base.h"
#include "tool.h"

#include <string.h>

/*
 * Run sha256sum: not every Dom0 has the module for the kernel's implementation (AF_ALG), and no
 * library that we link anyway implements it.
 */
bool xb_sha256_file(const char *path, char hex[XB_SHA256_HEX_BYTES])
{
    const char *const argv[] = {"sha256sum", "--", path, NULL};
    struct xb_err ignored = {0};
    xb_auto_free char *out = NULL;
    if (xb_tool(argv, &out, &ignored, "hash %s", path) < 0)
        return false;
    /* A backslash precedes the digest if the name needed escaping. */
    const char *digest = out + (*out == '\\');
    if (strspn(digest, "0123456789abcdef") != XB_SHA256_HEX_BYTES - 1)
        return false;
    snprintf(hex, XB_SHA256_HEX_BYTES, "%s", digest);
    return true;
}
