/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent_keys.h"

#include <stdbool.h>
#include <string.h>

static bool all_digits(const char *value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (value[i] < '0' || value[i] > '9')
            return false;
    return bytes > 0;
}

/* The number that the digits spell; the caller limits their count, so that 64 bits suffice. */
static uint64_t digits_value(const char *value, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bytes; i++)
        n = n * 10 + (uint64_t)(value[i] - '0');
    return n;
}

int xb_key_number(const char *key, const char *value, size_t bytes, uint32_t *out,
                  struct xb_err *err)
{
    if (bytes > 10 || !all_digits(value, bytes) || value[0] == '0')
        return xb_fail(err, XB_E_BENCH, 0, "xenstore key %s holds no positive number", key);
    uint64_t n = digits_value(value, bytes);
    if (n > UINT32_MAX)
        return xb_fail(err, XB_E_BENCH, 0, "xenstore key %s holds a number of more than 32 bits",
                       key);
    *out = (uint32_t)n;
    return 0;
}

int xb_check_major(uint32_t major, uint32_t minor, struct xb_err *err)
{
    if (major == XB_PROTOCOL_MAJOR)
        return 0;
    return xb_fail(
        err, XB_E_BENCH, 0,
        "the agent speaks protocol %u.%u, this xenbench %d.%d: rebuild the guest's image, or "
        "install the matching xenbench",
        major, minor, XB_PROTOCOL_MAJOR, XB_PROTOCOL_MINOR);
}

int xb_key_protocol(const char *value, size_t bytes, struct xb_err *err)
{
    const char *dot = memchr(value, '.', bytes);
    size_t major_bytes = dot ? (size_t)(dot - value) : 0;
    size_t minor_bytes = dot ? bytes - major_bytes - 1 : 0;
    if (!dot || major_bytes > 3 || minor_bytes > 3 || !all_digits(value, major_bytes) ||
        !all_digits(dot + 1, minor_bytes))
        return xb_fail(err, XB_E_BENCH, 0, "xenstore key %s holds no version such as 1.0",
                       XB_KEY_PROTOCOL);
    return xb_check_major((uint32_t)digits_value(value, major_bytes),
                          (uint32_t)digits_value(dot + 1, minor_bytes), err);
}
