#include "sha256.h"

#include "base.h"
#include "tool.h"

#include <string.h>

/*
 * By coreutils: the kernel's own implementation (AF_ALG) is a module that not every Dom0 has, and no
 * library that is linked anyhow has one.
 */
bool xb_sha256_file(const char *path, char hex[XB_SHA256_HEX_BYTES])
{
    const char *const argv[] = {"sha256sum", "--", path, NULL};
    struct xb_err ignored = {0};
    xb_auto_free char *out = NULL;
    if (xb_tool(argv, &out, &ignored, "hash %s", path) < 0)
        return false;
    /* A backslash stands before the digest where the name needs one, too. */
    const char *digest = out + (*out == '\\');
    if (strspn(digest, "0123456789abcdef") != XB_SHA256_HEX_BYTES - 1)
        return false;
    snprintf(hex, XB_SHA256_HEX_BYTES, "%s", digest);
    return true;
}
